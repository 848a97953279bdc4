package io.divan.storage.leveldb.lsm;

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
 * Opens databases of the LevelDB engine: with their files in a base store, or in a plain directory.
 * One per process and base; safe for use by many threads. Close its databases first, then it.
 *
 * <p>The databases are LevelDB's: what was written with {@code sync} lasts when the call returns,
 * in one transaction of the base store; what was written without it may be lost with the process,
 * from some write on. A database has one owner at a time. Whoever lost its lease, or had a
 * transaction of the base fail, can read for a while, but not write: the database is then closed
 * and opened anew. Failures are {@link DBException}s, whose cause is the {@link StorageException}
 * that says what happened.
 */
public final class LsmLevelDb implements AutoCloseable {

  /**
   * How databases are kept.
   *
   * @param cacheBytes what all of them together keep of their files, beside the engine's own cache
   *     of each
   * @param compress whether chunks of files are deflated in the base store; tables are compressed
   *     by the engine where Snappy is there, so this is for logs and for where it is not
   * @param lockWait how long {@link #open} waits for a database that another has
   */
  public record Settings(long cacheBytes, boolean compress, Duration lockWait) {

    private static final long CACHE_BYTES_MAX = 64L << 20;
    private static final int CACHE_HEAP_PART = 8;

    /** An eighth of the heap as cache, at most 64 MB; nothing deflated, and no waiting. */
    public static Settings defaults() {
      long part = Runtime.getRuntime().maxMemory() / CACHE_HEAP_PART;
      return new Settings(Math.min(CACHE_BYTES_MAX, part), false, Duration.ZERO);
    }

    /** The same with another cache. */
    public Settings cacheBytes(long bytes) {
      return new Settings(bytes, compress, lockWait);
    }

    /** The same with chunks deflated or not. */
    public Settings compress(boolean deflated) {
      return new Settings(cacheBytes, deflated, lockWait);
    }

    /** The same with another time to wait. */
    public Settings lockWait(Duration wait) {
      return new Settings(cacheBytes, compress, wait);
    }
  }

  private final Leases leases;
  private final ChunkCache cache;
  private final UnwrittenChunks unwritten;
  private final Settings settings;
  private final BiFunction<Store, String, String> title;

  /** Leases that others hold: they know for how long these have shown no sign of life. */
  private final WantedLeases<Wanted> wanted = new WantedLeases<>();

  /** Makes what opens databases. */
  public LsmLevelDb(Leases.Options leases, Settings settings) {
    this(
        leases,
        settings,
        UnwrittenChunks.ofHeap(),
        (store, directory) -> "The database " + directory);
  }

  /**
   * Makes what opens databases.
   *
   * @param unwritten bounds what waits to be written
   * @param title what a database is called in messages, by its store and its directory there
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
   * Opens a database in a base store, where many may lie side by side.
   *
   * @param directory its name there, at most 200 characters, without a slash at its end
   * @param options the engine's: whether it may be made, its comparator, buffers and caches
   * @throws DBException when it cannot be opened: another has it, it is there or not there against
   *     what the options say, its comparator is another, or the base fails
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
        System::nanoTime);
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
          () ->
              leases.lease(
                  store, Layout.LOCK, Layout.lock(directory), title.apply(store, directory)));
    }

    @Override
    public boolean claim(String directory, Lease lease) {
      return wanted.claim(new Wanted(store, directory), lease);
    }
  }

  /** A database is gone, with its store. */
  void deleted(Store store, String directory) {
    wanted.forget(new Wanted(store, directory));
  }

  /** Bytes of files that are in memory now. */
  long cachedBytes() {
    return cache.bytes();
  }

  /**
   * Opens a database in a plain directory, which other LevelDB programs can read and write, too.
   *
   * @throws DBException as {@link #open(Store, String, Options)} does
   */
  public static DB open(Path directory, Options options) {
    return open(directory.toString(), options, new DirectoryEnv(), null, Optional.empty());
  }

  /**
   * What opens databases of a store as programs written for LevelDB do: a path names a directory of
   * the store by its text, with {@code /} between names. What fails throws {@link IOException},
   * caused by the {@link DBException}. Its {@code repair} recovers a database and checks all of it;
   * it mends nothing.
   */
  public DBFactory factory(Store store) {
    return new LsmFactory(
        (path, options) -> open(store, name(path), options), path -> destroy(store, name(path)));
  }

  private static String name(File path) {
    return path.getPath().replace(File.separatorChar, '/');
  }

  /** The same for plain directories. */
  public static DBFactory factory() {
    return new LsmFactory(
        (path, options) -> open(path.toPath(), options), path -> destroy(path.toPath()));
  }

  static LsmDb open(
      String directory,
      Options options,
      EngineEnv env,
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
          buffers);
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

  /** What the engine would find, too, once it is made. */
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
   * Removes a database from a base store, if it is there.
   *
   * @throws DBException when another has it, or the base fails
   */
  public void destroy(Store store, String directory) {
    destroy(directory, env(store));
  }

  /**
   * Removes a database from a plain directory, if it is there.
   *
   * @throws DBException when another has it
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
