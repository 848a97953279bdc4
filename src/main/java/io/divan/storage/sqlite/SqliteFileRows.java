package io.divan.storage.sqlite;

import io.divan.storage.embedded.StoreFiles;
import java.nio.file.Path;

/**
 * Rows about the file itself, in a table whose name no {@link io.divan.storage.Table} can have.
 */
enum SqliteFileRows {
  /** The format, {@link #FORMAT_NOW}. */
  FORMAT("format"),
  /** A number that is at least every versionstamp of the file. */
  STAMP("stamp"),
  /** The versionstamp of the last change of the configuration. */
  CONFIG_VERSION("config_version"),
  /** In the system's file: a number that is at least every versionstamp of deleted databases. */
  STAMP_FLOOR("stamp_floor");

  /** The newest format that this code reads. */
  static final long FORMAT_NOW = 1;

  static final String CREATE =
      "CREATE TABLE \"divan-engine\" (k TEXT PRIMARY KEY, v INTEGER NOT NULL) WITHOUT ROWID";

  private static final String EXISTS =
      "SELECT 1 FROM sqlite_schema WHERE name = 'divan-engine'";
  private static final String READ = "SELECT v FROM \"divan-engine\" WHERE k = ?";
  private static final String WRITE =
      "INSERT OR REPLACE INTO \"divan-engine\" (k, v) VALUES (?, ?)";

  private final String key;

  SqliteFileRows(String key) {
    this.key = key;
  }

  /** Whether the table exists, as it does in every complete file. */
  static boolean exist(SqliteConnection connection) {
    return connection.number(EXISTS).isPresent();
  }

  /** Refuses a file of a newer format, and one that Divan did not create. */
  static void checkFormat(SqliteConnection connection, Path file) {
    long format = exist(connection) ? FORMAT.read(connection) : 0;
    StoreFiles.requireFormat(file, format, FORMAT_NOW);
  }

  /** The row's number, or 0 if the row does not exist. */
  long read(SqliteConnection connection) {
    return connection.number(READ, key).orElse(0L);
  }

  void write(SqliteConnection connection, long value) {
    connection.execute(WRITE, key, value);
  }
}
