package io.divan.redb;

/**
 * The name and types of a table. Opening an existing table with other types fails.
 *
 * @param name the name of the table
 * @param key the type of keys
 * @param value the type of values
 * @param <K> the Java type of keys
 * @param <V> the Java type of values
 */
public record TableDefinition<K, V>(String name, ColumnType<K> key, ColumnType<V> value) {

  /** Defines a table with arbitrary bytes as keys and values. */
  public static TableDefinition<byte[], byte[]> bytes(String name) {
    return new TableDefinition<>(name, ColumnType.BYTES, ColumnType.BYTES);
  }
}
