package io.divan.storage.leveldb.benchmark;

import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.LevelDb;
import io.divan.storage.leveldb.LevelDbOptions;
import io.divan.storage.leveldb.lsm.LsmLevelDb;
import io.divan.storage.redb.RedbAdapter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.springframework.util.FileSystemUtils;

/**
 * Measures LevelDB's interface on each base, and the LSM engine on each base and on plain files.
 * Run by hand on an idle machine:
 *
 * <pre>
 *   java -cp … io.divan.storage.leveldb.benchmark.LevelDbBenchmark DIRECTORY ROWS [NAME…]
 * </pre>
 *
 * <p>{@code api-fdb} and {@code lsm-fdb} run only if named; they use the cluster of {@code
 * FDB_CLUSTER_FILE} and leave an empty directory in it.
 *
 * <p>Puts ROWS rows of 1,000 bytes in random order in synced batches of 100, then a tenth of that
 * number, at most 5,000, one by one and synced. Then reads ROWS rows one by one at random and scans
 * all, nine times; the result is the median of the last five rounds, when caches are warm and the
 * compactions that reads trigger are done. Everything runs once with few rows first, so that the
 * JVM has compiled it.
 */
public final class LevelDbBenchmark {
  private static final List<String> ALL =
      List.of("api-memory", "api-redb", "lsm-memory", "lsm-redb", "lsm-file");

  private static final int BATCH = 100;
  private static final int VALUE_BYTES = 1_000;
  private static final int PUTS_MAX = 5_000;
  private static final int WARM_UP_ROWS = 5_000;
  private static final int ROUNDS = 9;
  private static final int ROUNDS_COLD = 4;
  private static final WriteOptions SYNC = new WriteOptions().sync(true);

  private final PrintStream out;
  private final Path directory;
  private final Random random = new Random(1);
  private final byte[] value = new byte[VALUE_BYTES];

  private LevelDbBenchmark(PrintStream out, Path directory) {
    this.out = out;
    this.directory = directory;
  }

  /** Prints the rates in rows per second. */
  public static void main(String[] arguments) throws IOException {
    LevelDbBenchmark benchmark = new LevelDbBenchmark(System.out, Path.of(arguments[0]));
    int rows = Integer.parseInt(arguments[1]);
    List<String> names =
        arguments.length > 2 ? List.of(arguments).subList(2, arguments.length) : ALL;
    for (String name : names) {
      benchmark.run(name, WARM_UP_ROWS, false);
      benchmark.run(name, rows, true);
    }
  }

  private void run(String name, int rows, boolean print) throws IOException {
    Path files = Files.createTempDirectory(directory, name);
    try (StorageAdapter base = base(name, files)) {
      run(name, rows, print, base, files);
      base.delete("db");
    } finally {
      FileSystemUtils.deleteRecursively(files);
    }
  }

  private void run(String name, int rows, boolean print, StorageAdapter base, Path files)
      throws IOException {
    try (LsmLevelDb lsm =
        new LsmLevelDb(
            Leases.Options.exclusive("benchmark"), LsmLevelDb.Settings.defaults());
        DB db = open(name, base.create("db", transaction -> {}), files.resolve("lsm"), lsm)) {
      List<Integer> order = new Random(2).ints(rows, 0, rows).boxed().toList();
      double batches = rate(rows / BATCH, i -> batch(db, order, i)) * BATCH;
      int puts = Math.min(rows / 10, PUTS_MAX);
      double put = rate(puts, i -> db.put(key(random.nextInt(rows)), value(), SYNC));
      double[] gets = new double[print ? ROUNDS : 1];
      double[] scans = new double[gets.length];
      for (int round = 0; round < gets.length; round++) {
        gets[round] = rate(rows, i -> db.get(key(random.nextInt(rows))));
        scans[round] = scan(db);
      }
      if (print) {
        out.printf(
            "%-10s batches %,8.0f rows/s, puts %,6.0f/s, gets %,8.0f/s, scan %,10.0f rows/s%n",
            name, batches, put, medianOfWarm(gets), medianOfWarm(scans));
      }
    }
  }

  private static double medianOfWarm(double[] rates) {
    double[] warm = Arrays.copyOfRange(rates, ROUNDS_COLD, rates.length);
    Arrays.sort(warm);
    return warm[warm.length / 2];
  }

  /** Scans all rows and returns the rate in rows per second. */
  private static double scan(DB db) throws IOException {
    long begun = System.nanoTime();
    int scanned = 0;
    try (DBIterator all = db.iterator()) {
      while (all.hasNext()) {
        all.next();
        scanned++;
      }
    }
    return scanned / seconds(begun);
  }

  private static StorageAdapter base(String name, Path files) {
    if (name.endsWith("fdb")) {
      return new CheckedAdapter(TestCluster.required().adapter(files));
    }
    return new CheckedAdapter(
        name.endsWith("redb")
            ? new RedbAdapter(
                RedbAdapter.Options.of(files.resolve("redb")), TransactionListener.NONE)
            : new FdbAdapter(
                new SimulatedFoundationDb().open(),
                FdbAdapter.Options.defaults().bounds(Duration.ofSeconds(30), 100),
                TransactionListener.NONE));
  }

  private static DB open(String name, Store store, Path files, LsmLevelDb lsm) {
    Options options = new Options();
    return switch (name) {
      case "lsm-file" -> LsmLevelDb.open(files, options);
      case "lsm-memory", "lsm-redb", "lsm-fdb" -> lsm.open(store, "db", options);
      default -> LevelDb.open(store, options, LevelDbOptions.defaults());
    };
  }

  private void batch(DB db, List<Integer> order, int number) {
    WriteBatch batch = db.createWriteBatch();
    for (int i = number * BATCH; i < (number + 1) * BATCH; i++) {
      batch.put(key(order.get(i)), value());
    }
    db.write(batch, SYNC);
  }

  private static byte[] key(int row) {
    return ByteBuffer.allocate(16).putInt(row * 0x9E3779B1).putInt(row).array();
  }

  private byte[] value() {
    random.nextBytes(value);
    return value.clone();
  }

  private static double rate(int times, IntConsumer work) {
    long begun = System.nanoTime();
    for (int i = 0; i < times; i++) {
      work.accept(i);
    }
    return times / seconds(begun);
  }

  private static double seconds(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun).toNanos() / 1e9;
  }
}
