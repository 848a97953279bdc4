package io.divan.storage.leveldb;

import io.divan.storage.StorageException;
import java.util.function.Supplier;
import org.iq80.leveldb.DBException;

/** What a database's exceptions mean to users of storage. */
final class DbErrors {

  private DbErrors() {}

  /** Runs what uses a database; what it throws is turned into what storage throws. */
  static <T> T call(String name, Supplier<T> use) {
    try {
      return use.get();
    } catch (DBException e) {
      throw of(name, e);
    }
  }

  static StorageException of(String name, DBException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof StorageException storage) {
        return storage;
      }
    }
    return new StorageException.StoreUnavailable(
        "The LevelDB database " + name + " has failed: " + e.getMessage(), e);
  }
}
