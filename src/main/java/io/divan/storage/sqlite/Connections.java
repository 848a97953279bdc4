package io.divan.storage.sqlite;

import io.divan.storage.OpenStores;
import io.divan.storage.StampClock;
import io.divan.storage.StorageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one database file, opened when they are needed and closed when the store is
 * idle. Safe for use by many threads.
 *
 * <ol>
 *   <li>The writer is opened first and closed last: opening it recovers the log, and closing it
 *       copies the log into the file and removes it.
 *   <li>Connections are closed only while none is in use ({@code users}); a retired store's are
 *       closed by whoever gives the last one back.
 *   <li>Once retired, nothing is lent any more, and no commit begins. A commit that has begun ends
 *       before {@link #retire} returns; so whatever commits has committed before.
 * </ol>
 */
final class Connections implements OpenStores.Files {

  private final Path file;
  private final StampClock stamps;
  private final OpenStores openStores;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<SqliteConnection> idleReaders = new ArrayDeque<>(1);
  private @Nullable SqliteConnection writer;
  private @Nullable SqliteConnection checkpointer;
  private @Nullable Supplier<? extends StorageException> retired;
  private boolean open;
  private boolean committing;
  private int users;
  private volatile long usedNanos = System.nanoTime();

  Connections(Path file, StampClock stamps, OpenStores openStores) {
    this.file = file;
    this.stamps = stamps;
    this.openStores = openStores;
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

  /** Lets a commit begin; {@link #commitEnds} follows. */
  void commitBegins() {
    lock.lock();
    try {
      checkLendable();
      committing = true;
    } finally {
      lock.unlock();
    }
  }

  void commitEnds() {
    lock.lock();
    try {
      committing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lends nothing any more, and waits for a commit under way and, for a while, for what is lent.
   *
   * @param why what borrowers get from now on
   */
  void retire(Supplier<? extends StorageException> why, Duration waitMax) {
    long left = waitMax.toNanos();
    lock.lock();
    try {
      if (retired == null) {
        retired = why;
      }
      while (committing) {
        changed.awaitUninterruptibly();
      }
      while (users > 0 && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Throws what borrowers get where nothing is lent any more. */
  void checkLent() {
    lock.lock();
    try {
      checkLendable();
    } finally {
      lock.unlock();
    }
  }

  /** When a connection was last given back. */
  @Override
  public long usedNanos() {
    return usedNanos;
  }

  @Override
  public boolean closeIfUnused() {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      if (users > 0) {
        return false;
      }
      closeAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private SqliteConnection openAnother(SqliteConnection.Role role) {
    try {
      return SqliteConnection.open(file, role);
    } catch (RuntimeException | Error e) {
      giveBack(null);
      throw e;
    }
  }

  private void giveBack(@Nullable SqliteConnection reader) {
    lock.lock();
    try {
      users--;
      usedNanos = System.nanoTime();
      if (reader != null) {
        idleReaders.push(reader);
      }
      if (users == 0 && retired != null) {
        closeAll();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void checkLendable() {
    if (retired != null) {
      throw retired.get();
    }
  }

  private SqliteConnection ensureOpen() {
    SqliteConnection opened = writer;
    if (opened == null) {
      if (!open) {
        openStores.makeRoom();
      }
      opened = SqliteConnection.open(file, SqliteConnection.Role.WRITER);
      try {
        EngineRows.checkFormat(opened, file);
        stamps.raise(EngineRows.STAMP.read(opened));
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
    openStores.remove(this);
    idleReaders.forEach(Connections::closeQuietly);
    idleReaders.clear();
    closeIfThere(checkpointer);
    checkpointer = null;
    closeIfThere(writer);
    writer = null;
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
