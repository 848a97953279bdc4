package io.divan.storage.redb;

import io.divan.redb.RedbException;
import io.divan.storage.StorageException;
import java.nio.file.Path;

/** Maps the engine's exceptions to storage exceptions. */
final class RedbErrors {

  private RedbErrors() {}

  /**
   * Returns the storage exception for one of the engine's.
   *
   * @param file the database file
   */
  static RuntimeException map(RedbException e, Path file) {
    return switch (e) {
      case RedbException.Corrupted corrupted ->
          new StorageException.StoreCorrupt(file.toString(), corrupted.getMessage(), corrupted);
      case RedbException.Full full ->
          new StorageException.StoreFull("No space is left for " + file, full);
      case RedbException.InUse used ->
          new StorageException.StoreUnavailable(used.getMessage(), used);
      case RedbException.Unsupported unsupported ->
          new StorageException.StoreUnusable(
              unsupported.getMessage(),
              "The database's file has a format of redb that Divan does not support: see the"
                  + " server's log",
              unsupported);
      case RedbException.Failed failed ->
          new StorageException.StoreUnavailable(file + ": " + failed.getMessage(), failed);
      case RedbException.TableError table ->
          new IllegalStateException(file + ": " + table.getMessage(), table);
    };
  }
}
