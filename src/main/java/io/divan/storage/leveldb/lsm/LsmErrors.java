package io.divan.storage.leveldb.lsm;

import io.divan.storage.StorageException;
import java.io.IOException;
import java.util.function.Supplier;
import org.iq80.leveldb.DBException;
import org.jspecify.annotations.Nullable;

/**
 * Translates failures of the port into {@link DBException}. Its cause is the {@link
 * StorageException} that reports the original failure, if there is one; that may be many causes
 * deep.
 */
final class LsmErrors {

  private static final int DEPTH_MAX = 20;

  private LsmErrors() {}

  /** Runs a function that uses the port, and translates its failures. */
  static <T extends @Nullable Object> T call(String database, Supplier<T> work) {
    try {
      return work.get();
    } catch (StorageException | DBException e) {
      throw of(database, e);
    } catch (RuntimeException e) {
      if (storage(database, e) != null) {
        throw of(database, e);
      }
      throw e;
    }
  }

  static DBException of(String database, Throwable error) {
    StorageException cause = storage(database, error);
    if (cause != null) {
      return new DBException(cause.getMessage(), cause);
    }
    return error instanceof DBException own ? own : new DBException(error.getMessage(), error);
  }

  private static @Nullable StorageException storage(String database, Throwable error) {
    Throwable cause = error;
    for (int depth = 0; cause != null && depth < DEPTH_MAX; depth++) {
      if (cause instanceof StorageException found) {
        return found;
      }
      if (cause instanceof IOException failed) {
        StorageException inner =
            failed.getCause() == null ? null : storage(database, failed.getCause());
        return inner == null ? unavailable(database, failed) : inner;
      }
      cause = cause.getCause();
    }
    return null;
  }

  private static StorageException unavailable(String database, IOException error) {
    return new StorageException.StoreUnavailable(
        database + " cannot be used: " + error.getMessage(), error);
  }
}
