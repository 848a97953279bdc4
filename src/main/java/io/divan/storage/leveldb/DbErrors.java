package io.divan.storage.leveldb;

import io.divan.storage.StorageException;
import java.util.function.Supplier;
import org.iq80.leveldb.DBException;

/** Translates exceptions of a database into those of the storage SPI. */
final class DbErrors {

  private DbErrors() {}

  /** Runs a function that uses a database and translates its exceptions. */
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
