package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.embedded.BaseReadTransaction;
import io.divan.storage.embedded.TableKeys;
import io.divan.storage.embedded.TableRows;
import io.divan.storage.embedded.WatchRegistry;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** A read transaction on the tables stored in a database, through one view. Used by one thread. */
final class DbReads extends BaseReadTransaction {
  private final View view;
  private final LongSupplier configVersion;

  /**
   * Creates a read transaction.
   *
   * @param mark the position of the registry, taken before the view was opened
   * @param configVersion the configuration version that the view sees
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

  /** Reads the first page of every range in one call. */
  @Override
  public List<Page> scanAll(List<Range> ranges) {
    List<Page> first =
        view.scanAll(ranges.stream().map(range -> TableKeys.of(Rows.ROWS, range)).toList());
    return scanEach(
        ranges, (i, bytesMax, alwaysFirst) -> scan(ranges.get(i), first.get(i), bytesMax,
            alwaysFirst));
  }

  @Override
  protected Page scan(Range range, long bytesMax, boolean alwaysFirst) {
    return range.isEmpty()
        ? Page.end(List.of())
        : scan(range, view.scan(TableKeys.of(Rows.ROWS, range)), bytesMax, alwaysFirst);
  }

  private Page scan(Range range, Page first, long bytesMax, boolean alwaysFirst) {
    if (range.isEmpty()) {
      return Page.end(List.of());
    }
    Range full = TableKeys.of(Rows.ROWS, range);
    TableRows rows = new TableRows(range.table(), full, bytesMax, alwaysFirst);
    for (Page page = first;; page = more(page, rows, bytesMax, range)) {
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

  /**
   * Reads the rest of a page. Usually little is missing: the space that key prefixes took in the
   * page.
   */
  private Page more(Page page, TableRows rows, long bytesMax, Range range) {
    long most = (long) range.limit() - rows.size();
    if (rows.size() > 0) {
      long bytesLeft = bytesMax - rows.bytes();
      most = Math.min(most, bytesLeft * rows.size() / (rows.bytes() + 1L) + 2);
    }
    return view.scan(page.rest().orElseThrow().limit((int) most));
  }

  /** Returns the size of keys and values in a range; stops counting beyond {@code max}. */
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
