package io.divan.storage.leveldb.lsm;

import io.divan.storage.Measurement;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.lease.Lease;
import io.divan.storage.lease.Leases;
import io.divan.storage.lease.WantedLeases;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBFactory;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.env.Env;
import org.iq80.leveldb.impl.DbImpl;
import org.iq80.leveldb.impl.Filename;
import org.jspecify.annotations.Nullable;

/**
 * Opens LevelDB databases with their files in a base store or in a plain directory. Use one
 * instance per process and base, and close it after its databases. Thread-safe.
 *
 * <p>The databases have LevelDB's semantics. A write with {@code sync} is durable when the call
 * returns, in one transaction of the base store. Without {@code sync}, the last writes may be lost
 * when the process ends, always without a gap. A database has one owner at a time. After its lease
 * is lost or a transaction of the base has failed, a database can be read for a while but not
 * written; close and reopen it. Failures throw {@link DBException}, whose cause is the original
 * {@link StorageException}.
 */
public final class LsmLevelDb implements AutoCloseable {

  /**
   * Settings for files.
   *
   * @param cacheBytes the size of the chunk cache, shared by all databases; each database also has
   *     the port's own cache
   * @param compress whether chunks of files are deflated in the base store; the port compresses SST
   *     files if Snappy is available, so this helps for logs and without Snappy
   * @param lockWait how long {@link #open} waits for a database that another process uses
   */
  public record Settings(long cacheBytes, boolean compress, Duration lockWait) {

    private static final long CACHE_BYTES_MAX = 64L << 20;
    private static final int CACHE_HEAP_PART = 8;

    /**
     * Returns the defaults: a cache of one eighth of the heap, at most 64 MB; no deflating, no
     * waiting.
     */
    public static Settings defaults() {
      long part = Runtime.getRuntime().maxMemory() / CACHE_HEAP_PART;
      return new Settings(Math.min(CACHE_BYTES_MAX, part), false, Duration.ZERO);
    }

    /** Returns these settings with another cache size. */
    public Settings cacheBytes(long bytes) {
      return new Settings(bytes, compress, lockWait);
    }

    /** Returns these settings with or without deflating. */
    public Settings compress(boolean deflated) {
      return new Settings(cacheBytes, deflated, lockWait);
    }

    /** Returns these settings with another waiting time. */
    public Settings lockWait(Duration wait) {
      return new Settings(cacheBytes, compress, wait);
    }
  }

  private final Leases leases;
  private final ChunkCache cache;
  private final UnwrittenChunks unwritten;
  private final Settings settings;
  private final LsmMeters meters = new LsmMeters();
  private final BiFunction<Store, String, String> title;

  /** Leases held by other processes. Each remembers how long its owner has not renewed it. */
  private final WantedLeases<Wanted> wanted = new WantedLeases<>();

  /** Creates an instance. */
  public LsmLevelDb(Leases.Options leases, Settings settings) {
    this(
        leases,
        settings,
        UnwrittenChunks.ofHeap(),
        (store, directory) -> "The database " + directory);
  }

  /**
   * Creates an instance.
   *
   * @param unwritten limits the chunks that wait to be written
   * @param title returns the name of a database for messages, given its store and directory
   */
  LsmLevelDb(
      Leases.Options leases,
      Settings settings,
      UnwrittenChunks unwritten,
      BiFunction<Store, String, String> title) {
    this.unwritten = unwritten;
    this.title = title;
    this.leases = new Leases(leases);
    this.settings = settings;
    cache = new ChunkCache(settings.cacheBytes());
  }

  /**
   * Opens a database in a base store, which may hold many.
   *
   * @param directory the name of the database within the store, at most 200 characters, without a
   *     trailing slash
   * @param options the port's options: whether to create the database, its comparator, buffers and
   *     caches
   * @throws DBException if the database cannot be opened: another process uses it, it exists or is
   *     missing contrary to the options, its comparator differs, or the base fails
   */
  public DB open(Store store, String directory, Options options) {
    return openDb(store, directory, options, Optional.empty());
  }

  LsmDb openDb(
      Store store, String directory, Options options, Optional<WriteBuffers> buffers) {
    StoreEnv env = env(store);
    return open(directory, options, env, env, buffers);
  }

