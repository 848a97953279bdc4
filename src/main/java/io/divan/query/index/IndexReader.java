package io.divan.query.index;

import io.divan.query.plan.KeyRange;
import io.divan.record.index.IndexScan;
import io.divan.storage.ReadTransaction;
import java.util.List;
import java.util.Optional;

/**
 * Reads the rows of a stored index. Immutable.
 *
 * @param number the number of the index in its database
 * @param signature the bytes that determine its rows, a part of bookmarks
 */
public record IndexReader(int number, byte[] signature) {

  /**
   * Consecutive rows.
   *
   * @param rows the rows, in the order of reading
   * @param end whether there are no more
   */
  public record Slice(List<IndexRow> rows, boolean end) {}

  /**
   * Reads rows, in one round trip.
   *
   * @param ranges the keys, without overlap, in ascending order
   * @param descending whether to read from the last key down
   * @param from the position after the last row read, or {@link IndexScan.Position#START}
   * @param rowsMax the most rows, at least 1. About a megabyte ends a page earlier
   */
  public Slice read(
      ReadTransaction transaction,
      List<KeyRange> ranges,
      boolean descending,
      IndexScan.Position from,
      int rowsMax) {
    List<IndexScan.KeyRange> keys =
        ranges.stream()
            .map(range -> new IndexScan.KeyRange(range.begin(), Optional.of(range.end())))
            .toList();
    IndexScan.Slice slice =
        IndexScan.read(
            transaction, DatabaseIndexes.SPACE, number, keys, descending, from, rowsMax);
    return new Slice(slice.rows().stream().map(IndexRow::decode).toList(), slice.end());
  }
}
