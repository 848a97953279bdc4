package io.divan.storage.leveldb;

import io.divan.storage.Measurement;
import io.divan.storage.Store;
import io.divan.storage.lease.Lease;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;

/** Opens the LevelDB databases of a storage backend. Thread-safe. */
public interface LevelDbEngine extends AutoCloseable {

  /**
   * An open database, with the owner's lease if other processes may use it. No other process writes
   * to it until it is closed or the lease is lost.
   */
  record Owned(DB db, Optional<Lease> lease) {

    /** Closes the database and releases the lease. Everything written is already durable. */
    void close() {
      try {
        db.close();
      } catch (IOException | DBException e) {
        System.getLogger(LevelDbEngine.class.getName())
            .log(System.Logger.Level.WARNING, "A LevelDB database could not be closed cleanly", e);
      } finally {
        lease.ifPresent(Lease::close);
      }
    }
  }

  /** Returns the name of the engine, which each database records. */
  String name();

  /**
   * Opens the database in a base store, or creates it.
   *
   * @throws io.divan.storage.StorageException.StoreUnavailable if another process owns it
   * @throws org.iq80.leveldb.DBException if it cannot be opened
   */
  Owned open(Store base);

  /** Returns the size of a database in its base store and elsewhere, in bytes. */
  default long sizeBytes(Store base) {
    return base.sizeBytes();
  }

  /**
   * Returns whether a database that ran out of space stops writing and stays read-only until it is
   * reopened.
   */
  default boolean stopsWhenFull() {
    return false;
  }

  /**
   * Returns whether there is now enough space to reopen such a database and to write. Tests it by
   * writing.
   *
   * @throws io.divan.storage.StorageException if the test fails for another reason
   */
  default boolean hasSpace(Store base) {
    return true;
  }

  /** Removes the data of a deleted database outside its base store, which is already deleted. */
  default void deleted(Store base) {}

  /** Removes the remains of deleted databases. Called before any database is opened. */
  default void sweep(Supplier<List<String>> databases) {}

  /** Returns the numbers of all open databases, if the engine has any besides those of the base. */
  default List<Measurement> measure() {
    return List.of();
  }

  @Override
  void close();
}
