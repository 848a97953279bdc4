package io.divan.storage.embedded;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Collects a page of a table's rows, as far as it may go, from rows whose keys say which table they
 * are of ({@link TableKeys}). For one thread.
 */
public final class TableRows {
  private final Table table;
  private final Range full;
  private final long bytesMax;
  private final boolean firstFits;
  private final int prefixBytes;
  private final List<KeyValue> rows;
  private long bytes;

  /**
   * Begins a page.
   *
   * @param table whose rows these are
   * @param full the range of their keys
   * @param bytesMax the most bytes answered
   * @param firstFits whether a first row is answered whatever its size
   */
  public TableRows(Table table, Range full, long bytesMax, boolean firstFits) {
    this.table = table;
    this.full = full;
    this.bytesMax = bytesMax;
    this.firstFits = firstFits;
    prefixBytes = TableKeys.prefixBytes(table);
    rows = new ArrayList<>(Math.min(full.limit(), 16));
  }

  /** Takes the range's next row; the page, once no other row can follow in it. */
  public Optional<Page> add(KeyValue row) {
    bytes += row.bytes() - prefixBytes;
    if (bytes > bytesMax && !(firstFits && rows.isEmpty())) {
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

  /** The page, where the range has no other row. */
  public Page end() {
    return TableKeys.page(table, Page.end(rows));
  }

  /** How many rows it has so far. */
  public int size() {
    return rows.size();
  }

  /** How many bytes it has so far. */
  public long bytes() {
    return bytes;
  }
}
