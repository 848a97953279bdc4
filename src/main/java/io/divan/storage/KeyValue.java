package io.divan.storage;

/**
 * One row. The arrays belong to whoever holds the row; adapters never keep or change them. Compared
 * by identity, as arrays are.
 *
 * @param key the row's key within its table
 * @param value the row's value, possibly empty
 */
public record KeyValue(byte[] key, byte[] value) {
  /** Bytes this row counts against a limit on bytes read. */
  public int bytes() {
    return key.length + value.length;
  }
}
