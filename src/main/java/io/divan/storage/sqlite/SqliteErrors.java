package io.divan.storage.sqlite;

import io.divan.storage.StorageException;
import java.nio.file.Path;
import java.sql.SQLException;

/** Translates SQLite's result codes (https://sqlite.org/rescode.html) into storage exceptions. */
final class SqliteErrors {

  private static final int ERROR = 1;
  private static final int CORRUPT = 11;
  private static final int FULL = 13;
  private static final int TOO_BIG = 18;
  private static final int CONSTRAINT = 19;
  private static final int MISMATCH = 20;
  private static final int MISUSE = 21;
  private static final int RANGE = 25;
  private static final int NOT_A_DATABASE = 26;

  /** The log's index in shared memory could not grow, usually the first sign of a full disk. */
  private static final int IO_ERROR_INDEX_SIZE = 4_874;

  /** The file system detected the corruption. */
  private static final int IO_ERROR_FILE_SYSTEM = 8_458;

  private SqliteErrors() {}

  /**
   * Translates an exception.
   *
   * @param file the database file that was used
   */
  static RuntimeException map(SQLException e, Path file) {
    int extended = e instanceof org.sqlite.SQLiteException s ? s.getResultCode().code : 0;
    return switch (extended) {
      case IO_ERROR_INDEX_SIZE -> full(e, file);
      case IO_ERROR_FILE_SYSTEM -> corrupt(e, file);
      default ->
          switch (extended & 0xFF) {
            case FULL -> full(e, file);
            case CORRUPT, NOT_A_DATABASE -> corrupt(e, file);
            case ERROR, TOO_BIG, CONSTRAINT, MISMATCH, MISUSE, RANGE ->
                new IllegalStateException(file + ": " + e.getMessage(), e);
            default ->
                new StorageException.StoreUnavailable(file + ": " + e.getMessage(), e);
          };
    };
  }

  private static StorageException full(SQLException e, Path file) {
    return new StorageException.StoreFull("No space is left for " + file, e);
  }

  private static StorageException corrupt(SQLException e, Path file) {
    return new StorageException.StoreCorrupt(file.toString(), e.getMessage(), e);
  }
}
