package io.divan.redb;

/**
 * A table's name and types. A table that is there with other types is not opened.
 *
 * @param name its name
 * @param key the type of its keys
 * @param value the type of its values
 * @param <K> keys in Java
 * @param <V> values in Java
 */
public record TableDefinition<K, V>(String name, ColumnType<K> key, ColumnType<V> value) {

  /** Any bytes to any bytes. */
  public static TableDefinition<byte[], byte[]> bytes(String name) {
    return new TableDefinition<>(name, ColumnType.BYTES, ColumnType.BYTES);
  }
}
