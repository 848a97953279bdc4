package io.divan.redb;

import java.util.Optional;

/** A view of a table with encoded keys and values. */
final class BytesTable<K, V> {
  private final TableDefinition<K, V> definition;
  private final ReadableTable<K, V> table;

  private BytesTable(TableDefinition<K, V> definition, ReadableTable<K, V> table) {
    this.definition = definition;
    this.table = table;
  }

  static <K, V> BytesTable<K, V> open(ReadTxn read, TableDefinition<K, V> definition) {
    return new BytesTable<>(definition, read.open(definition));
  }

  static <K, V> BytesTable<K, V> open(WriteTxn write, TableDefinition<K, V> definition) {
    return new BytesTable<>(definition, write.open(definition));
  }

  long length() {
    return table.length();
  }

  Optional<byte[]> get(byte[] key) {
    return table.get(key(key)).map(definition.value()::encode);
  }

  RowCursor<K, V> range(Optional<byte[]> from, Optional<byte[]> to, boolean reverse) {
    return table.range(from.map(this::key), to.map(this::key), reverse);
  }

  boolean put(byte[] key, byte[] value) {
    V typed = definition.value().decode(value, 0, value.length);
    return ((RedbTable<K, V>) table).put(key(key), typed);
  }

  boolean remove(byte[] key) {
    return ((RedbTable<K, V>) table).remove(key(key));
  }

  long removeRange(Optional<byte[]> from, Optional<byte[]> to) {
    return ((RedbTable<K, V>) table).removeRange(from.map(this::key), to.map(this::key));
  }

  private K key(byte[] bytes) {
    return definition.key().decode(bytes, 0, bytes.length);
  }
}
