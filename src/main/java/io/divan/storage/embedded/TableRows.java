package io.divan.storage.embedded;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Collects rows with keys of {@link TableKeys} into a page of one table, up to the limits of a
 * page. For one thread.
 */
public final class TableRows {
  private final Table table;
  private final Range full;
  private final long bytesMax;
  private final boolean alwaysFirst;
  private final int prefixBytes;
  private final List<KeyValue> rows;
  private long bytes;

  /**
   * Begins a page.
   *
   * @param table the table of the rows
   * @param full the range of their keys
   * @param bytesMax the most bytes in the page
   * @param alwaysFirst whether the first row is taken whatever its size
   */
  public TableRows(Table table, Range full, long bytesMax, boolean alwaysFirst) {
    this.table = table;
    this.full = full;
    this.bytesMax = bytesMax;
    this.alwaysFirst = alwaysFirst;
    prefixBytes = TableKeys.prefixBytes(table);
    rows = new ArrayList<>(Math.min(full.limit(), 16));
  }

  /** Adds the next row of the range. Returns the page if it is complete. */
  public Optional<Page> add(KeyValue row) {
    bytes += row.bytes() - prefixBytes;
    if (bytes > bytesMax && !(alwaysFirst && rows.isEmpty())) {
      Range rest = rows.isEmpty() ? full : full.after(rows.getLast().key());
      return Optional.of(stopped(Page.Stop.BYTES, rest));
    }
    rows.add(row);
    return rows.size() == full.limit()
        ? Optional.of(stopped(Page.Stop.ROWS, full.after(row.key())))
        : Optional.empty();
  }

  private Page stopped(Page.Stop stop, Range rest) {
    return TableKeys.page(table, Page.stopped(rows, stop, rest));
  }

  /** Returns the page after the last row of the range. */
  public Page end() {
    return TableKeys.page(table, Page.end(rows));
  }

  /** Returns the number of rows so far. */
  public int size() {
    return rows.size();
  }

  /** Returns the number of bytes so far. */
  public long bytes() {
    return bytes;
  }
}
