package io.divan.storage.sqlite.pages;

import io.divan.storage.NameRange;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.lease.Leases;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;

/**
 * SQLite databases whose pages are stored in a base store. All of SQLite's SQL is available on any
 * store. A transaction of SQLite is one transaction of the base, no matter how many databases of
 * the store it writes. A transaction too large for the base is committed in several steps, and
 * becomes visible as a whole.
 *
 * <p>Databases are attached by name: {@code ATTACH DATABASE 'other' AS other}. The journal of a
 * transaction is kept in memory, whatever {@code PRAGMA journal_mode} requests.
 *
 * <p>Readers see one version of a database, and neither block writers nor wait for them. One
 * connection writes at a time; others get {@code SQLITE_BUSY} after the time set by {@code PRAGMA
 * busy_timeout}. A transaction that reads and then writes gets {@code SQLITE_BUSY_SNAPSHOT} if
 * another one has committed in between: roll it back and repeat it, or begin it with {@code BEGIN
 * IMMEDIATE}.
 *
 * <p>Thread-safe; a connection is for one thread at a time. Close all connections before this
 * object.
 *
 * @see <a href="https://sqlite.org/vfs.html">SQLite's VFS</a>
 */
public final class SqlitePages implements AutoCloseable {
  /** A page cache and leases shared by the databases of several stores. */
  public static final class Shared implements AutoCloseable {
    private final PageOptions options;
    private final VersionedPageCache cache;
    private final Leases leases;

    /** Creates the cache and the leases. */
    public Shared(PageOptions options) {
      this.options = options;
      this.cache = new VersionedPageCache(options.cacheBytes());
      this.leases = new Leases(options.leases());
    }

    @Override
    public void close() {
      leases.close();
    }
  }

  /**
   * An unwrapped connection of sqlite-jdbc, for platform threads.
   *
   * @param connection the connection
   * @param failure takes the last exception of the base since the previous call, if any
   */
  public record Direct(Connection connection, Supplier<Optional<Throwable>> failure) {}

  private static final int BUSY_MILLIS = 5_000;

  private final SqliteVfs vfs;
  private final DatabaseFiles files;
  private final JdbcThreads threads;

  private SqlitePages(SqliteVfs vfs, DatabaseFiles files, JdbcThreads threads) {
    this.vfs = vfs;
    this.files = files;
    this.threads = threads;
  }

  /**
   * Checks that SQLite can be used with a VFS in this JVM. Only the first call runs the test.
   *
   * @throws StorageException.StoreUnusable if it cannot; the message names the remedy
   */
  public static void requireUsable() {
    SqliteVfs.get();
  }

  /**
   * Opens the databases of a store that holds nothing else.
   *
   * @throws StorageException.StoreUnavailable if the store does not respond, or SQLite cannot be
   *     used with a VFS in this JVM; the message names the remedy
   */
  public static SqlitePages open(Store store, PageOptions options) {
    SqliteVfs vfs = SqliteVfs.get();
    return new SqlitePages(vfs, new DatabaseFiles(store, options), new JdbcThreads());
  }

  /**
   * Opens the databases of one of several stores. The first process that writes a database prevents
   * other processes from writing it until this object is closed.
   *
   * @throws StorageException.StoreUnavailable as in {@link #open(Store, PageOptions)}
   */
  public static SqlitePages open(Store store, Shared shared) {
    SqliteVfs vfs = SqliteVfs.get();
    return new SqlitePages(
        vfs,
        new DatabaseFiles(store, shared.options, shared.cache, shared.leases),
        new JdbcThreads());
  }

  /** The names of the databases, in order. */
  public List<String> list(NameRange range) {
    return files.list(range);
  }

  /**
   * Creates an empty database.
   *
   * @param name 1 to 200 letters, digits and any of {@code _ $ ( ) + . -}
   * @throws StorageException.DatabaseExists if the name is in use
   */
  public void create(String name) {
    files.create(name);
  }

  /**
   * Deletes a database. Connections that have it open fail from then on.
   *
   * @throws StorageException.DatabaseNotFound if there is no database of that name
   */
  public void delete(String name) {
    files.delete(name);
  }

  /** Opens connections to a database, and creates it with the first one if it does not exist. */
  public DataSource dataSource(String name) {
    return new PagesDataSource(this, name);
  }

  /**
   * Opens a connection to a database, and creates the database if it does not exist. After a failed
   * commit the connection is unusable: each call throws until it is closed.
   *
   * @throws SQLException if it cannot be opened; its cause is the reason
   */
  public Connection connect(String name) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_MILLIS);
    return connect(name, config);
  }

  /**
   * As above, with settings of sqlite-jdbc.
   *
   * @throws SQLException if it cannot be opened; its cause is the reason
   */
  public Connection connect(String name, SQLiteConfig config) throws SQLException {
    VfsBinding binding = binding();
    return threads.connect(binding, () -> driverConnection(name, config, binding));
  }

  /**
   * Opens a connection without a wrapper around sqlite-jdbc's.
   *
   * @throws SQLException if it cannot be opened; its cause is the reason
   */
  public Direct connectDirectly(String name, SQLiteConfig config) throws SQLException {
    VfsBinding binding = binding();
    try {
      return new Direct(
          driverConnection(name, config, binding),
          () -> Optional.ofNullable(binding.takeFailure()));
    } catch (SQLException e) {
      throw JdbcThreads.withCause(e, binding);
    }
  }

  /** Whether all leases taken are still held, as far as this process knows. */
  public boolean ownsAll() {
    return files.leasesAreHeld();
  }

  private Connection driverConnection(String name, SQLiteConfig config, VfsBinding binding)
      throws SQLException {
    String slot = vfs.bind(binding);
    try {
      return config.createConnection(
          "jdbc:sqlite:file:" + DatabaseFiles.checked(name) + "?vfs=" + slot);
    } catch (SQLException | RuntimeException e) {
      vfs.unbind(binding);
      throw e;
    }
  }

  private VfsBinding binding() {
    return new VfsBinding(
        markBroken -> {
          FileGroup group = new FileGroup(markBroken);
          return (name, create) -> new FileHandle(file(name, create), group);
        });
  }

  private DatabaseFile file(String name, boolean create) {
    return create
        ? files.findOrCreate(name)
        : files.find(name).orElseThrow(() -> new StorageException.DatabaseNotFound(name));
  }

  @Override
  public void close() {
    files.close();
    threads.close();
  }
}
