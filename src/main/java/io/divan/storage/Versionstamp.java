package io.divan.storage;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A position in the order of commits. It has 12 bytes: an 8-byte commit version, a 2-byte order
 * within that version and a 2-byte position within the transaction. All three are big-endian and
 * unsigned, so that versionstamps sort by their bytes in commit order. Those of a database name
 * grow with every commit, even across deletion, re-creation and restore.
 *
 * @param version the commit version, unsigned
 * @param order the order among commits of one version, 0 to 65,535
 * @param position the position within the transaction, 0 to 65,535
 */
public record Versionstamp(long version, int order, int position)
    implements Comparable<Versionstamp> {

  /** Length in bytes. */
  public static final int LENGTH = 12;

  /** Less than the versionstamp of every commit. */
  public static final Versionstamp ZERO = new Versionstamp(0, 0, 0);

  public Versionstamp {
    if (order < 0 || order > 0xFFFF || position < 0 || position > 0xFFFF) {
      throw new IllegalArgumentException(
          "Order and position are 0 to 65535, not " + order + " and " + position);
    }
  }

  /** Reads the 12 bytes that begin at {@code offset}. */
  public static Versionstamp fromBytes(byte[] bytes, int offset) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, LENGTH);
    return new Versionstamp(
        buffer.getLong(), buffer.getShort() & 0xFFFF, buffer.getShort() & 0xFFFF);
  }

  /** Returns the 12 bytes. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(LENGTH)
        .putLong(version)
        .putShort((short) order)
        .putShort((short) position)
        .array();
  }

  /** Returns the versionstamp of another position in the same transaction. */
  public Versionstamp at(int otherPosition) {
    return new Versionstamp(version, order, otherPosition);
  }

  @Override
  public int compareTo(Versionstamp other) {
    int byVersion = Long.compareUnsigned(version, other.version);
    if (byVersion != 0) {
      return byVersion;
    }
    int byOrder = Integer.compare(order, other.order);
    return byOrder != 0 ? byOrder : Integer.compare(position, other.position);
  }

  /** The 24 hexadecimal digits of the bytes. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(toBytes());
  }
}
