package io.divan.storage.sqlite;

import io.divan.storage.NameRange;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import io.divan.storage.WorkerThreads;
import io.divan.storage.WriteTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Databases as SQLite files in a directory, one file each, used by one process at a time. Write
 * transactions of a database run one after another and commit in groups, with one sync each;
 * databases do not wait for one another. Safe for use by many threads.
 *
 * @see <a href="https://sqlite.org/wal.html">SQLite's write-ahead log</a>
 */
public final class SqliteFileAdapter implements StorageAdapter {

  /**
   * How to use a directory.
   *
   * @param directory where the files are; made where it is not there
   * @param readerThreads the most reads at a time, of all databases together
   * @param writerThreads the most databases that write at a time
   * @param openStoresMax how many databases stay open while they are idle
   * @param idleMax how long a database stays open while it is idle
   * @param checkpointBytes a log with so many bytes not yet copied is copied into its file, apart
   *     from commits
   * @param logBytesMax a log of so many bytes is cut, between two commits
   * @param clock what versionstamps are made of
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
        throw new IllegalArgumentException("Threads and open stores are at least 1");
      }
    }

    /** The defaults. */
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

  private static final int WAITING_MAX = 10_000;
  private static final Duration WAIT_MAX = Duration.ofSeconds(30);

  /** How long a deletion waits for reads under way, which may then go on to their end. */
  private static final Duration DELETE_WAIT_MAX = Duration.ofMillis(200);

  private static final int STRIPES = 64;

