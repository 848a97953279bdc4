package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.embedded.TableKeys;
import io.divan.storage.embedded.TableRows;
import io.divan.storage.embedded.TreeReads;
import io.divan.storage.embedded.WatchRegistry;
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

  /** Asks the view for all at once. */
  @Override
  public List<Page> scanAll(List<Range> ranges) {
    List<Page> first =
        view.scanAll(ranges.stream().map(range -> TableKeys.of(Rows.ROWS, range)).toList());
    return scanEach(
        ranges, (i, bytesMax, firstFits) -> scan(ranges.get(i), first.get(i), bytesMax, firstFits));
  }

  @Override
  protected Page scan(Range range, long bytesMax, boolean firstFits) {
    return range.isEmpty()
        ? Page.end(List.of())
        : scan(range, view.scan(TableKeys.of(Rows.ROWS, range)), bytesMax, firstFits);
  }

  private Page scan(Range range, Page first, long bytesMax, boolean firstFits) {
    if (range.isEmpty()) {
      return Page.end(List.of());
    }
    Range full = TableKeys.of(Rows.ROWS, range);
    TableRows rows = new TableRows(range.table(), full, bytesMax, firstFits);
    for (Page page = first; ; page = more(page, rows, bytesMax, range)) {
      for (KeyValue row : page.rows()) {
        Optional<Page> answer = rows.add(row);
        if (answer.isPresent()) {
          return answer.get();
        }
      }
      if (page.rest().isEmpty()) {
        return rows.end();
      }
    }
  }

  /** What comes after a page: mostly little is missing, what the prefixes have counted there. */
  private Page more(Page page, TableRows rows, long bytesMax, Range range) {
    long most = (long) range.limit() - rows.size();
    if (rows.size() > 0) {
      long bytesLeft = bytesMax - rows.bytes();
      most = Math.min(most, bytesLeft * rows.size() / (rows.bytes() + 1L) + 2);
    }
    return view.scan(page.rest().orElseThrow().limit((int) most));
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
