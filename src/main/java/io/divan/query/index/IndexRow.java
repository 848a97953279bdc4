package io.divan.query.index;

import io.divan.document.IndexStorage;
import io.divan.json.CollatedKeys;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.query.plan.KeyRange;
import io.divan.record.index.Contribution;
import io.divan.record.index.IndexScan;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A row of an index: one document.
 *
 * <p>The key consists of the encoded columns, see {@link CollatedKeys}, the document's primary key,
 * and the length of the columns, 2 bytes big-endian. A column is cut at {@link
 * KeyRange#columnBytesMax}; the columns after a cut one are left out. The value is a byte of flags,
 * then the values of the columns as a JSON array, unless that is longer than {@value
 * #VALUES_BYTES_MAX} bytes.
 *
 * @param id the document
 * @param columns the encoded columns. Rows in which they are equal and {@code cut} are not in the
 *     order of their values.
 * @param cut whether a column was cut
 * @param values the values of the columns as a JSON array; empty if they were too long
 * @param position where a scan continues after this row
 */
public record IndexRow(
    String id,
    byte[] columns,
    boolean cut,
    Optional<byte[]> values,
    IndexScan.Position position) {

  /** The version of rows and keys, a part of each index's signature. */
  static final int VERSION = 1;

  /** The most bytes of values in a row. */
  static final int VALUES_BYTES_MAX = 4_096;

  private static final int LENGTH_BYTES = 2;
  private static final int WITHOUT_VALUES = 1;
  private static final int CUT = 2;

  /** Encodes the row of a document. */
  static Contribution.Row encode(byte[] primaryKey, List<JsonValue> values) {
    int columnMax = KeyRange.columnBytesMax(values.size());
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    boolean cut = false;
    for (int i = 0; i < values.size() && !cut; i++) {
      CollatedKeys.Key column = CollatedKeys.encode(values.get(i), columnMax);
      key.writeBytes(column.bytes());
      cut = column.cut();
    }
    int length = key.size();
    key.writeBytes(primaryKey);
    key.write(length >> 8);
    key.write(length);
    JsonBuffer json = new JsonBuffer();
    new JsonValue.Arr(values).appendTo(json);
    boolean covered = json.length() <= VALUES_BYTES_MAX;
    int flags = (covered ? 0 : WITHOUT_VALUES) | (cut ? CUT : 0);
    byte[] value = new byte[1 + (covered ? json.length() : 0)];
    value[0] = (byte) flags;
    if (covered) {
      System.arraycopy(json.toBytes(), 0, value, 1, json.length());
    }
    return new Contribution.Row(key.toByteArray(), value);
  }

  /** Returns the key of the row that a document with these encoded columns has. */
  public static byte[] key(byte[] columns, String id) {
    byte[] primaryKey = IndexStorage.key(id);
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    key.writeBytes(columns);
    key.writeBytes(primaryKey);
    key.write(columns.length >> 8);
    key.write(columns.length);
    return key.toByteArray();
  }

  /**
   * Returns the primary key of the document of a row.
   *
   * @param key the row's key
   */
  static Optional<byte[]> primaryKey(byte[] key) {
    int end = key.length - LENGTH_BYTES;
    if (end < 0) {
      return Optional.empty();
    }
    int columns = columnsLength(key);
    return columns <= end ? Optional.of(Arrays.copyOfRange(key, columns, end)) : Optional.empty();
  }

  private static int columnsLength(byte[] key) {
    int end = key.length - LENGTH_BYTES;
    return (key[end] & 0xFF) << 8 | key[end + 1] & 0xFF;
  }

  static IndexRow decode(IndexScan.Row row) {
    byte[] key = row.key();
    byte[] value = row.value();
    String id = IndexStorage.id(primaryKey(key).orElseThrow());
    return new IndexRow(
        id,
        Arrays.copyOf(key, columnsLength(key)),
        (value[0] & CUT) != 0,
        (value[0] & WITHOUT_VALUES) == 0
            ? Optional.of(Arrays.copyOfRange(value, 1, value.length))
            : Optional.empty(),
        row.position());
  }
}
