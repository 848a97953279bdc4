package io.divan.redb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads and writes little-endian integers in byte arrays. The file stores all integers this way.
 */
final class LittleEndian {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  static int unsigned16(byte[] array, int at) {
    return (short) SHORTS.get(array, at) & 0xFFFF;
  }

  static void putUnsigned16(byte[] array, int at, int value) {
    SHORTS.set(array, at, (short) value);
  }

  static int int32(byte[] array, int at) {
    return (int) INTS.get(array, at);
  }

  static void putInt32(byte[] array, int at, int value) {
    INTS.set(array, at, value);
  }

  static long int64(byte[] array, int at) {
    return (long) LONGS.get(array, at);
  }

  static void putInt64(byte[] array, int at, long value) {
    LONGS.set(array, at, value);
  }
}
