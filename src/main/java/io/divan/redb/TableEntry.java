package io.divan.redb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The entry of a table in the table tree, little-endian:
 *
 * <pre>
 * 1 byte    3 for a table, 4 for a multimap table
 * 8 bytes   number of pairs
 * 1 byte    1 if the table has a root; 32 bytes the root, or zeros: see {@link TreeRoot}
 * 1 byte    1 if keys have a fixed width; 4 bytes the width, or zeros
 * 1 byte    1 if values have a fixed width; 4 bytes the width, or zeros
 * 4 bytes   alignment of keys, 1
 * 4 bytes   alignment of values, 1
 * 4 bytes   length of the name of the key type, then the name
 * the rest  the name of the value type
 * </pre>
 *
 * <p>A type name is one byte, 1 for redb's own types, followed by its UTF-8 text.
 *
 * @param multimap whether the table maps a key to many values
 * @param root the root of its tree; empty for an empty table
 * @param length the number of pairs
 * @param keyWidth the width of keys, if it is fixed
 * @param valueWidth the width of values, if it is fixed
 * @param keyType the kind and name of the key type
 * @param valueType the kind and name of the value type
 */
record TableEntry(
    boolean multimap,
    Optional<TreeRoot> root,
    long length,
    OptionalInt keyWidth,
    OptionalInt valueWidth,
    TypeName keyType,
    TypeName valueType) {

  /**
   * A type name.
   *
   * @param kind 1 for redb's own types
   * @param name the name, such as {@code &str}
   */
  record TypeName(byte kind, String name) {
    static final byte INTERNAL = 1;

    static TypeName of(ColumnType<?> type) {
      return new TypeName(INTERNAL, type.name());
    }

    private byte[] toBytes() {
      byte[] text = name.getBytes(StandardCharsets.UTF_8);
      byte[] bytes = new byte[1 + text.length];
      bytes[0] = kind;
      System.arraycopy(text, 0, bytes, 1, text.length);
      return bytes;
    }

    private static TypeName read(byte[] array, int from, int to) {
      String name = new String(array, from + 1, to - from - 1, StandardCharsets.UTF_8);
      return new TypeName(array[from], name);
    }
  }

  private static final byte NORMAL = 3;
  private static final byte MULTIMAP = 4;
  private static final int FIXED_BYTES = 1 + 8 + 1 + TreeRoot.BYTES + 5 + 5 + 4 + 4 + 4;

  /** Returns the entry of an empty table. */
  static TableEntry empty(TableDefinition<?, ?> definition) {
    return new TableEntry(
        false,
        Optional.empty(),
        0,
        definition.key().width(),
        definition.value().width(),
        TypeName.of(definition.key()),
        TypeName.of(definition.value()));
  }

  /** Returns this entry with another tree. */
  TableEntry with(Optional<TreeRoot> tree) {
    return new TableEntry(
        multimap,
        tree,
        tree.map(TreeRoot::length).orElse(0L),
        keyWidth,
        valueWidth,
        keyType,
        valueType);
  }

  /** Returns whether the table has the types of a definition. */
  boolean matches(TableDefinition<?, ?> definition) {
    return !multimap
        && keyType.equals(TypeName.of(definition.key()))
        && valueType.equals(TypeName.of(definition.value()))
        && keyWidth.equals(definition.key().width())
        && valueWidth.equals(definition.value().width());
  }

  byte[] toBytes() {
    byte[] key = keyType.toBytes();
    byte[] value = valueType.toBytes();
    ByteBuffer out =
        ByteBuffer.allocate(FIXED_BYTES + key.length + value.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put(multimap ? MULTIMAP : NORMAL).putLong(length).put((byte) (root.isPresent() ? 1 : 0));
    if (root.isPresent()) {
      root.get().write(out);
    } else {
      out.put(new byte[TreeRoot.BYTES]);
    }
    width(out, keyWidth);
    width(out, valueWidth);
    return out.putInt(1).putInt(1).putInt(key.length).put(key).put(value).array();
  }

  private static void width(ByteBuffer out, OptionalInt width) {
    out.put((byte) (width.isPresent() ? 1 : 0)).putInt(width.orElse(0));
  }

  /**
   * Reads an entry; {@code table} is its name for messages.
   *
   * @throws RedbException.Corrupted if the bytes are malformed
   */
  static TableEntry read(byte[] array, int offset, int length, String table) {
    if (length < FIXED_BYTES + 2) {
      throw damaged(table, "is too short");
    }
    ByteBuffer in = ByteBuffer.wrap(array, offset, length).order(ByteOrder.LITTLE_ENDIAN);
    byte type = in.get();
    if (type != NORMAL && type != MULTIMAP) {
      throw damaged(table, "has the type " + type);
    }
    final long pairs = in.getLong();
    boolean rooted = in.get() != 0;
    TreeRoot tree = TreeRoot.read(in);
    OptionalInt keyWidth = width(in);
    OptionalInt valueWidth = width(in);
    int keyAlignment = in.getInt();
    int valueAlignment = in.getInt();
    if (keyAlignment != 1 || valueAlignment != 1) {
      throw damaged(table, "has an unsupported alignment");
    }
    int keyBytes = in.getInt();
    if (keyBytes < 1 || keyBytes >= in.remaining()) {
      throw damaged(table, "has a type name of " + keyBytes + " bytes");
    }
    int names = offset + FIXED_BYTES;
    return new TableEntry(
        type == MULTIMAP,
        rooted ? Optional.of(tree) : Optional.empty(),
        pairs,
        keyWidth,
        valueWidth,
        TypeName.read(array, names, names + keyBytes),
        TypeName.read(array, names + keyBytes, offset + length));
  }

  private static OptionalInt width(ByteBuffer in) {
    boolean fixed = in.get() != 0;
    int width = in.getInt();
    return fixed ? OptionalInt.of(width) : OptionalInt.empty();
  }

  private static RedbException damaged(String table, String how) {
    return new RedbException.Corrupted("The definition of the table " + table + " " + how);
  }
}
