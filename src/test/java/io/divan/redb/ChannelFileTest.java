package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChannelFileTest {
  @TempDir Path directory;

  private Path path() {
    return directory.resolve("some.redb");
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  @Test
  void write_thenRead_isTheSame() throws Exception {
    byte[] bytes = random(3_000_000);
    try (ChannelFile file = ChannelFile.open(path(), true)) {
      file.setLength(4_000_000);
      file.write(500_001, bytes, 10, bytes.length - 10);
      file.sync();
      byte[] read = new byte[bytes.length];
      file.read(500_001, read, 10, bytes.length - 10);
      System.arraycopy(bytes, 0, read, 0, 10);
      assertThat(read).isEqualTo(bytes);
      file.read(0, read, 0, 500_001);
      assertThat(Arrays.copyOf(read, 500_001)).containsOnly(0);
    }
    assertThat(Files.size(path())).isEqualTo(4_000_000);
  }

  @Test
  void read_whileALargeFileGrows_isTheSame() throws Exception {
    byte[] bytes = random(9 << 20);
    try (ChannelFile file = ChannelFile.open(path(), true);
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      file.setLength(bytes.length);
      file.write(0, bytes, 0, bytes.length);
      CountDownLatch reading = new CountDownLatch(2);
      AtomicBoolean ended = new AtomicBoolean();
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Random random = new Random(i);
        readers.add(
            threads.submit(
                () -> {
                  byte[] read = new byte[5000];
                  int reads = 0;
                  while (!ended.get()) {
                    int at = random.nextInt(bytes.length - 5000);
                    file.read(at, read, 100, 4800);
                    assertThat(Arrays.mismatch(read, 100, 4900, bytes, at, at + 4800)).isNegative();
                    reads++;
                    reading.countDown();
                  }
                  return reads;
                }));
      }
      assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue();
      for (int i = 1; i < 40; i++) {
        file.setLength(bytes.length + i * 1_000_000L);
        file.write(bytes.length, new byte[] {(byte) i}, 0, 1);
        byte[] last = new byte[1];
        file.read(bytes.length, last, 0, 1);
        assertThat(last[0]).isEqualTo((byte) i);
      }
      ended.set(true);
      for (Future<Integer> reader : readers) {
        assertThat(reader.get(20, TimeUnit.SECONDS)).isPositive();
      }
    }
  }

  @Test
  void read_largeFileTruncatedByAnotherHandle_isEndOfFile() throws Exception {
    byte[] bytes = random(9 << 20);
    try (ChannelFile file = ChannelFile.open(path(), true)) {
      file.setLength(bytes.length);
      file.write(0, bytes, 0, bytes.length);
      byte[] read = new byte[4096];
      for (int i = 0; i < 100_000; i++) { // until compiled: errors then arrive differently
        file.read(i % 2000 * 4096L, read, 0, 4096);
      }
      try (FileChannel other = FileChannel.open(path(), StandardOpenOption.WRITE)) {
        other.truncate(1 << 20);
      }
      for (int i = 0; i < 100; i++) {
        long position = (2L << 20) + i * 4096L;
        assertThatThrownBy(() -> file.read(position, read, 0, 4096))
            .isInstanceOf(EOFException.class);
      }
      file.read(4096, read, 0, 4096);
      assertThat(Arrays.mismatch(read, 0, 4096, bytes, 4096, 8192)).isNegative();
    }
  }

  @Test
  void setLength_largeFileTruncated_readsNothingBeyondTheEnd() throws Exception {
    try (ChannelFile file = ChannelFile.open(path(), true)) {
      file.setLength(20 << 20);
      file.setLength(10 << 20);
      file.read((10 << 20) - 100, new byte[100], 0, 100);
      assertThatThrownBy(() -> file.read((10 << 20) - 99, new byte[100], 0, 100))
          .isInstanceOf(EOFException.class);
      file.setLength(1000);
      file.read(900, new byte[100], 0, 100);
      assertThatThrownBy(() -> file.read(5000, new byte[100], 0, 100))
          .isInstanceOf(EOFException.class);
    }
    assertThat(Files.size(path())).isEqualTo(1000);
  }

  @Test
  void read_beyondTheEnd_isEndOfFile() throws Exception {
    try (ChannelFile file = ChannelFile.open(path(), true)) {
      file.setLength(100);
      assertThatThrownBy(() -> file.read(50, new byte[60], 0, 60))
          .isInstanceOf(EOFException.class);
      assertThatThrownBy(() -> file.read(500, new byte[60], 0, 60))
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void setLength_shorterThenLonger_fillsWithZeros() throws Exception {
    try (ChannelFile file = ChannelFile.open(path(), true)) {
      file.setLength(5000);
      file.write(0, random(5000), 0, 5000);
      file.setLength(1000);
      assertThat(file.length()).isEqualTo(1000);
      file.setLength(2000);
      byte[] read = new byte[2000];
      file.read(0, read, 0, 2000);
      assertThat(read[999]).isEqualTo(random(5000)[999]);
      assertThat(Arrays.copyOfRange(read, 1000, 2000)).containsOnly(0);
    }
  }

  @Test
  void setLength_moreThanTheDiskHas_failsAndKeepsTheLength() throws Exception {
    try (ChannelFile file = ChannelFile.open(path(), true)) {
      file.setLength(1000);
      assertThatThrownBy(() -> file.setLength(1L << 60))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space");
      assertThat(file.length()).isEqualTo(1000);
    }
  }

  @Test
  void open_secondInThisProcess_isInUse() throws Exception {
    try (ChannelFile file = ChannelFile.open(path(), true)) {
      assertInUse(path());
      Path link = Files.createSymbolicLink(directory.resolve("link.redb"), path());
      assertInUse(link);
      Path hard = Files.createLink(directory.resolve("hard.redb"), path());
      assertInUse(hard);
      file.setLength(10);
    }
    ChannelFile.open(path(), false).close();
  }

  private static void assertInUse(Path path) {
    assertThatThrownBy(() -> ChannelFile.open(path, true))
        .isInstanceOf(RedbException.InUse.class)
        .hasMessageContaining(path.toString());
  }

  @Test
  void open_inAnotherProcess_isInUse() throws Exception {
    try (ChannelFile file = ChannelFile.open(path(), true)) {
      file.setLength(10);
      // A rejected second opening must not drop the lock of the first.
      assertInUse(path());
      assertThat(openInChild()).isEqualTo(3);
    }
    assertThat(openInChild()).isZero();
  }

  private int openInChild() throws Exception {
    Process child =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            OpeningChild.class.getName(),
            path().toString())
            .inheritIO()
            .start();
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return child.exitValue();
  }

  /** Exits with code 3 if the file is in use. */
  static final class OpeningChild {
    private OpeningChild() {}

    public static void main(String[] args) throws IOException {
      try {
        ChannelFile.open(Path.of(args[0]), false).close();
      } catch (RedbException.InUse e) {
        System.exit(3);
      }
    }
  }

  @Test
  void open_missingFile_failsAndCreatesNothing() {
    assertThatThrownBy(() -> ChannelFile.open(path(), false))
        .isInstanceOf(RedbException.Failed.class)
        .hasMessageContaining("does not exist");
    assertThat(path()).doesNotExist();
    Path nowhere = directory.resolve("none").resolve("some.redb");
    assertThatThrownBy(() -> ChannelFile.open(nowhere, true))
        .isInstanceOf(RedbException.Failed.class);
    assertThatThrownBy(() -> ChannelFile.open(directory, false))
        .isInstanceOf(RedbException.Failed.class);
  }

  @Test
  void close_twice_rejectsAllOtherCalls() throws Exception {
    ChannelFile file = ChannelFile.open(path(), true);
    file.setLength(100);
    file.close();
    file.close();
    assertThatThrownBy(() -> file.read(0, new byte[1], 0, 1)).isInstanceOf(IOException.class);
    assertThatThrownBy(file::sync).isInstanceOf(IOException.class);
    ChannelFile again = ChannelFile.open(path(), false);
    file.close();
    assertInUse(path());
    again.close();
  }

  @Test
  void interruptedThread_finishesAndStaysInterrupted() throws Exception {
    try (ChannelFile file = ChannelFile.open(path(), true)) {
      file.setLength(1000);
      Thread.currentThread().interrupt();
      try {
        file.write(0, random(1000), 0, 1000);
        file.sync();
        byte[] read = new byte[1000];
        file.read(0, read, 0, 1000);
        assertThat(read).isEqualTo(random(1000));
        file.setLength(2000);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
      } finally {
        Thread.interrupted();
      }
      assertThat(file.length()).isEqualTo(2000);
    }
  }

  /** Platform and virtual threads use the file while other threads interrupt them continuously. */
  @Test
  void interruptsDuringReadsAndSyncs_closeNothing() throws Exception {
    byte[] bytes = random(1 << 20);
    try (ChannelFile file = ChannelFile.open(path(), true);
        ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
        ExecutorService platform = Executors.newFixedThreadPool(3)) {
      file.setLength(bytes.length);
      file.write(0, bytes, 0, bytes.length);
      CountDownLatch ends = new CountDownLatch(4);
      Future<?> first = platform.submit(() -> work(file, bytes, ends));
      Future<?> second = platform.submit(() -> work(file, bytes, ends));
      Future<?> third = virtual.submit(() -> work(file, bytes, ends));
      Future<?> fourth = virtual.submit(() -> work(file, bytes, ends));
      assertThat(ends.await(60, TimeUnit.SECONDS)).isTrue();
      for (Future<?> future : new Future<?>[] {first, second, third, fourth}) {
        future.get(60, TimeUnit.SECONDS);
      }
    }
  }

  private static Object work(ChannelFile file, byte[] expected, CountDownLatch ends)
      throws Exception {
    Thread worker = Thread.currentThread();
    Thread interrupter =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (ends.getCount() > 0 && !Thread.currentThread().isInterrupted()) {
                    worker.interrupt();
                    Thread.onSpinWait();
                  }
                });
    try {
      byte[] read = new byte[expected.length];
      for (int i = 0; i < 40; i++) {
        file.read(0, read, 0, read.length);
        assertThat(read).isEqualTo(expected);
        file.write(0, expected, 0, 4096);
        if (i % 8 == 0) {
          file.sync();
        }
      }
    } finally {
      interrupter.interrupt();
      ends.countDown();
      boolean joined = false;
      while (!joined) {
        try {
          interrupter.join();
          joined = true;
        } catch (InterruptedException e) {
          // The last interrupt.
        }
      }
      Thread.interrupted();
    }
    return ends;
  }
}
