package io.divan.storage;

/**
 * One row. The arrays belong to the holder of the row; adapters neither keep nor change them. Rows
 * are equal only if their arrays are the same objects.
 *
 * @param key the row's key within its table
 * @param value the row's value, possibly empty
 */
public record KeyValue(byte[] key, byte[] value) {
  /** The bytes that this row counts against a limit on bytes read. */
  public int bytes() {
    return key.length + value.length;
  }
}