  StoreEnv env(Store store) {
    return new StoreEnv(
        store,
        new StoreLocks(store),
        cache,
        unwritten,
        settings.compress(),
        settings.lockWait(),
        System::nanoTime,
        meters);
  }

  private record Wanted(Store store, String directory) {}

  private final class StoreLocks implements StoreEnv.Locks {
    private final Store store;

    StoreLocks(Store store) {
      this.store = store;
    }

    @Override
    public Lease wanted(String directory) {
      return wanted.get(
          new Wanted(store, directory),
          () -> leases.lease(
              store, LsmKeys.LOCK, LsmKeys.lock(directory), title.apply(store, directory)));
    }

    @Override
    public boolean claim(String directory, Lease lease) {
      return wanted.claim(new Wanted(store, directory), lease);
    }
  }

  /** Forgets a database that was deleted with its store. */
  void deleted(Store store, String directory) {
    wanted.forget(new Wanted(store, directory));
  }

  /** Returns the size of the chunk cache in bytes. */
  long cachedBytes() {
    return cache.bytes();
  }

  /** Returns the numbers of the chunk cache. */
  List<Measurement> measureCache() {
    return LsmMeasurements.of(cache);
  }

  LsmMeters meters() {
    return meters;
  }

  /**
   * Opens a database in a plain directory, which other LevelDB programs can read and write too.
   *
   * @throws DBException as {@link #open(Store, String, Options)} does
   */
  public static DB open(Path directory, Options options) {
    return open(directory.toString(), options, new DirectoryEnv(), null, Optional.empty());
  }

  /**
   * Returns a factory for a store, for programs written for LevelDB: a path names a directory of
   * the store, with {@code /} as the separator. Failures throw {@link IOException}, caused by the
   * {@link DBException}. Its {@code repair} opens a database and reads all of it, but changes
   * nothing.
   */
  public DBFactory factory(Store store) {
    return new LsmFactory(
        (path, options) -> open(store, name(path), options), path -> destroy(store, name(path)));
  }

  private static String name(File path) {
    return path.getPath().replace(File.separatorChar, '/');
  }

  /** Returns a factory for plain directories. */
  public static DBFactory factory() {
    return new LsmFactory(
        (path, options) -> open(path.toPath(), options), path -> destroy(path.toPath()));
  }

  static LsmDb open(
      String directory,
      Options options,
      LsmEnv env,
      @Nullable StoreEnv store,
      Optional<WriteBuffers> buffers) {
    org.iq80.leveldb.env.File path = env.toFile(directory);
    try {
      env.lockFirst(path);
      requireAsAsked(path, options);
      DbImpl engine = new DbImpl(options, directory, env);
      return new LsmDb(
          engine,
          store == null ? Optional.empty() : store.lease(directory),
          directory,
          buffers,
          env);
    } catch (IOException
        | StorageException
        | DBException
        | IllegalArgumentException
        | UncheckedIOException e) {
      throw LsmErrors.of(directory, e);
    } finally {
      env.unlockUnused(path);
    }
  }

  /** Checks the options before the port does, because a port that fails to open leaks memory. */
  private static void requireAsAsked(org.iq80.leveldb.env.File path, Options options) {
    boolean exists = path.child(Filename.currentFileName()).canRead();
    if (!exists && !options.createIfMissing()) {
      throw new IllegalArgumentException(
          "Database '" + path + "' does not exist and the create if missing option is disabled");
    }
    if (exists && options.errorIfExists()) {
      throw new IllegalArgumentException(
          "Database '" + path + "' exists and the error if exists option is enabled");
    }
  }

  /**
   * Deletes a database from a base store if it exists.
   *
   * @throws DBException if another process uses it, or if the base fails
   */
  public void destroy(Store store, String directory) {
    destroy(directory, env(store));
  }

  /**
   * Deletes a database from a plain directory if it exists.
   *
   * @throws DBException if another process uses it
   */
  public static void destroy(Path directory) {
    destroy(directory.toString(), new DirectoryEnv());
  }

  private static void destroy(String directory, Env env) {
    try {
      DbImpl.destroyDB(env.toFile(directory), env);
    } catch (IOException | StorageException | UncheckedIOException e) {
      throw LsmErrors.of(directory, e);
    }
  }

  @Override
  public void close() {
    leases.close();
  }
}
