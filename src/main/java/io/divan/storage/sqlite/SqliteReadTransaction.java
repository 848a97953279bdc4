package io.divan.storage.sqlite;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import io.divan.storage.WatchRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads of one transaction on a connection, and the watches it arms. */
class SqliteReadTransaction implements ReadTransaction {
  final SqliteConnection connection;
  private final WatchRegistry registry;
  private final long mark;
  private List<Watch> watches = List.of();

  /**
   * Makes a transaction.
   *
   * @param mark of the registry, taken before the connection's transaction began
   */
  SqliteReadTransaction(SqliteConnection connection, WatchRegistry registry, long mark) {
    this.connection = connection;
    this.registry = registry;
    this.mark = mark;
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return connection.get(table, key);
  }

  @Override
  public List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    List<Optional<byte[]>> values = new ArrayList<>(keys.size());
    for (byte[] key : keys) {
      values.add(connection.get(table, key));
    }
    return values;
  }

  @Override
  public Page scan(Range range) {
    return connection.scan(range, SCAN_BYTES_MAX, true);
  }

  @Override
  public List<Page> scanAll(List<Range> ranges) {
    List<Page> pages = new ArrayList<>(ranges.size());
    long left = SCAN_BYTES_MAX;
    boolean any = false;
    for (Range range : ranges) {
      if (left <= 0 && any) {
        pages.add(Page.stopped(List.of(), Page.Stop.BYTES, range));
        continue;
      }
      Page page = connection.scan(range, left, !any);
      left = page.stop() == Page.Stop.BYTES ? 0 : left - page.bytes();
      any |= !page.rows().isEmpty();
      pages.add(page);
    }
    return pages;
  }

  @Override
  public Watch watch(Table table, byte[] key) {
    Watch watch = registry.watch(mark, table, key);
    if (watches.isEmpty()) {
      watches = new ArrayList<>();
    }
    watches.add(watch);
    return watch;
  }

  @Override
  public Versionstamp configVersion() {
    return new Versionstamp(EngineRows.CONFIG_VERSION.read(connection), 0, 0);
  }

  /** Gives back the watches of work that threw or runs again: nobody else has them. */
  final void closeWatches() {
    watches.forEach(Watch::close);
    watches = List.of();
  }
}
