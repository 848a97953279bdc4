package io.divan.record.index;

import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The encoding of ascending and descending columns of a key. An ascending column is an element of a
 * tuple. A descending one is an element in which the type code {@code c} becomes {@code 0xFE - c}
 * and every other byte its complement, followed by 0xFF. So greater elements sort first, the key
 * remains decodable, and no column begins with 0xFF, which the encoding of 0x00 in the preceding
 * column needs.
 */
public final class IndexColumns {
  private static final int CODE = 0xFE;

  private IndexColumns() {}

  /** Writes columns. For use by one thread. */
  public static final class Writer {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);

    /** Appends a column with an element as {@link TupleWriter#addElement} takes it. */
    public Writer add(@Nullable Object element, boolean descending) {
      byte[] encoded = TupleWriter.pack(element);
      if (descending) {
        complement(encoded);
      }
      bytes.writeBytes(encoded);
      if (descending) {
        bytes.write(0xFF);
      }
      return this;
    }

    /** Returns the columns so far, as a new array. */
    public byte[] toBytes() {
      return bytes.toByteArray();
    }
  }

  /**
   * Reads columns. Throws {@link IllegalArgumentException} if the next bytes are not a column. For
   * use by one thread.
   */
  public static final class Reader {
    private final byte[] bytes;
    private int position;

    /** Starts at {@code offset}. */
    public Reader(byte[] bytes, int offset) {
      this.bytes = bytes;
      this.position = offset;
    }

    /** Returns whether there is another column. */
    public boolean hasNext() {
      return position < bytes.length;
    }

    /** Reads a column as {@link TupleReader#nextElement} returns elements. */
    public @Nullable Object next(boolean descending) {
      if (!hasNext()) {
        throw new IllegalArgumentException("Expected a column at byte " + position);
      }
      if (!descending) {
        TupleReader reader = new TupleReader(bytes, position);
        Object element = reader.nextElement();
        position = reader.position();
        return element;
      }
      byte[] rest = Arrays.copyOfRange(bytes, position, bytes.length);
      complement(rest);
      TupleReader reader = new TupleReader(rest);
      Object element = reader.nextElement();
      if (reader.position() >= rest.length || rest[reader.position()] != 0) {
        throw new IllegalArgumentException("Expected the end of a column at byte " + position);
      }
      position += reader.position() + 1;
      return element;
    }

    /** Returns the offset of the next column. */
    public int position() {
      return position;
    }
  }

  /** Complements an encoded element, or undoes that. */
  private static void complement(byte[] element) {
    element[0] = (byte) (CODE - element[0]);
    for (int i = 1; i < element.length; i++) {
      element[i] = (byte) ~element[i];
    }
  }
}
