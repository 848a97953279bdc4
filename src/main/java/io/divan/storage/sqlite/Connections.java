package io.divan.storage.sqlite;

import io.divan.storage.ReadTransaction;
import io.divan.storage.embedded.Lent;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one database file. Safe for use by many threads.
 *
 * <ol>
 *   <li>The writer is opened first and closed last: opening it recovers the log, and closing it
 *       copies the log into the file and removes it.
 *   <li>Connections are closed only while none is in use ({@code users}).
 * </ol>
 */
final class Connections extends Lent {

  /** Where a database's connections come from. */
  interface Source {
    /** Opens a connection. */
    SqliteConnection open(SqliteConnection.Role role);

    /**
     * The writer was opened, and nobody uses it yet.
     *
     * @param stamps is raised to what the database says
     */
    void opened(SqliteConnection writer, StampClock stamps);

    /** Called now and then while connections are open. */
    default void look() {}

    /** All connections are closed. */
    default void closed() {}
  }

  private final Source source;
  private final StampClock stamps;
  private final OpenStores openStores;
  private final ArrayDeque<SqliteConnection> idleReaders = new ArrayDeque<>(1);
  private @Nullable SqliteConnection writer;
  private @Nullable SqliteConnection checkpointer;
  private boolean open;
  private int users;

  /** Lends the connections of a database file. */
  Connections(Path file, StampClock stamps, OpenStores openStores) {
    this(new FileSource(file), stamps, openStores);
  }

  /** Lends connections. */
  Connections(Source source, StampClock stamps, OpenStores openStores) {
    this.source = source;
    this.stamps = stamps;
    this.openStores = openStores;
  }

  private record FileSource(Path file) implements Source {
    @Override
    public SqliteConnection open(SqliteConnection.Role role) {
      return SqliteConnection.open(file, role);
    }

    @Override
    public void opened(SqliteConnection writer, StampClock stamps) {
      EngineRows.checkFormat(writer, file);
      stamps.raise(EngineRows.STAMP.read(writer));
    }
  }

  /** Lends the writer, to one thread at a time. */
  SqliteConnection borrowWriter() {
    lock.lock();
    try {
      checkLendable();
      SqliteConnection lent = ensureOpen();
      users++;
      return lent;
    } finally {
      lock.unlock();
    }
  }

  void returnWriter() {
    giveBack(null);
  }

  /** Closes the writer after a failure; the next one to borrow it opens it again. */
  void discardWriter() {
    lock.lock();
    try {
      closeIfThere(writer);
      writer = null;
    } finally {
      lock.unlock();
    }
    giveBack(null);
  }

  /** Lends a connection that only reads. */
  SqliteConnection borrowReader() {
    lock.lock();
    try {
      checkLendable();
      if (!open) {
        ensureOpen();
      }
      users++;
      SqliteConnection idle = idleReaders.poll();
      if (idle != null) {
        return idle;
      }
    } finally {
      lock.unlock();
    }
    return openAnother(SqliteConnection.Role.READER);
  }

  /** Takes a reader back; one that failed or has an open transaction is not lent again. */
  void returnReader(SqliteConnection reader, boolean reusable) {
    if (!reusable || reader.failure().isPresent()) {
      closeQuietly(reader);
      giveBack(null);
    } else {
      giveBack(reader);
    }
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
    lock.lock();
    try {
      checkLendable();
      ensureOpen();
      users++;
      SqliteConnection idle = checkpointer;
      checkpointer = null;
      if (idle != null) {
        return idle;
      }
    } finally {
      lock.unlock();
    }
    return openAnother(SqliteConnection.Role.CHECKPOINTER);
  }

  void returnCheckpointer(SqliteConnection lent) {
    lock.lock();
    try {
      if (lent.failure().isPresent()) {
        closeQuietly(lent);
      } else {
        checkpointer = lent;
      }
    } finally {
      lock.unlock();
    }
    giveBack(null);
  }

  @Override
  public void look() {
    source.look();
  }

  @Override
  protected void touch() {
    borrowWriter();
    returnWriter();
  }

  @Override
  protected boolean isUsed() {
    return users > 0;
  }

  @Override
  protected boolean closeUnused() {
    if (users > 0) {
      return false;
    }
    closeAll();
    return true;
  }

  private SqliteConnection openAnother(SqliteConnection.Role role) {
    try {
      return source.open(role);
    } catch (RuntimeException | Error e) {
      giveBack(null);
      throw e;
    }
  }

  private void giveBack(@Nullable SqliteConnection reader) {
    lock.lock();
    try {
      users--;
      usedNow();
      if (reader != null) {
        idleReaders.push(reader);
      }
      givenBack();
    } finally {
      lock.unlock();
    }
  }

  private SqliteConnection ensureOpen() {
    SqliteConnection opened = writer;
    if (opened == null) {
      if (!open) {
        openStores.makeRoom();
      }
      opened = source.open(SqliteConnection.Role.WRITER);
      try {
        source.opened(opened, stamps);
      } catch (RuntimeException | Error e) {
        closeQuietly(opened);
        throw e;
      }
      writer = opened;
    }
    if (!open) {
      open = true;
      openStores.add(this);
    }
    return opened;
  }

  private void closeAll() {
    if (!open) {
      return;
    }
    open = false;
    idleReaders.forEach(Connections::closeQuietly);
    idleReaders.clear();
    closeIfThere(checkpointer);
    checkpointer = null;
    closeIfThere(writer);
    writer = null;
    source.closed();
    openStores.remove(this);
  }

  private static void closeIfThere(@Nullable SqliteConnection connection) {
    if (connection != null) {
      closeQuietly(connection);
    }
  }

  /** A connection that does not close holds nothing that another one would miss. */
  private static void closeQuietly(SqliteConnection connection) {
    try {
      connection.close();
    } catch (RuntimeException e) {
      System.getLogger(Connections.class.getName())
          .log(System.Logger.Level.WARNING, "A connection to SQLite did not close", e);
    }
  }
}
