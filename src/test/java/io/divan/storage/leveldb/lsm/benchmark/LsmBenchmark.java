package io.divan.storage.leveldb.lsm.benchmark;

import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.lsm.LsmLevelDb;
import io.divan.storage.redb.RedbAdapter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;

/**
 * Measures the LSM engine in a store, and in a plain directory for comparison. Run by hand: {@code
 * LsmBenchmark DIRECTORY ROWS file|memory|redb}, usually with 200,000 rows of 200 bytes.
 */
final class LsmBenchmark {
  private static final int VALUE_BYTES = 200;
  private static final int BATCH = 100;

  private interface Work {
    void run() throws Exception;
  }

  private final int rows;
  private final byte[] value = new byte[VALUE_BYTES];

  private LsmBenchmark(int rows) {
    this.rows = rows;
    new Random(1).nextBytes(value);
  }

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int rows = Integer.parseInt(arguments[1]);
    String over = arguments[2];
    for (int round = 0; round < 2; round++) {
      Path own = directory.resolve(over + round);
      if (over.equals("file")) {
        try (DB db = LsmLevelDb.open(own.resolve("db"), new Options())) {
          new LsmBenchmark(rows).measure(over, db);
        }
        continue;
      }
      try (StorageAdapter base = base(over, own);
          LsmLevelDb lsm =
              new LsmLevelDb(Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults());
          DB db = lsm.open(base.create("lsm", transaction -> {}), "db", new Options())) {
        new LsmBenchmark(rows).measure(over, db);
      }
    }
  }

  private static StorageAdapter base(String over, Path directory) {
    return new CheckedAdapter(
        switch (over) {
          case "redb" ->
              new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE);
          case "memory" ->
              new FdbAdapter(
                  new SimulatedFoundationDb().open(),
                  FdbAdapter.Options.defaults(),
                  TransactionListener.NONE);
          default -> throw new IllegalArgumentException("file, memory or redb, not " + over);
        });
  }

  private byte[] key(int i) {
    String text = String.format(Locale.ROOT, "k%029d", (i * 2_654_435_761L) & 0xFFFF_FFFFL);
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void measure(String over, DB db) throws Exception {
    WriteOptions sync = new WriteOptions().sync(true);
    int few = Math.max(1, rows / 100);
    time(over, "batches of 100, not synced", rows, () -> batches(db, 0, rows, new WriteOptions()));
    time(over, "batches of 100, synced", rows / 4, () -> batches(db, rows, rows / 4, sync));
    time(over, "puts, not synced", rows / 4, () -> puts(db, rows / 4, new WriteOptions()));
    time(over, "puts, synced", few, () -> puts(db, few, sync));
    time(over, "puts, each flushed to a file", few / 10, () -> flushes(db, few / 10));
    time(over, "compaction of all", rows, () -> db.compactRange(null, null));
    for (int i = 0; i < 2; i++) {
      time(over, "random gets", rows / 4, () -> gets(db, rows / 4));
      time(over, "scan", rows * 5 / 4, () -> scan(db));
    }
  }

  private static void time(String over, String what, int count, Work work) throws Exception {
    long begun = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf(Locale.ROOT, "%-8s %-32s %,12.0f/s%n", over, what, count / seconds);
  }

  private void batches(DB db, int from, int count, WriteOptions options) throws Exception {
    for (int i = 0; i < count; i += BATCH) {
      try (WriteBatch batch = db.createWriteBatch()) {
        for (int j = 0; j < BATCH; j++) {
          batch.put(key(from + i + j), value);
        }
        db.write(batch, options);
      }
    }
  }

  private void puts(DB db, int count, WriteOptions options) {
    for (int i = 0; i < count; i++) {
      db.put(key(i), value, options);
    }
  }

  /** Measures the cost of a write without a log: an SST file for each, and the manifest. */
  private void flushes(DB db, int count) {
    byte[] none = {0};
    for (int i = 0; i < count; i++) {
      db.put(key(i), value);
      db.compactRange(none, none);
    }
  }

  private void gets(DB db, int count) {
    Random random = new Random(3);
    for (int i = 0; i < count; i++) {
      if (db.get(key(random.nextInt(rows))) == null) {
        throw new IllegalStateException("A row is missing");
      }
    }
  }

  private static void scan(DB db) throws Exception {
    try (DBIterator iterator = db.iterator()) {
      iterator.seekToFirst();
      while (iterator.hasNext()) {
        iterator.next();
      }
    }
  }
}