  private final StoreFiles files;
  private final SqliteStore.Shared shared;
  private final RandomGenerator random = new SecureRandom();
  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];
  private final ConcurrentNavigableMap<String, SqliteStore> stores =
      new ConcurrentSkipListMap<>(
          Comparator.comparing(
              name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
  private final SqliteStore system;

  /** No versionstamp of a deleted database exceeds its last value. */
  private final StampClock floor;

  private volatile boolean closed;

  /**
   * Opens a directory of databases.
   *
   * @throws StorageException.StoreUnavailable when another process uses the directory, or it cannot
   *     be used; the message says what to do
   */
  public SqliteFileAdapter(Options options, TransactionListener listener) {
    files = new StoreFiles(options.directory());
    Arrays.setAll(stripes, i -> new ReentrantLock());
    OpenStores openStores = new OpenStores(options.openStoresMax(), options.idleMax());
    shared =
        new SqliteStore.Shared(
            options,
            listener,
            new WorkerThreads("sqlite-writer", options.writerThreads(), WAITING_MAX, WAIT_MAX),
            new WorkerThreads("sqlite-reader", options.readerThreads(), WAITING_MAX, WAIT_MAX),
            openStores,
            new Keeper(openStores, options.idleMax()));
    floor = new StampClock(options.clock());
    shared.keeper().start();
    try {
      files
          .sweepAndList()
          .forEach((name, file) -> stores.put(name, store(name, file)));
      if (!Files.exists(files.system())) {
        make("system", files.system(), transaction -> {});
      }
      system = store("system", files.system());
      floor.raise(system.read(SqliteFileAdapter::readFloor));
    } catch (RuntimeException | Error e) {
      closeThreads();
      files.close();
      throw e;
    }
  }

  private static long readFloor(ReadTransaction transaction) {
    return EngineRows.STAMP_FLOOR.read(((SqliteReadTransaction) transaction).connection);
  }

  @Override
  public List<String> list(NameRange range) {
    checkOpen();
    ConcurrentNavigableMap<String, SqliteStore> within =
        range.end().isPresent()
            ? range(range.begin(), range.end().get())
            : stores.tailMap(range.begin(), true);
    return (range.reverse() ? within.descendingKeySet() : within.navigableKeySet())
        .stream().limit(range.limit()).toList();
  }

  private ConcurrentNavigableMap<String, SqliteStore> range(String begin, String end) {
    return stores.comparator().compare(begin, end) < 0
        ? stores.subMap(begin, true, end, false)
        : new ConcurrentSkipListMap<>();
  }

  @Override
  public Store create(String name, Consumer<WriteTransaction> initialWork) {
    WorkerThreads.requireOutside();
    checkOpen();
    Path file = files.incarnation(name, random);
    return locked(
        name,
        () -> {
          if (stores.containsKey(name)) {
            throw new StorageException.DatabaseExists(name);
          }
          SqliteStore created = make(name, file, initialWork);
          stores.put(name, created);
          return created;
        });
  }

  @Override
  public Store open(String name) {
    checkOpen();
    return find(name);
  }

  private SqliteStore find(String name) {
    return Optional.ofNullable(stores.get(name))
        .orElseThrow(() -> new StorageException.DatabaseNotFound(name));
  }

  private SqliteStore make(String name, Path file, Consumer<WriteTransaction> initialWork) {
    StampClock stamps = newStamps();
    Optional<String> trace = Trace.nextTransaction();
    shared
        .writers()
        .call(
            () -> {
              NewDatabase.make(files, file, stamps, shared.listener(), trace, initialWork);
              return file;
            });
    return new SqliteStore(name, file, shared, stamps);
  }

  private SqliteStore store(String name, Path file) {
    return new SqliteStore(name, file, shared, newStamps());
  }

  private StampClock newStamps() {
    StampClock stamps = new StampClock(shared.options().clock());
    stamps.raise(floor.last());
    return stamps;
  }

  @Override
  public void delete(String name) {
    WorkerThreads.requireOutside();
    checkOpen();
    locked(
        name,
        () -> {
          SqliteStore store = find(name);
          store.learnLastStamp();
          store.retire(() -> new StorageException.DatabaseNotFound(name), DELETE_WAIT_MAX);
          try {
            raiseFloor(store.lastStamp());
            files.delete(store.file());
          } catch (StorageException e) {
            // It is there as before; its handle is not, so another one takes its place.
            stores.put(name, store(name, store.file()));
            store.closeFiles();
            throw e;
          }
          stores.remove(name);
          store.closeFiles();
          return name;
        });
  }

  private void raiseFloor(long lastStamp) {
    if (lastStamp > floor.last()) {
      floor.raise(lastStamp);
      system.write(
          transaction -> {
            ((SqliteWriteTransaction) transaction).write(EngineRows.STAMP_FLOOR, floor.last());
            return lastStamp;
          });
    }
  }

  private <T> T locked(String name, Supplier<T> work) {
    ReentrantLock stripe = stripes[Math.floorMod(name.hashCode(), STRIPES)];
    stripe.lock();
    try {
      return work.get();
    } finally {
      stripe.unlock();
    }
  }

  @Override
  public Store system() {
    checkOpen();
    return system;
  }

  @Override
  public void checkHealth() {
    system().read(ReadTransaction::configVersion);
  }

  @Override
  public void close() {
    WorkerThreads.requireOutside();
    if (closed) {
      return;
    }
    closed = true;
    shared.keeper().close();
    List<SqliteStore> all = new ArrayList<>(stores.values());
    all.add(system);
    all.forEach(SqliteStore::closeWriter);
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    for (SqliteStore store : all) {
      long left = Math.max(0, deadline - System.nanoTime());
      store.retire(SqliteFileAdapter::closedException, Duration.ofNanos(left));
      store.closeFiles();
    }
    closeThreads();
    files.close();
  }

  private void closeThreads() {
    shared.keeper().close();
    shared.readers().close();
    shared.writers().close();
  }

  /** How many stores have files open. */
  int openStores() {
    return shared.openStores().size();
  }

  private void checkOpen() {
    if (closed) {
      throw closedException();
    }
  }

  private static StorageException closedException() {
    return new StorageException.StoreUnavailable("The storage is closed");
  }
}
