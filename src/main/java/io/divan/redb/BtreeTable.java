package io.divan.redb;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A table over a tree of a transaction. A rollback may replace the tree. */
final class BtreeTable<K, V> implements RedbTable<K, V> {

  /** Provides the tree of a table in a transaction. */
  interface Source {

    /**
     * Returns the tree. Throws {@link IllegalStateException} if the transaction or the table is
     * closed.
     */
    Tree tree();
  }

  private final TableDefinition<K, V> definition;
  private final Source source;
  private final ValueSlice slot = new ValueSlice();

  BtreeTable(TableDefinition<K, V> definition, Source source) {
    this.definition = definition;
    this.source = source;
  }

  @Override
  public Optional<V> get(K key) {
    return source.tree().find(definition.key().encode(key), slot)
        ? Optional.of(definition.value().decode(slot.array(), slot.offset(), slot.length()))
        : Optional.empty();
  }

  @Override
  public long length() {
    return source.tree().length();
  }

  @Override
  public RowCursor<K, V> range(Optional<K> from, Optional<K> to, boolean reverse) {
    return new Rows(source.tree().cursor(bytes(from), bytes(to), reverse));
  }

  private byte @Nullable [] bytes(Optional<K> key) {
    return key.isPresent() ? definition.key().encode(key.get()) : null;
  }

  @Override
  public boolean put(K key, V value) {
    byte[] keyBytes = definition.key().encode(key);
    byte[] valueBytes = definition.value().encode(value);
    if ((long) keyBytes.length + valueBytes.length > PAIR_BYTES_MAX) {
      throw new IllegalArgumentException(
          "A key and its value must not exceed " + PAIR_BYTES_MAX + " bytes together");
    }
    return source.tree().put(keyBytes, valueBytes);
  }

  @Override
  public boolean remove(K key) {
    return source.tree().remove(definition.key().encode(key));
  }

  @Override
  public long removeRange(Optional<K> from, Optional<K> to) {
    return source.tree().removeRange(bytes(from), bytes(to));
  }

  private final class Rows implements RowCursor<K, V> {
    private final TreeCursor cursor;

    Rows(TreeCursor cursor) {
      this.cursor = cursor;
    }

    @Override
    public boolean next() {
      source.tree();
      return cursor.next();
    }

    @Override
    public K key() {
      return definition.key().decode(keyArray(), keyOffset(), keyLength());
    }

    @Override
    public V value() {
      return definition.value().decode(valueArray(), valueOffset(), valueLength());
    }

    @Override
    public byte[] keyArray() {
      return cursor.array();
    }

    @Override
    public int keyOffset() {
      return cursor.keyOffset();
    }

    @Override
    public int keyLength() {
      return cursor.keyLength();
    }

    @Override
    public byte[] valueArray() {
      return cursor.array();
    }

    @Override
    public int valueOffset() {
      return cursor.valueOffset();
    }

    @Override
    public int valueLength() {
      return cursor.valueLength();
    }
  }
}
