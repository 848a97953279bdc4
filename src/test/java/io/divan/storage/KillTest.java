package io.divan.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Repeatedly kills a process with concurrent writers and verifies the remaining data: every
 * acknowledged write exists, every transaction is complete, counters equal a recount, and
 * acknowledged creations and deletions of databases have taken effect. Of the unsynced transactions
 * only the last ones may be missing, and none that an acknowledged write has seen.
 *
 * <p>There are at most five kills by default; {@code -Ddivan.kill.rounds=200} sets another number.
 * A kill does not test the sync, because written data survives in the page cache.
 */
public abstract class KillTest {
  private static final int ROUNDS_IN_A_DIRECTORY = 20;

  @TempDir protected Path directory;

  private final Set<String> acknowledged = new HashSet<>();
  private final Random random;
  private final String replay;

  protected KillTest() {
    long seed = Seeds.seed(20_261);
    random = new Random(seed);
    replay = Seeds.replay(seed);
  }

  /**
   * Returns a class with a public no-argument constructor that opens the adapter of a directory.
   */
  protected abstract Class<? extends Function<Path, StorageAdapter>> factory();

  /** The default number of kills. */
  protected int usualRounds() {
    return 5;
  }

  /** The maximum number of acknowledgements before a kill, in addition to 50. */
  protected int acknowledgementsMax() {
    return 2_000;
  }

  @Test
  void kill_underConcurrentWriters_keepsAcknowledgedWritesWhole() throws Exception {
    int rounds = Integer.getInteger("divan.kill.rounds", usualRounds());
    Path files = directory;
    for (int round = 0; round < rounds; round++) {
      if (round % ROUNDS_IN_A_DIRECTORY == 0) {
        files = Files.createDirectory(directory.resolve("files-" + round));
        acknowledged.clear();
      }
      runAndKill(files, round);
      // Without this check, the next child recovers the files.
      if (random.nextInt(4) != 0 || round == rounds - 1) {
        check(files, round);
      }
    }
  }

  private void runAndKill(Path files, int round) throws IOException, InterruptedException {
    Process child =
        ChildJvm.program(
            KillChild.class, factory().getName(), files.toString(), Integer.toString(round));
    int lines = 50 + random.nextInt(acknowledgementsMax());
    int seen = 0;
    try (BufferedReader out = child.inputReader()) {
      for (Optional<String> line = read(out); line.isPresent(); line = read(out)) {
        acknowledged.add(line.get());
        if (++seen == lines) {
          // Process.destroyForcibly would close the stream and lose its unread lines.
          child.toHandle().destroyForcibly();
        }
      }
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(seen).as("the child ran until it was killed").isGreaterThanOrEqualTo(lines);
  }

  /** Returns the next complete line. The kill may have cut off the last one. */
  private static Optional<String> read(BufferedReader out) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = out.read(); c >= 0; c = out.read()) {
      if (c == '\n') {
        return Optional.of(line.toString());
      }
      line.append((char) c);
    }
    return Optional.empty();
  }

  private void check(Path files, int round) throws Exception {
    try (StorageAdapter adapter = KillChild.factory(factory().getName()).apply(files)) {
      checkDatabases(adapter);
      checkRows(adapter.open(KillChild.DATABASE), "round " + round + ", " + replay);
    }
  }

  private void checkDatabases(StorageAdapter adapter) {
    List<String> names = adapter.list(NameRange.all());
    for (String line : acknowledged) {
      String name = line.substring(2);
      if (line.startsWith("D ")) {
        assertThat(names).as(replay).doesNotContain(name);
      } else if (line.startsWith("C ") && !acknowledged.contains("B " + name)) {
        assertThat(names).as(replay).contains(name);
      }
    }
    for (String name : names) {
      if (name.startsWith("churn-")) {
        assertThat(rows(adapter.open(name), KillChild.ROWS_TABLE)).as(replay).hasSize(2);
      }
    }
  }

  private void checkRows(Store store, String as) {
    List<KeyValue> counts = rows(store, KillChild.COUNTS);
    Set<String> found = new HashSet<>();
    List<byte[]> expected = new ArrayList<>();
    long transactions = 0;
    for (KeyValue count : counts) {
      if (Arrays.equals(count.key(), KillChild.UNSYNCED_COUNT)) {
        checkUnsynced(store, (int) KillChild.number(count.value()), as);
      } else if (count.key().length == 2) {
        int writer = count.key()[1];
        long ofWriter = KillChild.number(count.value());
        transactions += ofWriter;
        for (int number = 0; number < ofWriter; number++) {
          found.add("W " + writer + " " + number);
          for (int row = 0; row < KillChild.ROWS; row++) {
            expected.add(KillChild.key(writer, number, row));
          }
        }
      }
    }
    if (!counts.isEmpty()) {
      assertThat(KillChild.number(counts.getFirst().value())).as(as).isEqualTo(transactions);
    }
    assertThat(acknowledged.stream().filter(line -> line.startsWith("W ")))
        .as(as)
        .allMatch(found::contains);
    checkEach(rows(store, KillChild.ROWS_TABLE), expected, as);
    checkStamps(rows(store, KillChild.STAMPS), transactions, as);
  }

  private void checkUnsynced(Store store, int count, String as) {
    List<KeyValue> rows = rows(store, KillChild.UNSYNCED);
    assertThat(rows).as(as).hasSize(count);
    for (int number = 0; number < count; number++) {
      assertThat(rows.get(number).key()).as(as).isEqualTo(KillChild.unsyncedKey(number));
      assertThat(rows.get(number).value()).as(as).isEqualTo(KillChild.unsyncedValue(number));
    }
    List<KeyValue> seen = rows(store, KillChild.SEEN);
    if (!seen.isEmpty()) {
      assertThat(ByteBuffer.wrap(seen.getFirst().value()).getInt()).as(as)
          .isLessThanOrEqualTo(count);
    }
    assertThat(
        acknowledged.stream()
            .filter(line -> line.startsWith("S "))
            .mapToInt(line -> Integer.parseInt(line.substring(2))))
        .as(as)
        .allMatch(number -> number <= count);
  }

  private static void checkEach(List<KeyValue> rows, List<byte[]> expected, String as) {
    assertThat(rows).as(as).hasSameSizeAs(expected);
    for (int i = 0; i < rows.size(); i++) {
      byte[] key = rows.get(i).key();
      assertThat(key).as(as).isEqualTo(expected.get(i));
      int number = (key[1] & 0xFF) << 16 | (key[2] & 0xFF) << 8 | key[3] & 0xFF;
      assertThat(rows.get(i).value())
          .as(as)
          .isEqualTo(KillChild.value(key[0], number, key[4]));
    }
  }

  /** Checks that there is one stamped row per transaction, in the order of each writer. */
  private static void checkStamps(List<KeyValue> rows, long transactions, String as) {
    assertThat(rows).as(as).hasSize((int) transactions);
    int[] next = new int[KillChild.WRITERS];
    for (KeyValue row : rows) {
      byte[] key = row.value();
      assertThat(key).as(as).isEqualTo(KillChild.key(key[0], next[key[0]]++, 0));
    }
  }

  private static List<KeyValue> rows(Store store, Table table) {
    List<KeyValue> all = new ArrayList<>();
    BatchScan<KeyValue> scan =
        store.scan(
            Range.all(table),
            Range.NO_LIMIT,
            (transaction, rows) -> new BatchScan.Batch<>(rows, rows.size()));
    while (scan.hasMore()) {
      all.addAll(scan.next());
    }
    return all;
  }
}
