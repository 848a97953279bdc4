package io.divan.storage.fdb;

import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.tuple.TupleWriter;
import java.util.Arrays;

/** The key range of one database. Two are equal if they belong to the same incarnation. */
final class StoreSpace {
  private final byte[] prefix;
  private final byte[] versionKey;

  StoreSpace(byte[] prefix) {
    this.prefix = prefix;
    this.versionKey = KeySpace.join(prefix, new TupleWriter().add("version").toBytes());
  }

  /** The first key of the database. */
  byte[] begin() {
    return prefix;
  }

  /** The first key after the database. */
  byte[] end() {
    return KeySpace.afterPrefix(prefix);
  }

  /** The key of the version row, which exists as long as the database. */
  byte[] versionKey() {
    return versionKey;
  }

  byte[] table(Table table) {
    return KeySpace.join(prefix, new TupleWriter().add(table.number()).toBytes());
  }

  /** The length of the prefix of the table's keys. */
  int tableBytes(Table table) {
    return prefix.length + (table.number() == 0 ? 1 : 2);
  }

  byte[] key(Table table, byte[] key) {
    return KeySpace.join(table(table), key);
  }

  byte[] begin(Range range) {
    return key(range.table(), range.begin());
  }

  byte[] end(Range range) {
    return range
        .end()
        .map(end -> key(range.table(), end))
        .orElseGet(() -> KeySpace.afterPrefix(table(range.table())));
  }

  boolean contains(byte[] key) {
    return key.length >= prefix.length
        && Arrays.equals(prefix, 0, prefix.length, key, 0, prefix.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StoreSpace space && Arrays.equals(prefix, space.prefix);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(prefix);
  }
}
