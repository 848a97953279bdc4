package io.divan.storage.sqlite.pages;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** Opens connections to one database. Thread-safe. */
final class PagesDataSource implements DataSource {
  private final SqlitePages pages;
  private final String name;

  PagesDataSource(SqlitePages pages, String name) {
    this.pages = pages;
    this.name = DatabaseFiles.checked(name);
  }

  @Override
  public Connection getConnection() throws SQLException {
    return pages.connect(name);
  }

  /** Ignores user and password, which SQLite does not have. */
  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return getConnection();
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    throw new SQLFeatureNotSupportedException("Logging is not supported");
  }

  @Override
  public void setLogWriter(PrintWriter writer) throws SQLException {
    throw new SQLFeatureNotSupportedException("Logging is not supported");
  }

  /** Has no effect, because opening a connection does not wait. */
  @Override
  public void setLoginTimeout(int seconds) {
    // No effect.
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("Logging is not supported");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (!type.isInstance(this)) {
      throw new SQLException("This is not a " + type.getName());
    }
    return type.cast(this);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
