package io.divan.storage.fdb;

import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.tuple.TupleWriter;
import java.util.Arrays;

/** Where one database lies. Two are equal when they are of the same incarnation. */
final class StoreSpace {
  private final byte[] prefix;
  private final byte[] version;

  StoreSpace(byte[] prefix) {
    this.prefix = prefix;
    this.version = KeySpace.join(prefix, new TupleWriter().add("version").toBytes());
  }

  /** Before every key of the database. */
  byte[] begin() {
    return prefix;
  }

  /** After every key of the database. */
  byte[] end() {
    return KeySpace.after(prefix);
  }

  /** There as long as the database; changes with its configuration. */
  byte[] version() {
    return version;
  }

  byte[] table(Table table) {
    return KeySpace.join(prefix, new TupleWriter().add(table.number()).toBytes());
  }

  /** Bytes before a key of the table. */
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
        .orElseGet(() -> KeySpace.after(table(range.table())));
  }

  /** Whether a key is of this database. */
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
