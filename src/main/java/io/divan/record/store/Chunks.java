package io.divan.record.store;

import io.divan.record.RecordCodec;
import io.divan.record.RecordException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of a record, cut into values that every backend holds. The first chunk begins with a
 * header: a byte of flags (1: encoded as JSON), the version of the schema that wrote the record and
 * the number of bytes that follow the header in all chunks, both as varints of 7 bits a byte,
 * lowest first.
 */
final class Chunks {
  /** The most bytes of a chunk. */
  static final int CHUNK_BYTES_MAX = 96_000;

  /** The most bytes of a record. */
  static final int RECORD_BYTES_MAX = 8_000_000;

  private static final int JSON = 1;

  /**
   * A record's bytes.
   *
   * @param json whether {@link RecordCodec#JSON} encoded them
   * @param version the version of the schema that wrote them
   */
  record Content(boolean json, int version, byte[] bytes) {}

  /** The header of the first chunk, which has this many bytes. */
  private record Header(boolean json, int version, int total, int bytes) {}

  private Chunks() {}

  static List<byte[]> write(Content content) {
    byte[] header = new byte[11];
    int length = 0;
    header[length++] = (byte) (content.json() ? JSON : 0);
    length = varint(header, length, content.version());
    length = varint(header, length, content.bytes().length);
    byte[] all = RecordKeys.concat(Arrays.copyOf(header, length), content.bytes());
    List<byte[]> chunks = new ArrayList<>();
    for (int from = 0; from < all.length; from += CHUNK_BYTES_MAX) {
      chunks.add(Arrays.copyOfRange(all, from, Math.min(all.length, from + CHUNK_BYTES_MAX)));
    }
    return chunks;
  }

  /** Returns how many chunks a record has, by its first one. */
  static int count(byte[] first) {
    Header header = header(first);
    long all = (long) header.bytes() + header.total();
    return Math.toIntExact((all + CHUNK_BYTES_MAX - 1) / CHUNK_BYTES_MAX);
  }

  static Content read(List<byte[]> chunks) {
    Header header = header(chunks.getFirst());
    byte[] bytes = new byte[header.total()];
    int position = 0;
    for (int i = 0; i < chunks.size(); i++) {
      byte[] chunk = chunks.get(i);
      int from = i == 0 ? header.bytes() : 0;
      if (chunk.length - from > bytes.length - position) {
        throw damaged();
      }
      System.arraycopy(chunk, from, bytes, position, chunk.length - from);
      position += chunk.length - from;
    }
    if (position != bytes.length) {
      throw damaged();
    }
    return new Content(header.json(), header.version(), bytes);
  }

  private static Header header(byte[] first) {
    if (first.length == 0 || (first[0] & ~JSON) != 0) {
      throw damaged();
    }
    int[] position = {1};
    int version = varint(first, position);
    int total = varint(first, position);
    if (total > RECORD_BYTES_MAX) {
      throw damaged();
    }
    return new Header(first[0] == JSON, version, total, position[0]);
  }

  private static int varint(byte[] to, int from, int number) {
    int position = from;
    int rest = number;
    while (rest > 0x7F) {
      to[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    to[position++] = (byte) rest;
    return position;
  }

  private static int varint(byte[] bytes, int[] position) {
    long number = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (position[0] == bytes.length) {
        throw damaged();
      }
      byte next = bytes[position[0]++];
      number |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        if (number > Integer.MAX_VALUE) {
          throw damaged();
        }
        return (int) number;
      }
    }
    throw damaged();
  }

  static RecordException.Damaged damaged() {
    return new RecordException.Damaged("The chunks of a record do not fit together");
  }
}
