package io.divan.storage.leveldb;

import io.divan.storage.Store;
import io.divan.storage.lease.Lease;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;

/** Opens the LevelDB databases of a backend. Safe for use by many threads. */
public interface LevelDbEngine extends AutoCloseable {

  /**
   * A database that is open, and its owner's lease where others may want it. Nobody else writes to
   * it until it is closed, or the lease lost.
   */
  record Owned(DB db, Optional<Lease> lease) {

    /** Closes the database and releases the lease; what was written is durable already. */
    void close() {
      try {
        db.close();
      } catch (IOException | DBException e) {
        System.getLogger(LevelDbEngine.class.getName())
            .log(System.Logger.Level.WARNING, "A LevelDB database did not close well", e);
      } finally {
        lease.ifPresent(Lease::close);
      }
    }
  }

  /** The engine's name, which databases are marked with. */
  String name();

  /**
   * Opens the database in a base store, or makes it there.
   *
   * @throws io.divan.storage.StorageException.StoreUnavailable when another process owns it
   * @throws org.iq80.leveldb.DBException when it cannot be opened
   */
  Owned open(Store base);

  /** What a database takes in its base store, and elsewhere. */
  default long sizeBytes(Store base) {
    return base.sizeBytes();
  }

  /**
   * Whether a database that has found no space writes no more, and is read only until it is opened
   * anew.
   */
  default boolean stopsWhenFull() {
    return false;
  }

  /**
   * Whether there is space now to open such a database anew, and to write some: it is tried.
   *
   * @throws io.divan.storage.StorageException when that cannot be said
   */
  default boolean hasSpace(Store base) {
    return true;
  }

  /** A database is deleted, and so is its base store: removes what there is of it elsewhere. */
  default void deleted(Store base) {}

  /** Called before any is opened: removes what databases have left that are none any more. */
  default void sweep(Supplier<List<String>> databases) {}

  @Override
  void close();
}
