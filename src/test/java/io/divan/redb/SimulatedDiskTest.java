package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Tests that the simulated disk loses exactly what a real disk may lose. The crash tests rely on
 * it.
 */
class SimulatedDiskTest {

  private static byte[] filled(int count, int value) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static void write(SimulatedDisk disk, long position, byte[] bytes) throws IOException {
    disk.write(position, bytes, 0, bytes.length);
  }

  @Test
  void crash_keepsWhatIsSynced() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.setLength(10_000);
    write(disk, 100, filled(9_000, 7));
    disk.sync();
    byte[] synced = disk.image().content();
    write(disk, 9_500, filled(10, 8));
    for (int seed = 0; seed < 1_000; seed++) {
      byte[] found = disk.current().crash(1, seed).content();
      assertThat(Arrays.copyOf(found, 9_216)).isEqualTo(Arrays.copyOf(synced, 9_216));
    }
  }

  @Test
  void crash_tearsAtSectorsInAnyOrder() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.setLength(3 * 512);
    disk.sync();
    write(disk, 0, filled(1024, 1));
    write(disk, 512, filled(1024, 2));
    Set<String> seen = new HashSet<>();
    for (int seed = 0; seed < 20_000; seed++) {
      byte[] found = disk.current().crash(2, seed).content();
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isEqualTo(found[i / 512 * 512]);
      }
      seen.add("" + found[0] + found[512] + found[1024]);
    }
    // The first write, whole or torn, overlaid with the second write, whole or torn.
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "000", "010", "020", "100", "110", "120", "002", "012", "022", "102", "112", "122");
  }

  @Test
  void crash_losesWritesBeyondALostExtension() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.setLength(1000);
    disk.sync();
    disk.setLength(9000);
    write(disk, 500, filled(8000, 3));
    Set<Long> lengths = new HashSet<>();
    boolean zeros = false;
    boolean shortWrite = false;
    for (int seed = 0; seed < 1_000; seed++) {
      Blocks.Image found = disk.current().crash(2, seed);
      lengths.add(found.length());
      byte[] content = found.content();
      zeros |= content.length == 9000 && content[8000] == 0;
      shortWrite |= content.length == 1000 && content[999] == 3;
    }
    assertThat(lengths).containsExactlyInAnyOrder(1000L, 9000L);
    assertThat(zeros).isTrue();
    assertThat(shortWrite).isTrue();
  }

  @Test
  void setLength_shorterThenLonger_zeros() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.setLength(20_000);
    write(disk, 0, filled(20_000, 5));
    disk.setLength(5_000);
    disk.setLength(20_000);
    byte[] content = disk.image().content();
    assertThat(Arrays.copyOf(content, 5_000)).isEqualTo(filled(5_000, 5));
    assertThat(Arrays.copyOfRange(content, 5_000, 20_000)).isEqualTo(new byte[15_000]);
  }

  @Test
  void image_isNotChangedByLaterWrites() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.setLength(5_000);
    Blocks.Image before = disk.image();
    write(disk, 4_000, filled(500, 9));
    assertThat(before.content()).isEqualTo(new byte[5_000]);
    byte[] part = new byte[300];
    disk.read(3_900, part, 100, 200);
    assertThat(part[199]).isZero();
    assertThat(part[200]).isEqualTo((byte) 9);
  }

  @Test
  void epochs_splitTheChangesAtSyncs() throws IOException {
    SimulatedDisk disk = new SimulatedDisk().recording();
    disk.setLength(4096);
    write(disk, 0, filled(10, 1));
    disk.sync();
    write(disk, 10, filled(10, 1));
    assertThat(disk.epochs()).extracting(Epoch::first).containsExactly(0L, 3L);
    assertThat(disk.epochs()).extracting(e -> e.changes().size()).containsExactly(2, 1);
    assertThat(disk.position()).isEqualTo(4);
  }

  @Test
  void kill_leavesChangesThatACrashCanLose() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.setLength(512);
    disk.sync();
    write(disk, 0, filled(512, 1));
    SimulatedDisk next = disk.current().kill(1);
    assertThat(next.image().content()).isEqualTo(filled(512, 1));
    Set<Byte> seen = new HashSet<>();
    for (int seed = 0; seed < 100; seed++) {
      seen.add(next.current().crash(1, seed).content()[0]);
    }
    assertThat(seen).containsExactlyInAnyOrder((byte) 0, (byte) 1);
  }

  @Test
  void fail_failsTheGivenNumberOfTimes() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.setLength(100);
    disk.fail(SimulatedDisk.Operation.SYNC, 2, 2);
    disk.sync();
    assertThatThrownBy(disk::sync).isInstanceOf(IOException.class);
    assertThatThrownBy(disk::sync).isInstanceOf(IOException.class);
    disk.sync();
    assertThat(disk.count(SimulatedDisk.Operation.SYNC)).isEqualTo(4);
  }

  @Test
  void fullFrom_rejectsGreaterLengths() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.setLength(100);
    disk.fullFrom(1000);
    disk.setLength(1000);
    assertThatThrownBy(() -> disk.setLength(1001)).hasMessageContaining("No space left");
    assertThat(disk.length()).isEqualTo(1000);
  }

  @Test
  void rules_areEnforced() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    disk.setLength(100);
    assertThatThrownBy(() -> write(disk, 95, filled(10, 1))).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> disk.read(95, new byte[10], 0, 10)).isInstanceOf(IOException.class);
    disk.readsAtMost(1);
    disk.read(0, new byte[10], 0, 10);
    assertThatThrownBy(() -> disk.read(0, new byte[10], 0, 10))
        .isInstanceOf(AssertionError.class);
    disk.close();
    assertThatThrownBy(disk::sync).isInstanceOf(IOException.class);
  }
}
