package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The rows of a database in one transaction of its store. */
class StoreReads implements LevelDbReads, View {
  final Format format;
  final long now;
  private final ReadTransaction transaction;
  private final OptionalLong kept;

  /**
   * Creates reads in a transaction.
   *
   * @param kept the number of the kept snapshot to read, if any
   */
  StoreReads(ReadTransaction transaction, Format format, long now, OptionalLong kept) {
    this.transaction = transaction;
    this.format = format;
    this.now = now;
    this.kept = kept;
  }

  @Override
  public final Optional<byte[]> get(byte[] key) {
    Optional<byte[]> stored =
        kept.isPresent()
            ? SnapshotRows.get(transaction, kept.getAsLong(), key, now)
            : transaction.get(Rows.ROWS, key);
    return stored.flatMap(value -> format.decode(value, now));
  }

  @Override
  public final List<Optional<byte[]>> getAll(List<byte[]> keys) {
    if (kept.isPresent()) {
      return View.super.getAll(keys);
    }
    return transaction.getAll(Rows.ROWS, keys).stream()
        .map(stored -> stored.flatMap(value -> format.decode(value, now)))
        .toList();
  }

  /**
   * Returns the rows of a range. A page may be empty although more rows follow, if its rows have
   * expired.
   */
  @Override
  public final Page scan(Range range) {
    Page page =
        kept.isPresent()
            ? SnapshotRows.scan(transaction, kept.getAsLong(), range, now)
            : transaction.scan(range);
    if (!format.expiring()) {
      return page;
    }
    List<KeyValue> rows = new ArrayList<>(page.rows().size());
    for (KeyValue row : page.rows()) {
      format.decode(row.value(), now).ifPresent(value -> rows.add(new KeyValue(row.key(), value)));
    }
    return new Page(rows, page.stop(), page.rest());
  }

  @Override
  public final List<Page> scanAll(List<Range> ranges) {
    return kept.isPresent() || format.expiring()
        ? View.super.scanAll(ranges)
        : transaction.scanAll(ranges);
  }

  @Override
  public final LevelDbPage page(LevelDbCursor part, int rows) {
    Page page = scan(part.range().limit(rows));
    return new LevelDbPage(page.rows(), page.rest().map(LevelDbCursor::of));
  }
}
