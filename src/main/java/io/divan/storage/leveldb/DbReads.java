package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.TableKeys;
import io.divan.storage.TreeReads;
import io.divan.storage.Versionstamp;
import io.divan.storage.WatchRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Reads of the tables that lie in a database, through one view of it. For one thread. */
final class DbReads extends TreeReads {
  private final View view;
  private final LongSupplier configVersion;

  /**
   * Makes a transaction.
   *
   * @param mark of the registry, taken before the view's moment
   * @param configVersion the configuration's as the view sees it
   */
  DbReads(View view, LongSupplier configVersion, WatchRegistry registry, long mark) {
    super(registry, mark);
    this.view = view;
    this.configVersion = configVersion;
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return view.get(TableKeys.of(table, key));
  }

  @Override
  public List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    return view.getAll(keys.stream().map(key -> TableKeys.of(table, key)).toList());
  }

  @Override
  protected Page scan(Range range, long bytesMax, boolean firstFits) {
    if (range.isEmpty()) {
      return Page.end(List.of());
    }
    Range full = TableKeys.of(Rows.ROWS, range);
    List<KeyValue> rows = new ArrayList<>(Math.min(range.limit(), 16));
    long bytes = 0;
    Optional<Range> rest = Optional.of(full);
    int prefix = TableKeys.of(range.table(), new byte[0]).length;
    while (rest.isPresent()) {
      int most = range.limit() - rows.size();
      if (!rows.isEmpty()) { // what is missing is mostly little: the prefixes count in the view
        most = (int) Math.min(most, (bytesMax - bytes) * rows.size() / (bytes + 1) + 2);
      }
      Page page = view.scan(rest.get().limit(most));
      for (KeyValue row : page.rows()) {
        bytes += row.bytes() - prefix;
        if (bytes > bytesMax && !(firstFits && rows.isEmpty())) {
          Range left = rows.isEmpty() ? full : full.after(rows.getLast().key());
          return TableKeys.page(range.table(), Page.stopped(rows, Page.Stop.BYTES, left));
        }
        rows.add(row);
        if (rows.size() == range.limit()) {
          return TableKeys.page(
              range.table(), Page.stopped(rows, Page.Stop.ROWS, full.after(row.key())));
        }
      }
      rest = page.rest();
    }
    return TableKeys.page(range.table(), Page.end(rows));
  }

  /** Bytes of keys and values within a range's bounds; stops counting beyond {@code max}. */
  long bytes(Range range, long max) {
    long bytes = 0;
    Optional<Range> rest =
        Optional.of(new Range(range.table(), range.begin(), range.end(), false, Range.NO_LIMIT));
    while (rest.isPresent() && bytes <= max) {
      Page page = scan(rest.get());
      bytes += page.bytes();
      rest = page.rest();
    }
    return bytes;
  }

  @Override
  public Versionstamp configVersion() {
    return new Versionstamp(configVersion.getAsLong(), 0, 0);
  }
}
