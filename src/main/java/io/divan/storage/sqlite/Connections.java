package io.divan.storage.sqlite;

import io.divan.storage.ReadTransaction;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one database, to its file or to pages in a base store. Thread-safe.
 *
 * <ol>
 *   <li>The writer is opened first and closed last: opening it recovers the log, and closing it
 *       copies the log into the file and removes it.
 *   <li>Connections are closed only while none is in use.
 * </ol>
 */
final class Connections {

  /** Opens connections to a database. */
  interface Source {
    /** Opens a connection. */
    SqliteConnection open(SqliteConnection.Role role);

    /**
     * Prepares the writer before its first use.
     *
     * @param stamps is raised to the database's last versionstamp
     */
    void opened(SqliteConnection writer, StampClock stamps);

    /** Whether another process may have taken the database over. */
    default boolean mayBeLost() {
      return false;
    }

    /** Called when all connections are closed. */
    default void closed() {}
  }

  private record FileSource(Path file) implements Source {
    @Override
    public SqliteConnection open(SqliteConnection.Role role) {
      return SqliteConnection.open(file, role);
    }

    @Override
    public void opened(SqliteConnection writer, StampClock stamps) {
      SqliteFileRows.checkFormat(writer, file);
      stamps.raise(SqliteFileRows.STAMP.read(writer));
    }
  }

  /** The open connections that are not in use, and the writer. */
  private static final class Pool extends OpenStore.Resource {
    private final Source source;
    private final StampClock stamps;
    private final ArrayDeque<SqliteConnection> idleReaders = new ArrayDeque<>(1);
    private @Nullable SqliteConnection writer;
    private @Nullable SqliteConnection checkpointer;

    Pool(Source source, StampClock stamps) {
      this.source = source;
      this.stamps = stamps;
      writer();
    }

    synchronized SqliteConnection writer() {
      SqliteConnection opened = writer;
      if (opened == null) {
        opened = source.open(SqliteConnection.Role.WRITER);
        try {
          source.opened(opened, stamps);
        } catch (RuntimeException | Error e) {
          closeQuietly(opened);
          throw e;
        }
        writer = opened;
      }
      return opened;
    }

    synchronized void closeWriter() {
      if (writer != null) {
        closeQuietly(writer);
        writer = null;
      }
    }

    SqliteConnection reader() {
      SqliteConnection idle;
      synchronized (this) {
        idle = idleReaders.poll();
      }
      return idle == null ? source.open(SqliteConnection.Role.READER) : idle;
    }

    synchronized void keep(SqliteConnection reader) {
      idleReaders.push(reader);
    }

    SqliteConnection checkpointer() {
      SqliteConnection idle;
      synchronized (this) {
        writer();
        idle = checkpointer;
        checkpointer = null;
      }
      return idle == null ? source.open(SqliteConnection.Role.CHECKPOINTER) : idle;
    }

    synchronized void keepCheckpointer(SqliteConnection idle) {
      checkpointer = idle;
    }

    @Override
    protected synchronized void close() {
      idleReaders.forEach(Connections::closeQuietly);
      idleReaders.clear();
      if (checkpointer != null) {
        closeQuietly(checkpointer);
        checkpointer = null;
      }
      closeWriter();
      source.closed();
    }
  }

  private final OpenStore<Pool> files;

  /**
   * The pool in use. A new one is created only after the last user of the old one has released it.
   */
  private volatile @Nullable Pool current;

  /**
   * Creates the connections of a database without opening any.
   *
   * @param title the name of the database in messages
   */
  Connections(String title, Source source, StampClock stamps, OpenStores openStores) {
    files =
        new OpenStore<>(
            title,
            openStores,
            new OpenStore.Source<>() {
              @Override
              public Pool open() {
                return new Pool(source, stamps);
              }

              @Override
              public boolean mayBeLost(Pool open) {
                return source.mayBeLost();
              }
            });
  }

  /** Creates the connections of a database file. */
  static Connections ofFile(Path file, StampClock stamps, OpenStores openStores) {
    return new Connections(file.toString(), new FileSource(file), stamps, openStores);
  }

  /** The files of the open databases; empty for databases that are not files. */
  static List<Path> openFiles(OpenStores openStores) {
    return openStores.open(Pool.class).stream()
        .map(pool -> pool.source)
        .filter(FileSource.class::isInstance)
        .map(source -> ((FileSource) source).file)
        .toList();
  }

  /** The database's entry in the cache of open stores. */
  OpenStore<?> files() {
    return files;
  }

  void checkNotRetired() {
    files.checkNotRetired();
  }

  private SqliteConnection borrow(Function<Pool, SqliteConnection> taker) {
    Pool pool = files.acquire();
    current = pool;
    try {
      return taker.apply(pool);
    } catch (RuntimeException | Error e) {
      files.release(pool);
      throw e;
    }
  }

  private Pool used() {
    Pool pool = current;
    if (pool == null) {
      throw new IllegalStateException("A connection is returned after it was borrowed");
    }
    return pool;
  }

  /** Lends the writer, to one thread at a time. */
  SqliteConnection borrowWriter() {
    return borrow(Pool::writer);
  }

  void returnWriter() {
    files.release(used());
  }

  /** Closes the writer after a failure. The next borrower opens it again. */
  void discardWriter() {
    Pool pool = used();
    pool.closeWriter();
    files.release(pool);
  }

  /** Lends a connection that only reads. */
  SqliteConnection borrowReader() {
    return borrow(Pool::reader);
  }

  /** Takes a reader back. One that failed or has an open transaction is closed. */
  void returnReader(SqliteConnection reader, boolean reusable) {
    Pool pool = used();
    if (reusable && reader.failure().isEmpty()) {
      pool.keep(reader);
    } else {
      closeQuietly(reader);
    }
    files.release(pool);
  }

  /** Runs a read transaction on a connection. */
  <T> T read(WatchRegistry watches, Function<ReadTransaction, T> work) {
    SqliteConnection connection = borrowReader();
    boolean ended = false;
    try {
      SqliteReadTransaction transaction =
          new SqliteReadTransaction(connection, watches, watches.mark());
      connection.execute("BEGIN");
      T result = transaction.run(work);
      connection.execute("COMMIT");
      ended = true;
      return result;
    } finally {
      returnReader(connection, ended);
    }
  }

  /** Lends the connection for checkpoints, to one thread at a time. */
  SqliteConnection borrowCheckpointer() {
    return borrow(Pool::checkpointer);
  }

  void returnCheckpointer(SqliteConnection lent) {
    Pool pool = used();
    if (lent.failure().isPresent()) {
      closeQuietly(lent);
    } else {
      pool.keepCheckpointer(lent);
    }
    files.release(pool);
  }

  /** Closes a connection. A failure is only logged, because no other connection depends on it. */
  private static void closeQuietly(SqliteConnection connection) {
    try {
      connection.close();
    } catch (RuntimeException e) {
      System.getLogger(Connections.class.getName())
          .log(System.Logger.Level.WARNING, "A connection to SQLite could not be closed", e);
    }
  }
}
