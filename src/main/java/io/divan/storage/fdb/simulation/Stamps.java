package io.divan.storage.fdb.simulation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Versionstamps in keys and values: ten bytes (version, batch order). The last four bytes of the
 * operand, little-endian, give their offset, and are removed.
 */
final class Stamps {

  static final int BYTES = 10;
  private static final int OFFSET_BYTES = 4;

  private Stamps() {}

  static byte[] stamp(long version, int batch) {
    return ByteBuffer.allocate(BYTES).putLong(version).putShort((short) batch).array();
  }

  /** Throws if the offset of an operand lies outside it. */
  static void check(byte[] operand) {
    if (operand.length < OFFSET_BYTES) {
      throw Errors.of(Errors.CLIENT_INVALID_OPERATION);
    }
    int offset = offset(operand);
    if (offset < 0 || (long) offset + BYTES > operand.length - OFFSET_BYTES) {
      throw Errors.of(Errors.CLIENT_INVALID_OPERATION);
    }
  }

  private static int offset(byte[] operand) {
    return ByteBuffer.wrap(operand)
        .order(ByteOrder.LITTLE_ENDIAN)
        .getInt(operand.length - OFFSET_BYTES);
  }

  /** The operand with the stamp at its offset and without the last four bytes. */
  static byte[] fill(byte[] operand, byte[] stamp) {
    byte[] filled = Arrays.copyOf(operand, operand.length - OFFSET_BYTES);
    System.arraycopy(stamp, 0, filled, offset(operand), BYTES);
    return filled;
  }

  /** The operand with the stamp at its offset, including the last four bytes. */
  static byte[] preset(byte[] operand, byte[] stamp) {
    byte[] preset = operand.clone();
    System.arraycopy(stamp, 0, preset, offset(operand), BYTES);
    return preset;
  }

  /** The range in which a stamped key ends up if its version is at least {@code version}. */
  static KeyRange range(byte[] operand, long version, byte[] most) {
    check(operand);
    byte[] begin = fill(operand, stamp(version, 0));
    byte[] highest = new byte[BYTES];
    Arrays.fill(highest, (byte) 0xFF);
    return new KeyRange(begin, Keys.min(Keys.after(fill(operand, highest)), most));
  }
}
