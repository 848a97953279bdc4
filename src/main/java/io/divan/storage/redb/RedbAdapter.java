package io.divan.storage.redb;

import io.divan.redb.Redb;
import io.divan.redb.SharedPageCache;
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
import io.divan.storage.embedded.WorkerThreads;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Keeps each database in a file of redb's format. One process uses the directory at a time. Reads
 * run on their caller's thread and never wait for writes. Write transactions of a database run one
 * after another and commit in groups, with one sync each; at most {@code writerThreads} databases
 * write at the same time.
 * Safe for use by many threads.
 */
public final class RedbAdapter extends FileDatabases implements Capability.Measured {

  /**
   * Options of the adapter.
   *
   * @param directory the directory of the files; created if it does not exist
   * @param cacheBytes the size of the page cache of all databases together
   * @param writerThreads the most databases that write at the same time
   * @param openStoresMax the most databases that stay open while idle
   * @param idleMax how long a database stays open while idle
   * @param clock the clock of versionstamps
   */
  public record Options(
      Path directory,
      long cacheBytes,
      int writerThreads,
      int openStoresMax,
      Duration idleMax,
      InstantSource clock) {

    public Options {
      if (writerThreads < 1 || openStoresMax < 1 || cacheBytes < 1) {
        throw new IllegalArgumentException("Threads, open stores and bytes are at least 1");
      }
    }

    /** The defaults. */
    public static Options of(Path directory) {
      return new Options(
          directory,
          SharedPageCache.usualBytes(),
          8,
          200,
          Duration.ofSeconds(60),
          InstantSource.system());
    }

    /** Returns these options with another size of the page cache. */
    public Options cacheBytes(long bytes) {
      return new Options(directory, bytes, writerThreads, openStoresMax, idleMax, clock);
    }
  }

  private static final int WAITING_MAX = 10_000;

  private final StoreFiles files;
  private final OpenStores openStores;
  private final SharedPageCache cache;

  /**
   * Opens a directory of databases.
   *
   * @throws StorageException.StoreUnavailable if another process uses the directory, or it is
   *     unusable; the message says what to do
   */
  public RedbAdapter(Options options, TransactionListener listener) {
    this(
        options,
        listener,
        (file, cache) -> Redb.open(file, new Redb.Options(false, cache)));
  }

  /** Opens files in another way, for tests. */
  RedbAdapter(Options options, TransactionListener listener, RedbSource.Opener opener) {
    this(
        options,
        listener,
        new StoreFiles(options.directory(), "redb", List.of()),
        Engine.of(options, listener, opener));
  }

  private RedbAdapter(
      Options options, TransactionListener listener, StoreFiles files, Engine engine) {
    super(files, engine, listener, options.clock());
    this.files = files;
    this.openStores = engine.shared().openStores();
    this.cache = engine.shared().cache();
  }

  private record Engine(RedbStore.Shared shared, RandomGenerator random)
      implements FileDatabases.StoreFactory {

    static Engine of(Options options, TransactionListener listener, RedbSource.Opener opener) {
      RedbStore.Shared shared =
          new RedbStore.Shared(
              opener,
              listener,
              new WorkerThreads("redb-writer", options.writerThreads(), WAITING_MAX, WAIT_MAX),
              new OpenStores("redb-open-stores", options.openStoresMax(), options.idleMax()),
              new SharedPageCache(options.cacheBytes()));
      return new Engine(shared, new SecureRandom());
    }

    @Override
    public RedbStore store(String name, Path file, StampClock stamps) {
      return new RedbStore(name, file, shared, stamps);
    }

    @Override
    public long make(Path file, StampClock stamps, Consumer<WriteTransaction> initialWork) {
      return shared.writers().call(() -> RedbFileCreator.write(file, stamps, random, initialWork));
    }

    @Override
    public long stampFloor(ReadTransaction transaction) {
      return ((RedbReadTransaction) transaction).read(RedbFileRow.STAMP_FLOOR);
    }

    @Override
    public void stampFloor(WriteTransaction transaction, long floor) {
      ((RedbWriteTransaction) transaction).write(RedbFileRow.STAMP_FLOOR, floor);
    }

    @Override
    public void close() {
      shared.openStores().close();
      shared.writers().close();
    }
  }

  @Override
  protected StorageException missing(String name) {
    return files
        .foreign(name)
        .<StorageException>map(RouchFile::refusal)
        .orElseGet(() -> super.missing(name));
  }

  @Override
  public List<Measurement> measure() {
    return RedbMeasurements.of(openStores.open(OpenRedb.class), cache);
  }

  /** Returns the number of open files. */
  int openStores() {
    return openStores.size();
  }
}
