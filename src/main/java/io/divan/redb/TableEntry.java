package io.divan.redb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the tree of tables holds of one, little-endian:
 *
 * <pre>
 * 1 byte    3 for a table, 4 for one with many values for a key
 * 8 bytes   its length
 * 1 byte    1 where it has a root; 32 bytes the root, or zeros: see {@link TreeRoot}
 * 1 byte    1 where its keys have one width; 4 bytes the width, or zeros
 * 1 byte    1 where its values have one width; 4 bytes the width, or zeros
 * 4 bytes   alignment of keys, 1
 * 4 bytes   alignment of values, 1
 * 4 bytes   length of the name of the type of its keys, then the name
 * the rest  the name of the type of its values
 * </pre>
 *
 * A name of a type is one byte, 1 for redb's own types, and its UTF-8.
 *
 * @param multimap whether it holds many values for a key
 * @param root its tree, where it is not empty
 * @param length how many pairs it holds
 * @param keyWidth of its keys where they have one
 * @param valueWidth of its values where they have one
 * @param keyType the first byte and the name of its keys' type
 * @param valueType the first byte and the name of its values' type
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
   * A type's name.
   *
   * @param kind 1 for redb's own
   * @param name such as {@code &str}
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

  /** An empty table of these types. */
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

  /** The same with another tree. */
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

  /** Whether the table has these types. */
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
   * Reads an entry.
   *
   * @throws RedbException.Corrupted when it is none; {@code table} stands in the message
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
      throw damaged(table, "has an alignment, which this engine does not know");
    }
    int keyBytes = in.getInt();
    if (keyBytes < 1 || keyBytes >= in.remaining()) {
      throw damaged(table, "has a type's name of " + keyBytes + " bytes");
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
