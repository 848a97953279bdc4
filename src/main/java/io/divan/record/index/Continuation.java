package io.divan.record.index;

import io.divan.record.index.IndexException.BadContinuation;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The bytes from which a query continues, in another transaction, instance or year:
 *
 * <pre>
 * 1  version: 1
 * 1  kind of the state
 * 8  fingerprint of the query
 *    state
 *      kind 1, keys:    the last key; its length as a varint, then its bytes
 *      kind 2, ranges:  the ordinal of the range as a varint, then as kind 1
 *      kind 3, union:   the number of branches as a varint; each 0x00 if finished,
 *                       or 0x01, the length of its state as a varint and its state
 * 4  CRC-32C of all bytes before, big-endian
 * </pre>
 *
 * <p>A varint has 7 bits in each byte, the lowest first; the highest bit says that another follows.
 * The fingerprint consists of the first bytes of a hash of everything that determines the results
 * and their order. So the bytes cannot continue another query, or the same one over another index.
 */
public final class Continuation {
  /** The state is the last key. */
  public static final int KEYS = 1;

  /** The state is a position in several ranges. */
  public static final int RANGES = 2;

  /** The state consists of the states of branches. */
  public static final int UNION = 3;

  /** The length of a fingerprint. */
  public static final int FINGERPRINT_BYTES = 8;

  /** The most bytes of a continuation. */
  public static final int BYTES_MAX = 300_000;

  private static final int VERSION = 1;
  private static final int HEAD = 2 + FINGERPRINT_BYTES;
  private static final int CHECKSUM_BYTES = 4;

  /**
   * A decoded continuation.
   *
   * @param kind {@link #KEYS}, {@link #RANGES} or {@link #UNION}
   * @param state what {@link #key}, {@link #position} or {@link #branches} reads
   */
  public record State(int kind, byte[] state) {

    /** Returns the state of kind {@link #KEYS}. */
    public byte[] key() {
      require(KEYS);
      Input input = new Input(state);
      byte[] key = input.bytes();
      input.end();
      return key;
    }

    /** Returns the state of kind {@link #RANGES}. */
    public IndexScan.Position position() {
      require(RANGES);
      Input input = new Input(state);
      IndexScan.Position position = new IndexScan.Position(input.varint(), input.bytes());
      input.end();
      return position;
    }

    /** Returns the states of the branches of kind {@link #UNION}; empty ones are finished. */
    public List<Optional<byte[]>> branches() {
      require(UNION);
      Input input = new Input(state);
      int count = input.varint();
      List<Optional<byte[]>> branches = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        branches.add(input.flag() ? Optional.of(input.bytes()) : Optional.empty());
      }
      input.end();
      return branches;
    }

    private void require(int expected) {
      if (kind != expected) {
        throw new BadContinuation("The continuation is of another kind of query");
      }
    }
  }

  private Continuation() {}

  /** Encodes the state of kind {@link #KEYS}. */
  public static byte[] key(byte[] key) {
    Output output = new Output();
    output.bytes(key);
    return output.toBytes();
  }

  /** Encodes the state of kind {@link #RANGES}. */
  public static byte[] position(IndexScan.Position position) {
    Output output = new Output();
    output.varint(position.range());
    output.bytes(position.after());
    return output.toBytes();
  }

  /** Encodes the state of kind {@link #UNION}; empty branches are finished. */
  public static byte[] branches(List<Optional<byte[]>> branches) {
    Output output = new Output();
    output.varint(branches.size());
    for (Optional<byte[]> branch : branches) {
      output.flag(branch.isPresent());
      branch.ifPresent(output::bytes);
    }
    return output.toBytes();
  }

  /**
   * Encodes a continuation.
   *
   * @param kind {@link #KEYS}, {@link #RANGES} or {@link #UNION}
   * @param fingerprint {@link #FINGERPRINT_BYTES} bytes
   * @param state as {@link #key}, {@link #position} or {@link #branches} encodes it
   */
  public static byte[] write(int kind, byte[] fingerprint, byte[] state) {
    if (fingerprint.length != FINGERPRINT_BYTES) {
      throw new IllegalArgumentException(
          "A fingerprint has " + FINGERPRINT_BYTES + " bytes, not " + fingerprint.length);
    }
    ByteBuffer buffer = ByteBuffer.allocate(HEAD + state.length + CHECKSUM_BYTES);
    buffer.put((byte) VERSION).put((byte) kind).put(fingerprint).put(state);
    return buffer.putInt(checksum(buffer.array(), buffer.position())).array();
  }

  /**
   * Decodes a continuation.
   *
   * @param fingerprint that of the query to continue
   * @throws BadContinuation if the bytes are not a continuation of that query
   */
  public static State read(byte[] bytes, byte[] fingerprint) {
    if (bytes.length < HEAD + CHECKSUM_BYTES || bytes.length > BYTES_MAX) {
      throw new BadContinuation("The continuation is damaged: it has " + bytes.length + " bytes");
    }
    int end = bytes.length - CHECKSUM_BYTES;
    if (ByteBuffer.wrap(bytes).getInt(end) != checksum(bytes, end)) {
      throw new BadContinuation("The continuation is damaged: its checksum is wrong");
    }
    if (bytes[0] != VERSION) {
      throw new BadContinuation(
          "The continuation has version " + bytes[0] + "; this version reads " + VERSION);
    }
    if (!Arrays.equals(bytes, 2, HEAD, fingerprint, 0, fingerprint.length)) {
      throw new BadContinuation("The continuation is of another query or index");
    }
    return new State(bytes[1], Arrays.copyOfRange(bytes, HEAD, end));
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static final class Output {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void varint(int value) {
      int rest = value;
      while (rest > 0x7F) {
        out.write(rest & 0x7F | 0x80);
        rest >>>= 7;
      }
      out.write(rest);
    }

    void flag(boolean flag) {
      out.write(flag ? 1 : 0);
    }

    void bytes(byte[] bytes) {
      varint(bytes.length);
      out.writeBytes(bytes);
    }

    byte[] toBytes() {
      return out.toByteArray();
    }
  }

  private static final class Input {
    private final ByteBuffer buffer;

    Input(byte[] bytes) {
      buffer = ByteBuffer.wrap(bytes);
    }

    private int next() {
      if (!buffer.hasRemaining()) {
        throw damaged();
      }
      return buffer.get() & 0xFF;
    }

    int varint() {
      long value = 0;
      for (int shift = 0; shift <= 28; shift += 7) {
        int next = next();
        value |= (long) (next & 0x7F) << shift;
        if (next <= 0x7F && value <= Integer.MAX_VALUE) {
          return (int) value;
        }
      }
      throw damaged();
    }

    boolean flag() {
      int flag = next();
      if (flag > 1) {
        throw damaged();
      }
      return flag == 1;
    }

    byte[] bytes() {
      int length = varint();
      if (length > buffer.remaining()) {
        throw damaged();
      }
      byte[] bytes = new byte[length];
      buffer.get(bytes);
      return bytes;
    }

    void end() {
      if (buffer.hasRemaining()) {
        throw damaged();
      }
    }

    private static BadContinuation damaged() {
      return new BadContinuation("The continuation is damaged");
    }
  }
}
