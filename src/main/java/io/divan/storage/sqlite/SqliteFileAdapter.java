package io.divan.storage.sqlite;

import static io.divan.storage.Measurement.gauge;

import io.divan.storage.Capability;
import io.divan.storage.Measurement;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.FileDatabases;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.StoreFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;

/**
 * Databases in a directory, each a SQLite file, used by one process at a time. Write transactions
 * of a database run one after another and commit in groups, with one sync per group. Databases do
 * not wait for each other. Thread-safe.
 *
 * @see <a href="https://sqlite.org/wal.html">SQLite's write-ahead log</a>
 */
public final class SqliteFileAdapter extends FileDatabases implements Capability.Measured {

  /**
   * Options of an adapter.
   *
   * @param directory the directory of the files; created if it does not exist
   * @param readerThreads the maximum number of concurrent reads, over all databases
   * @param writerThreads the maximum number of databases that write at the same time
   * @param openStoresMax how many idle databases stay open
   * @param idleMax how long an idle database stays open
   * @param checkpointBytes when this many bytes of a log are not copied into the file yet, they are
   *     copied in the background
   * @param logBytesMax when a log has this size, it is truncated between two commits
   * @param clock the source of versionstamps
   */
  public record Options(
      Path directory,
      int readerThreads,
      int writerThreads,
      int openStoresMax,
      Duration idleMax,
      long checkpointBytes,
      long logBytesMax,
      InstantSource clock) {

    public Options {
      if (readerThreads < 1 || writerThreads < 1 || openStoresMax < 1) {
        throw new IllegalArgumentException(
            "readerThreads, writerThreads and openStoresMax must be at least 1");
      }
    }

    /** The default options. */
    public static Options of(Path directory) {
      return new Options(
          directory,
          Math.max(4, 2 * Runtime.getRuntime().availableProcessors()),
          8,
          200,
          Duration.ofSeconds(60),
          4_000_000,
          256_000_000,
          InstantSource.system());
    }
  }

  private final OpenStores openStores;

  /**
   * Opens a directory of databases.
   *
   * @throws StorageException.StoreUnavailable if another process uses the directory, or it cannot
   *     be read
   * @throws StorageException.StoreUnusable if its name or its files have to be changed first; the
   *     message says how
   */
  public SqliteFileAdapter(Options options, TransactionListener listener) {
    this(options, listener, files(options.directory()), Engine.of(options, listener));
  }

  private SqliteFileAdapter(
      Options options, TransactionListener listener, StoreFiles files, Engine engine) {
    super(files, engine, listener, options.clock());
    this.openStores = engine.shared().openStores();
  }

  private static StoreFiles files(Path directory) {
    if (directory.toAbsolutePath().toString().contains("?")) {
      throw new StorageException.StoreUnusable(
          "SQLite's driver does not accept file names with a question mark: rename "
              + directory.toAbsolutePath(),
          "SQLite's driver does not accept file names with a question mark: rename the"
              + " directory of the databases");
    }
    return new StoreFiles(directory, "sqlite", List.of("-wal", "-shm", "-journal"));
  }

  private record Engine(SqliteStore.Shared shared) implements FileDatabases.StoreFactory {

    static Engine of(Options options, TransactionListener listener) {
      return new Engine(
          new SqliteStore.Shared(
              options,
              ConnectionsStore.Threads.of(
                  listener, options.writerThreads(), options.readerThreads(), WAIT_MAX, 0),
              new OpenStores(
                  "sqlite-open-stores", options.openStoresMax(), options.idleMax())));
    }

    @Override
    public SqliteStore store(String name, Path file, StampClock stamps) {
      return new SqliteStore(name, file, shared, stamps);
    }

    @Override
    public long make(Path file, StampClock stamps, Consumer<WriteTransaction> initialWork) {
      return shared.threads().writers().call(() -> SqliteFileCreator.write(file, stamps,
          initialWork));
    }

    @Override
    public long stampFloor(ReadTransaction transaction) {
      return SqliteFileRows.STAMP_FLOOR.read(((SqliteReadTransaction) transaction).connection);
    }

    @Override
    public void stampFloor(WriteTransaction transaction, long floor) {
      ((SqliteWriteTransaction) transaction).write(SqliteFileRows.STAMP_FLOOR, floor);
    }

    @Override
    public void close() {
      shared.openStores().close();
      shared.threads().close();
    }
  }

  @Override
  public List<Measurement> measure() {
    List<Path> open = Connections.openFiles(openStores);
    long bytes = open.stream().mapToLong(StoreFiles::sizeOf).sum();
    long logs =
        open.stream().mapToLong(file -> StoreFiles.sizeOf(Path.of(file + "-wal"))).sum();
    return List.of(
        Measurement.openDatabases(open.size()),
        gauge("sqlite.file", "bytes", "Size of the open files, without their logs", (double) bytes),
        gauge("sqlite.wal", "bytes", "Size of the write-ahead logs of the open files",
            (double) logs));
  }

  /** The number of stores with open files. */
  int openStores() {
    return openStores.size();
  }
}
