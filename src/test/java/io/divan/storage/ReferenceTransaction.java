package io.divan.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/** A snapshot of a {@link ReferenceStore}. */
class ReferenceTransaction implements Snapshot {

  private final ReferenceStore store;
  private final ReferenceStore.State base;

  ReferenceTransaction(ReferenceStore store, ReferenceStore.State base) {
    this.store = store;
    this.base = base;
  }

  /** Returns the rows of a table that this transaction sees. */
  NavigableMap<byte[], byte[]> rows(Table table) {
    return base.table(table);
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return Optional.ofNullable(rows(table).get(key)).map(byte[]::clone);
  }

  @Override
  public List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    return new ArrayList<>(keys.stream().map(key -> get(table, key)).toList());
  }

  @Override
  public Page scan(Range range) {
    return scan(range, SCAN_BYTES_MAX, true);
  }

  @Override
  public List<Page> scanAll(List<Range> ranges) {
    List<Page> pages = new ArrayList<>();
    long bytesLeft = SCAN_BYTES_MAX;
    boolean first = true;
    for (Range range : ranges) {
      Page page = scan(range, bytesLeft, first);
      pages.add(page);
      first &= page.rows().isEmpty();
      bytesLeft = page.stop() == Page.Stop.BYTES ? 0 : bytesLeft - page.bytes();
    }
    return pages;
  }

  private Page scan(Range range, long bytesMax, boolean firstFits) {
    List<KeyValue> answer = new ArrayList<>();
    Range rest = range;
    long bytes = 0;
    NavigableMap<byte[], byte[]> rows = within(rows(range.table()), range);
    for (Map.Entry<byte[], byte[]> entry : (range.reverse() ? rows.descendingMap() : rows)
        .entrySet()) {
      KeyValue row = new KeyValue(entry.getKey().clone(), entry.getValue().clone());
      bytes += row.bytes();
      if (bytes > bytesMax && !(firstFits && answer.isEmpty())) {
        return Page.stopped(answer, Page.Stop.BYTES, rest);
      }
      answer.add(row);
      rest = range.after(row.key().clone());
      if (answer.size() == range.limit()) {
        return Page.stopped(answer, Page.Stop.ROWS, rest);
      }
    }
    return Page.end(answer);
  }

  /** Returns the rows within the bounds of a range. */
  static NavigableMap<byte[], byte[]> within(NavigableMap<byte[], byte[]> rows, Range range) {
    if (range.isEmpty()) {
      return rows.headMap(new byte[0], false);
    }
    NavigableMap<byte[], byte[]> from = rows.tailMap(range.begin(), true);
    return range.end().isEmpty() ? from : from.headMap(range.end().get(), false);
  }

  @Override
  public Watch watch(Table table, byte[] key) {
    return store.watch(table, key, Optional.ofNullable(base.table(table).get(key)));
  }

  @Override
  public Versionstamp configVersion() {
    return base.configVersion();
  }

  @Override
  public void close() {}
}
