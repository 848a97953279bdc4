package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Runs reader threads concurrently with a writer. Every row of a commit follows from the commit's
 * number, so a reader detects a partial commit or a reused page at once.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class ConcurrencyTest {
  private static final int READERS = 4;
  private static final int COMMITS = 400;
  private static final int ROWS = 200;
  private static final int WINDOW = 20;
  private static final int PER_COMMIT = 15;
  private static final TableDefinition<Long, byte[]> STAMPED =
      new TableDefinition<>("stamped", ColumnType.U64, ColumnType.BYTES);
  private static final TableDefinition<Long, byte[]> MOVING =
      new TableDefinition<>("moving", ColumnType.U64, ColumnType.BYTES);

  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicInteger checks = new AtomicInteger();

  /** A snapshot and the commit it sees. */
  private record Snapshot(ReadTxn read, long commit) {}

  @Test
  void readersDuringWrites_seeWholeCommits_smallCache() throws Exception {
    run(64 << 10);
  }

  @Test
  void readersDuringWrites_seeWholeCommits_largeCache() throws Exception {
    run(64 << 20);
  }

  private void run(long cacheBytes) throws Exception {
    long seed = Replay.seed(cacheBytes);
    SimulatedDisk disk = new SimulatedDisk();
    Redb database = Redb.open(disk, "shared", new Redb.Options(true, cacheBytes));
    commit(database, 0, new SplittableRandom(seed));
    try (ExecutorService pool = Executors.newFixedThreadPool(READERS + 1)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        SplittableRandom random = new SplittableRandom(seed + i);
        running.add(pool.submit(() -> read(database, random)));
      }
      running.add(pool.submit(() -> write(database, new SplittableRandom(seed))));
      for (Future<?> one : running) {
        one.get();
      }
    }
    assertThat(checks.get()).isGreaterThan(READERS);
    database.checkIntegrity();
    database.close();
    try (Redb next = Redb.open(disk.reopened(), "shared", Program.OPTIONS);
        ReadTxn read = next.beginRead()) {
      assertThat(check(read)).isEqualTo(COMMITS);
    }
  }

  private void write(Redb database, SplittableRandom random) {
    try {
      for (long commit = 1; commit <= COMMITS; commit++) {
        if (random.nextInt(8) == 0) {
          try (WriteTxn write = database.beginWrite()) {
            change(write, commit + 1_000_000, random);
          }
        }
        commit(database, commit, random);
        acknowledged.set(commit);
        if (random.nextInt(40) == 0) {
          database.checkIntegrity();
        }
      }
    } finally {
      done.set(true);
    }
  }

  private static void commit(Redb database, long commit, SplittableRandom random) {
    try (WriteTxn write = database.beginWrite()) {
      change(write, commit, random);
      if (random.nextBoolean()) {
        write.commit();
      } else {
        write.commitWithoutSync();
      }
    }
  }

  private static void change(WriteTxn write, long commit, SplittableRandom random) {
    RedbTable<Long, byte[]> stamped = write.open(STAMPED);
    long start = random.nextInt(ROWS);
    for (long i = 0; i < ROWS; i++) {
      long row = (start + i) % ROWS;
      stamped.put(row, value(row, commit));
    }
    RedbTable<Long, byte[]> moving = write.open(MOVING);
    long first = first(commit);
    assertThat(moving.removeRange(Optional.empty(), Optional.of(first))).isNotNegative();
    for (long row = commit * PER_COMMIT; row < (commit + 1) * PER_COMMIT; row++) {
      moving.put(row, value(row, 0));
    }
  }

  private static long first(long commit) {
    return Math.max(0, commit - WINDOW) * PER_COMMIT;
  }

  private static byte[] value(long row, long commit) {
    SplittableRandom random = new SplittableRandom(row * 1_000_003 + commit);
    int bytes = 8 + (random.nextInt(50) == 0 ? random.nextInt(20_000) : random.nextInt(300));
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    System.arraycopy(ColumnType.U64.encode(commit), 0, value, 0, 8);
    return value;
  }

  private void read(Redb database, SplittableRandom random) {
    Deque<Snapshot> held = new ArrayDeque<>();
    long last = 0;
    while (!done.get()) {
      long before = acknowledged.get();
      ReadTxn read = database.beginRead();
      long commit = check(read);
      assertThat(commit).isGreaterThanOrEqualTo(before).isGreaterThanOrEqualTo(last);
      last = commit;
      held.add(new Snapshot(read, commit));
      if (held.size() > random.nextInt(1, 6)) {
        release(held.remove());
      }
      if (random.nextInt(50) == 0) {
        assertThat(database.stats().oldestReader()).isNotNegative();
      }
    }
    held.forEach(this::release);
  }

  private void release(Snapshot snapshot) {
    try (ReadTxn read = snapshot.read) {
      assertThat(check(read)).isEqualTo(snapshot.commit);
    }
  }

  /** Returns the commit that a snapshot sees, after checking every row. */
  private long check(ReadTxn read) {
    long commit = -1;
    ReadableTable<Long, byte[]> stamped = read.open(STAMPED);
    assertThat(stamped.length()).isEqualTo(ROWS);
    RowCursor<Long, byte[]> cursor = stamped.range();
    for (long row = 0; row < ROWS; row++) {
      assertThat(cursor.next()).isTrue();
      byte[] value = cursor.value();
      if (row == 0) {
        commit = ColumnType.U64.decode(value, 0, 8);
      }
      if (cursor.key() != row || !Arrays.equals(value, value(row, commit))) {
        throw new AssertionError("row " + row + " is not of commit " + commit);
      }
    }
    assertThat(cursor.next()).isFalse();
    checkMoving(read.open(MOVING), commit);
    checks.incrementAndGet();
    return commit;
  }

  private static void checkMoving(ReadableTable<Long, byte[]> moving, long commit) {
    RowCursor<Long, byte[]> cursor = moving.range(Optional.empty(), Optional.empty(), true);
    for (long row = (commit + 1) * PER_COMMIT - 1; row >= first(commit); row--) {
      assertThat(cursor.next()).isTrue();
      if (cursor.key() != row || !Arrays.equals(cursor.value(), value(row, 0))) {
        throw new AssertionError("moving row " + row + " of commit " + commit);
      }
    }
    assertThat(cursor.next()).isFalse();
  }
}
