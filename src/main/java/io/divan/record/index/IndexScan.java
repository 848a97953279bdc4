package io.divan.record.index;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads rows of several ranges of one index, in order. */
public final class IndexScan {
  /** The most ranges read in one round trip. */
  private static final int RANGES_AT_ONCE = 64;

  /**
   * A range of keys, without the prefix of the index.
   *
   * @param begin the least key
   * @param end the first key after the range, or empty for the end of the index
   */
  public record KeyRange(byte[] begin, Optional<byte[]> end) {
    /** Every key of the index. */
    public static KeyRange all() {
      return new KeyRange(new byte[0], Optional.empty());
    }

    /** Returns the range of keys that consist of these whole columns and any others. */
    public static KeyRange below(byte[] columns) {
      byte[] end = Arrays.copyOf(columns, columns.length + 1);
      end[columns.length] = (byte) 0xFF;
      return new KeyRange(columns, Optional.of(end));
    }
  }

  /**
   * A position after a row.
   *
   * @param range the index of the row's range
   * @param after the row's key
   */
  public record Position(int range, byte[] after) {
    /** The position before all rows. */
    public static final Position START = new Position(-1, new byte[0]);
  }

  /**
   * A row.
   *
   * @param key its key, without the prefix of the index
   * @param value its value
   * @param position the position after it
   */
  public record Row(byte[] key, byte[] value, Position position) {}

  /**
   * The result of a scan.
   *
   * @param rows the rows
   * @param end whether there are no more
   * @param bytes whether the limit on the bytes of a read ended it; another scan continues
   */
  public record Slice(List<Row> rows, boolean end, boolean bytes) {}

  private IndexScan() {}

  /**
   * Reads rows of {@link IndexRows#VALUES}; see {@link #read(ReadTransaction, IndexSpace,
   * IndexRows, int, List, boolean, Position, int)}.
   */
  public static Slice read(
      ReadTransaction transaction,
      IndexSpace space,
      int number,
      List<KeyRange> ranges,
      boolean reverse,
      Position from,
      int rowsMax) {
    return read(transaction, space, IndexRows.VALUES, number, ranges, reverse, from, rowsMax);
  }

  /**
   * Reads rows. All ranges cost one round trip, up to 64 of them.
   *
   * @param ranges the ranges, without overlap, in ascending order
   * @param reverse whether to read from the last key of the last range down
   * @param from the position after the last row read, or {@link Position#START}
   * @param rowsMax the most rows, at least 1
   */
  public static Slice read(
      ReadTransaction transaction,
      IndexSpace space,
      IndexRows kind,
      int number,
      List<KeyRange> ranges,
      boolean reverse,
      Position from,
      int rowsMax) {
    byte[] prefix = space.prefix(kind, number);
    List<Row> rows = new ArrayList<>();
    int step = reverse ? -1 : 1;
    int next = from.range() >= 0 ? from.range() : reverse ? ranges.size() - 1 : 0;
    while (next >= 0 && next < ranges.size()) {
      if (rows.size() == rowsMax) {
        return new Slice(rows, false, false);
      }
      List<Range> scans = new ArrayList<>();
      List<Integer> ordinals = new ArrayList<>();
      for (; next >= 0 && next < ranges.size() && scans.size() < RANGES_AT_ONCE; next += step) {
        Range range = range(space, prefix, ranges.get(next), reverse);
        if (next == from.range()) {
          range = range.after(IndexSpace.concat(prefix, from.after()));
        }
        if (!range.isEmpty()) {
          scans.add(range.limit(rowsMax - rows.size()));
          ordinals.add(next);
        }
      }
      List<Page> pages = transaction.scanAll(scans);
      for (int i = 0; i < pages.size(); i++) {
        Page page = pages.get(i);
        for (KeyValue row : page.rows()) {
          if (rows.size() == rowsMax) {
            return new Slice(rows, false, false);
          }
          byte[] key = Arrays.copyOfRange(row.key(), prefix.length, row.key().length);
          rows.add(new Row(key, row.value(), new Position(ordinals.get(i), key)));
        }
        if (page.stop() != Page.Stop.END) {
          return new Slice(rows, false, page.stop() == Page.Stop.BYTES);
        }
      }
    }
    return new Slice(rows, true, false);
  }

  /** Returns the number in a row of {@link IndexRows#COUNTERS}. */
  public static long counter(byte[] value) {
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static Range range(IndexSpace space, byte[] prefix, KeyRange keys, boolean reverse) {
    byte[] begin = IndexSpace.concat(prefix, keys.begin());
    byte[] end =
        IndexSpace.concat(prefix, keys.end().orElseGet(() -> new byte[] {(byte) 0xFF}));
    Range range = Range.of(space.table(), begin, end);
    return reverse ? range.reversed() : range;
  }
}
