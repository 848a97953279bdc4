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
 * SQLite databases whose pages lie in a base store: any SQL that SQLite runs, over whatever the
 * store is kept in. A transaction of SQLite is one transaction of the base, however many of the
 * store's databases it writes; one that is larger than the base takes is committed in steps, and
 * seen as a whole or not at all.
 *
 * <p>Databases are attached by their names: {@code ATTACH DATABASE 'other' AS other}. The journal
 * of a transaction is in memory, whatever {@code PRAGMA journal_mode} asks for.
 *
 * <p>Readers see one version of a database, and neither wait for writers nor keep them waiting. One
 * connection writes at a time; others are told {@code SQLITE_BUSY} once they have waited for the
 * time of {@code PRAGMA busy_timeout}. A transaction that has read and then writes is told {@code
 * SQLITE_BUSY_SNAPSHOT} where another has committed in between: roll it back and run it again, or
 * begin it with {@code BEGIN IMMEDIATE}.
 *
 * <p>Safe for use by many threads; a connection is for one thread at a time. Close all connections
 * before this.
 *
 * @see <a href="https://sqlite.org/vfs.html">SQLite's VFS</a>
 */
public final class SqlitePages implements AutoCloseable {
  /** What the databases of several stores share: memory for pages, and leases. */
  public static final class Shared implements AutoCloseable {
    private final PageOptions options;
    private final PageCache cache;
    private final Leases leases;

    /** Makes what stores share. */
    public Shared(PageOptions options) {
      this.options = options;
      this.cache = new PageCache(options.cacheBytes());
      this.leases = new Leases(options.leases());
    }

    @Override
    public void close() {
      leases.close();
    }
  }

  /**
   * A connection of sqlite-jdbc as it is: for platform threads.
   *
   * @param connection the connection
   * @param failure what the base threw last, if SQLite was told of a failure since it was asked
   */
  public record Direct(Connection connection, Supplier<Optional<Throwable>> failure) {}

  private static final int BUSY_MILLIS = 5_000;

  private final SqliteVfs vfs;
  private final PageFiles files;
  private final JdbcThreads threads;

  private SqlitePages(SqliteVfs vfs, PageFiles files, JdbcThreads threads) {
    this.vfs = vfs;
    this.files = files;
    this.threads = threads;
  }

  /**
   * Finds out whether SQLite can be used so in this JVM; the first call tries it.
   *
   * @throws StorageException.StoreUnavailable when it cannot: the message says what to change
   */
  public static void requireUsable() {
    SqliteVfs.get();
  }

  /**
   * Opens the databases of a store, which is used for nothing else.
   *
   * @throws StorageException.StoreUnavailable when the store does not answer, or SQLite cannot be
   *     used so in this JVM: the message says what to change
   */
  public static SqlitePages open(Store store, PageOptions options) {
    SqliteVfs vfs = SqliteVfs.get();
    return new SqlitePages(vfs, new PageFiles(store, options), new JdbcThreads());
  }

  /**
   * Opens the databases of one store among several. Whoever first writes one of them keeps others
   * from writing it until this is closed.
   *
   * @throws StorageException.StoreUnavailable as the other {@code open} does
   */
  public static SqlitePages open(Store store, Shared shared) {
    SqliteVfs vfs = SqliteVfs.get();
    return new SqlitePages(
        vfs,
        new PageFiles(store, shared.options, shared.cache, shared.leases),
        new JdbcThreads());
  }

  /** The names of databases, ordered. */
  public List<String> list(NameRange range) {
    return files.list(range);
  }

  /**
   * Makes an empty database.
   *
   * @param name 1 to 200 letters, digits and any of {@code _ $ ( ) + . -}
   * @throws StorageException.DatabaseExists when there is one of that name
   */
  public void create(String name) {
    files.create(name);
  }

  /**
   * Deletes a database. What connections have open of it fails.
   *
   * @throws StorageException.DatabaseNotFound when there is none of that name
   */
  public void delete(String name) {
    files.delete(name);
  }

  /** Connections to a database, which is made with the first where it is not there. */
  public DataSource dataSource(String name) {
    return new PagesDataSource(this, name);
  }

  /**
   * A connection to a database, which is made where it is not there. After a commit that failed it
   * is of no more use: each call throws, until it is closed.
   *
   * @throws SQLException when it cannot be opened; its cause says why
   */
  public Connection connect(String name) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_MILLIS);
    return connect(name, config);
  }

  /**
   * The same with settings of sqlite-jdbc.
   *
   * @throws SQLException when it cannot be opened; its cause says why
   */
  public Connection connect(String name, SQLiteConfig config) throws SQLException {
    VfsBinding binding = binding();
    return threads.connect(binding, () -> driverConnection(name, config, binding));
  }

  /**
   * A connection that does nothing besides what sqlite-jdbc does.
   *
   * @throws SQLException when it cannot be opened; its cause says why
   */
  public Direct connectDirectly(String name, SQLiteConfig config) throws SQLException {
    VfsBinding binding = binding();
    try {
      return new Direct(
          driverConnection(name, config, binding),
          () -> Optional.ofNullable(binding.takeFailure()));
    } catch (SQLException e) {
      throw JdbcThreads.explained(e, binding);
    }
  }

  /** Whether nobody else can have written what was written here, as far as is known. */
  public boolean ownsAll() {
    return files.leasesAreHeld();
  }

  private Connection driverConnection(String name, SQLiteConfig config, VfsBinding binding)
      throws SQLException {
    String slot = vfs.bind(binding);
    try {
      return config.createConnection(
          "jdbc:sqlite:file:" + PageFiles.checked(name) + "?vfs=" + slot);
    } catch (SQLException | RuntimeException e) {
      vfs.unbind(binding);
      throw e;
    }
  }

  private VfsBinding binding() {
    VfsBinding binding = new VfsBinding();
    FileGroup group = new FileGroup(binding::broken);
    binding.opener((name, create) -> new FileHandle(file(name, create), group));
    return binding;
  }

  private PageFile file(String name, boolean create) {
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
