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

  private static final byte[] NONE = {};

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
   * A position after a row, or before the rows of a range.
   *
   * @param range the index of the range
   * @param after the key of the row; empty before the rows of the range
   */
  public record Position(int range, byte[] after) {
    /** The position before all rows. */
    public static final Position START = new Position(-1, NONE);
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
   * @param next where another scan continues
   */
  public record Slice(List<Row> rows, boolean end, boolean bytes, Position next) {}

  /** A prepared read. */
  public static final class Request {
    private final List<Range> scans;
    private final List<Integer> ordinals;
    private final byte[] prefix;
    private final int rowsMax;
    private final Position first;
    private final Position after;
    private final boolean last;

    private Request(
        List<Range> scans,
        List<Integer> ordinals,
        byte[] prefix,
        int rowsMax,
        Position first,
        Position after,
        boolean last) {
      this.scans = scans;
      this.ordinals = ordinals;
      this.prefix = prefix;
      this.rowsMax = rowsMax;
      this.first = first;
      this.after = after;
      this.last = last;
    }

    /** Returns the ranges to scan, possibly none. */
    public List<Range> scans() {
      return scans;
    }

    /** Returns the rows of the pages of these scans. */
    public Slice slice(List<Page> pages) {
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < pages.size(); i++) {
        Page page = pages.get(i);
        int ordinal = ordinals.get(i);
        for (KeyValue row : page.rows()) {
          if (rows.size() == rowsMax) {
            return new Slice(rows, false, false, rows.getLast().position());
          }
          byte[] key = Arrays.copyOfRange(row.key(), prefix.length, row.key().length);
          rows.add(new Row(key, row.value(), new Position(ordinal, key)));
        }
        if (page.stop() != Page.Stop.END) {
          boolean begun = !rows.isEmpty() && rows.getLast().position().range() == ordinal;
          return new Slice(
              rows,
              false,
              page.stop() == Page.Stop.BYTES,
              begun ? rows.getLast().position() : begin(i));
        }
      }
      return new Slice(rows, last, false, after);
    }

    /** Returns the position before the rows of a scan. */
    private Position begin(int scan) {
      return scan == 0 ? first : new Position(ordinals.get(scan), NONE);
    }
  }

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
    List<Row> rows = new ArrayList<>();
    Position position = from;
    while (true) {
      Request request =
          request(space, kind, number, ranges, reverse, position, rowsMax - rows.size());
      List<Range> scans = request.scans();
      Slice slice = request.slice(scans.isEmpty() ? List.of() : transaction.scanAll(scans));
      rows.addAll(slice.rows());
      position = slice.next();
      if (slice.end() || slice.bytes() || rows.size() == rowsMax) {
        return new Slice(rows, slice.end(), slice.bytes(), position);
      }
    }
  }

  /**
   * Prepares a read of at most 64 ranges, so that it can share a round trip with others. The
   * parameters are those of {@link #read(ReadTransaction, IndexSpace, IndexRows, int, List,
   * boolean, Position, int) read}.
   */
  public static Request request(
      IndexSpace space,
      IndexRows kind,
      int number,
      List<KeyRange> ranges,
      boolean reverse,
      Position from,
      int rowsMax) {
    byte[] prefix = space.prefix(kind, number);
    List<Range> scans = new ArrayList<>();
    List<Integer> ordinals = new ArrayList<>();
    int next = from.range() >= 0 ? from.range() : reverse ? ranges.size() - 1 : 0;
    while (next >= 0 && next < ranges.size() && scans.size() < RANGES_AT_ONCE) {
      Range range = range(space, prefix, ranges.get(next), reverse);
      if (next == from.range() && from.after().length > 0) {
        range = range.after(IndexSpace.concat(prefix, from.after()));
      }
      if (!range.isEmpty()) {
        scans.add(range.limit(rowsMax));
        ordinals.add(next);
      }
      next += reverse ? -1 : 1;
    }
    boolean last = next < 0 || next >= ranges.size();
    return new Request(
        scans, ordinals, prefix, rowsMax, from, new Position(next, NONE), last);
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
