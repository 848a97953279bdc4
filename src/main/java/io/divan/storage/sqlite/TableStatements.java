package io.divan.storage.sqlite;

import io.divan.storage.Range;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The statements of one table on one connection, prepared on first use. */
final class TableStatements {

  private static final int GET = 0;
  private static final int PUT = 1;
  private static final int DELETE = 2;
  private static final int DELETE_RANGE = 3;
  private static final int SCAN = 5;
  private static final int SIZES = 9;

  private final Connection connection;
  private final String table;
  private final @Nullable PreparedStatement[] prepared = new PreparedStatement[11];

  TableStatements(Connection connection, String table) {
    this.connection = connection;
    this.table = '"' + table + '"';
  }

  static String create(String table) {
    return "CREATE TABLE \"" + table + "\" (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID";
  }

  PreparedStatement get(byte[] key) throws SQLException {
    PreparedStatement statement = prepare(GET, "SELECT v FROM " + table + " WHERE k = ?");
    statement.setBytes(1, key);
    return statement;
  }

  PreparedStatement put(byte[] key, byte[] value) throws SQLException {
    PreparedStatement statement =
        prepare(PUT, "INSERT OR REPLACE INTO " + table + " (k, v) VALUES (?, ?)");
    statement.setBytes(1, key);
    statement.setBytes(2, value);
    return statement;
  }

  PreparedStatement delete(byte[] key) throws SQLException {
    PreparedStatement statement = prepare(DELETE, "DELETE FROM " + table + " WHERE k = ?");
    statement.setBytes(1, key);
    return statement;
  }

  PreparedStatement deleteRange(Range range) throws SQLException {
    return bounded(DELETE_RANGE, "DELETE FROM " + table, range, "");
  }

  PreparedStatement scan(Range range) throws SQLException {
    return range.reverse()
        ? bounded(SCAN + 2, "SELECT k, v FROM " + table, range, " ORDER BY k DESC")
        : bounded(SCAN, "SELECT k, v FROM " + table, range, " ORDER BY k");
  }

  /** Returns the size of each row of a range, without reading the rows. */
  PreparedStatement sizes(Range range) throws SQLException {
    return bounded(
        SIZES, "SELECT length(k) + length(v) FROM " + table, range, " ORDER BY k");
  }

  /** Prepares a statement with a range; uses the next index if the range has an end. */
  private PreparedStatement bounded(int index, String head, Range range, String tail)
      throws SQLException {
    boolean hasEnd = range.end().isPresent();
    PreparedStatement statement =
        prepare(
            hasEnd ? index + 1 : index,
            head + (hasEnd ? " WHERE k >= ? AND k < ?" : " WHERE k >= ?") + tail);
    statement.setBytes(1, range.begin());
    if (hasEnd) {
      statement.setBytes(2, range.end().get());
    }
    return statement;
  }

  private PreparedStatement prepare(int index, String sql) throws SQLException {
    PreparedStatement statement = prepared[index];
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared[index] = statement;
    }
    return statement;
  }

  void close() throws SQLException {
    for (PreparedStatement statement : prepared) {
      if (statement != null) {
        statement.close();
      }
    }
  }
}
