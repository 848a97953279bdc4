package io.divan.storage.leveldb.lsm;

import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Encodes chunks as {@link LsmKeys} describes. */
final class ChunkCodec {

  private static final byte PLAIN = 0;
  private static final byte DEFLATED = 1;

  private ChunkCodec() {}

  /** Encodes a chunk; deflates it if {@code compress} is set and the result is shorter. */
  static byte[] encode(byte[] chunk, boolean compress) {
    int length = chunk.length;
    byte[] value = new byte[1 + length];
    if (compress) {
      try (Deflater deflater = new Deflater(Deflater.BEST_SPEED, true)) {
        deflater.setInput(chunk, 0, length);
        deflater.finish();
        int deflated = deflater.deflate(value, 1, length);
        if (deflater.finished()) {
          value[0] = DEFLATED;
          return Arrays.copyOf(value, 1 + deflated);
        }
      }
    }
    value[0] = PLAIN;
    System.arraycopy(chunk, 0, value, 1, length);
    return value;
  }

  /** Decodes a chunk; empty if the value is malformed or does not have {@code length} bytes. */
  static Optional<byte[]> decode(byte[] value, int length) {
    if (value.length == 0) {
      return Optional.empty();
    }
    return switch (value[0]) {
      case PLAIN ->
          value.length == 1 + length
              ? Optional.of(Arrays.copyOfRange(value, 1, value.length))
              : Optional.empty();
      case DEFLATED -> inflate(value, length);
      default -> Optional.empty();
    };
  }

  private static Optional<byte[]> inflate(byte[] value, int length) {
    byte[] chunk = new byte[length + 1]; // one more byte, to detect a longer chunk
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(value, 1, value.length - 1);
      int inflated = inflater.inflate(chunk);
      return inflater.finished() && inflated == length
          ? Optional.of(Arrays.copyOf(chunk, length))
          : Optional.empty();
    } catch (DataFormatException e) {
      return Optional.empty();
    }
  }
}
