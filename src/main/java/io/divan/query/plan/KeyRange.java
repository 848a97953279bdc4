package io.divan.query.plan;

import io.divan.json.CollatedKeys;
import io.divan.json.JsonValue;
import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * The keys of an index that a plan reads: the encoded columns of a row, one after the other. The
 * range has all rows that match the ranges of the columns, and may have others.
 *
 * <p>A column is cut at {@link #columnBytesMax}. Where a bound is cut, it includes all rows with
 * the same beginning.
 *
 * @param begin the first key
 * @param end the key after the last one
 */
public record KeyRange(byte[] begin, byte[] end) {

  /** The largest size of all columns of a row. */
  public static final int COLUMNS_BYTES_MAX = 6_000;

  /** The number of bytes that a row keeps of each column. */
  public static int columnBytesMax(int columns) {
    return COLUMNS_BYTES_MAX / Math.max(1, columns);
  }

  /**
   * Encodes the ranges of the first columns of an index.
   *
   * @param columns the number of columns of the index
   */
  public static KeyRange of(List<FieldRange> ranges, int columns) {
    int max = columnBytesMax(columns);
    return new KeyRange(begin(ranges, max), end(ranges, max));
  }

  private static byte[] begin(List<FieldRange> ranges, int max) {
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    for (FieldRange range : ranges) {
      JsonValue low = range.low();
      if (low == null) {
        break;
      }
      CollatedKeys.Key encoded = CollatedKeys.encode(low, max);
      key.writeBytes(encoded.bytes());
      if (encoded.cut()) {
        break;
      }
      if (!range.lowIncluded()) {
        key.write(CollatedKeys.ABOVE_ALL);
        break;
      }
    }
    return key.toByteArray();
  }

  private static byte[] end(List<FieldRange> ranges, int max) {
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    for (FieldRange range : ranges) {
      JsonValue high = range.high();
      if (high == null) {
        break;
      }
      CollatedKeys.Key encoded = CollatedKeys.encode(high, max);
      key.writeBytes(encoded.bytes());
      if (encoded.cut()) {
        break;
      }
      if (!range.highIncluded()) {
        return key.toByteArray();
      }
    }
    key.write(CollatedKeys.ABOVE_ALL);
    return key.toByteArray();
  }
}
