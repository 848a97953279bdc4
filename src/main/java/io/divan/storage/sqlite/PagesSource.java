package io.divan.storage.sqlite;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.TableKeys;
import io.divan.storage.layer.LayerRows;
import io.divan.storage.layer.OverlayGroup;
import io.divan.storage.sqlite.pages.SqlitePages;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * Connections to a database whose pages are in a base store. The writer is opened first and takes
 * the lease, which is released when the last connection is closed. Readers may be opened
 * concurrently. Tables are named by their numbers: {@code t16}.
 */
final class PagesSource implements Connections.Source {
  private static final String DATABASE = "db";
  private static final int BUSY_MILLIS = 250;

  private static final List<String> WRITER = List.of("PRAGMA cache_size = -16000");
  private static final List<String> READER =
      List.of("PRAGMA query_only = ON", "PRAGMA cache_size = -4000");

  private final Store base;
  private final SqlitePages.Shared shared;
  private final int writerBusyMillis;
  private volatile @Nullable SqlitePages pages;

  /**
   * Creates a source of connections to a database.
   *
   * @param ownerWait how long opening it waits for another process that owns it
   */
  PagesSource(Store base, SqlitePages.Shared shared, Duration ownerWait) {
    this.base = base;
    this.shared = shared;
    this.writerBusyMillis = Math.max(BUSY_MILLIS, Math.toIntExact(ownerWait.toMillis()));
  }

  @Override
  public SqliteConnection open(SqliteConnection.Role role) {
    SQLiteConfig config = new SQLiteConfig();
    config.setGetGeneratedKeys(false);
    config.setBusyTimeout(
        role == SqliteConnection.Role.READER ? BUSY_MILLIS : writerBusyMillis);
    try {
      SqlitePages.Direct direct = pages().connectDirectly(DATABASE, config);
      return SqliteConnection.of(
          direct.connection(),
          role == SqliteConnection.Role.READER ? READER : WRITER,
          e -> role == SqliteConnection.Role.READER ? error(e, direct) : lasting(e, direct),
          table -> "t" + table.number());
    } catch (SQLException e) {
      throw error(e, e.getCause());
    }
  }

  private SqlitePages pages() {
    SqlitePages open = pages;
    if (open == null) {
      open = SqlitePages.open(base, shared);
      pages = open;
    }
    return open;
  }

  private RuntimeException error(SQLException e, SqlitePages.Direct direct) {
    return error(e, direct.failure().get().orElse(null));
  }

  /** Treats a snapshot that is too old as an outage: a writer does not depend on one. */
  private RuntimeException lasting(SQLException e, SqlitePages.Direct direct) {
    RuntimeException why = error(e, direct);
    return why instanceof StorageException.SnapshotTooOld
        ? new StorageException.StoreUnavailable(why.getMessage(), why)
        : why;
  }

  /** Prefers the base's exception, which is more precise than SQLite's. */
  private RuntimeException error(SQLException e, @Nullable Throwable base) {
    return base instanceof StorageException why
        ? why
        : SqliteErrors.map(e, Path.of(this.base.name()));
  }

  /** Takes the lease, and initializes a new database. */
  @Override
  public void opened(SqliteConnection writer, StampClock stamps) {
    try {
      writer.execute("BEGIN IMMEDIATE");
    } catch (StorageException.StoreUnavailable e) {
      throw new StorageException.StoreUnavailable(
          "The database " + base.name() + " is in use by another process, or cannot be reached: "
              + e.getMessage(),
          e);
    }
    LayerRows.Opening opening = LayerRows.opening(base);
    stamps.raise(opening.ceiling());
    if (!SqliteFileRows.exist(writer)) {
      writer.execute(SqliteFileRows.CREATE);
      SqliteFileRows.FORMAT.write(writer, SqliteFileRows.FORMAT_NOW);
    }
    writeInitial(writer, opening.initial());
    writer.execute("COMMIT");
    SqliteFileRows.checkFormat(writer, Path.of(base.name()));
    if (!opening.initial().isEmpty()) {
      LayerRows.initialRowsAreWritten(base);
    }
  }

  private static void writeInitial(SqliteConnection writer, List<KeyValue> rows) {
    for (KeyValue row : rows) {
      OptionalInt number = TableKeys.tableNumber(row.key());
      if (number.isPresent()) {
        Table table = new Table(number.getAsInt(), "initial");
        writer.put(table, TableKeys.rowKey(row.key()), row.value());
      }
    }
    OverlayGroup.Base found =
        new OverlayGroup.Base() {
          @Override
          public Optional<byte[]> get(byte[] key) {
            return rows.stream()
                .filter(row -> Arrays.equals(row.key(), key))
                .map(KeyValue::value)
                .findAny();
          }

          @Override
          public Page scan(Range range) {
            return Page.end(List.of());
          }
        };
    long config = OverlayGroup.configVersion(found);
    if (config > 0) {
      SqliteFileRows.CONFIG_VERSION.write(writer, config);
    }
  }

  @Override
  public boolean mayBeLost() {
    SqlitePages open = pages;
    return open != null && !open.ownsAll();
  }

  @Override
  public void closed() {
    SqlitePages open = pages;
    pages = null;
    if (open != null) {
      open.close();
    }
  }
}
