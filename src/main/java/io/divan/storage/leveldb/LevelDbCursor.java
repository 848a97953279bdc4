package io.divan.storage.leveldb;

import io.divan.storage.Range;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * A range of keys, which is also the position of an iteration within it. {@link #toString()} can be
 * stored or passed to another process, which continues from {@link #parse}. The arrays must not be
 * changed.
 *
 * @param begin the first key, inclusive
 * @param end the end of the range, exclusive; empty for the end of the database
 * @param reverse whether to iterate in descending order
 */
public record LevelDbCursor(byte[] begin, Optional<byte[]> end, boolean reverse) {
  private static final long VERSION = 1;
  private static final byte[] NOTHING = {};

  /** Returns a cursor over the whole database. */
  public static LevelDbCursor all() {
    return new LevelDbCursor(NOTHING, Optional.empty(), false);
  }

  /** Returns a cursor over the keys from {@code begin}, inclusive, to {@code end}, exclusive. */
  public static LevelDbCursor between(byte[] begin, byte[] end) {
    return new LevelDbCursor(begin, Optional.of(end), false);
  }

  /** Returns a cursor over the keys with a prefix. */
  public static LevelDbCursor prefix(byte[] prefix) {
    return new LevelDbCursor(prefix, Range.afterPrefix(prefix), false);
  }

  /** Returns a cursor over the same keys in the opposite order. */
  public LevelDbCursor reversed() {
    return new LevelDbCursor(begin, end, !reverse);
  }

  /**
   * Parses the result of {@link #toString()}.
   *
   * @throws IllegalArgumentException if the text is not a cursor
   */
  public static LevelDbCursor parse(String text) {
    try {
      TupleReader reader = new TupleReader(Base64.getUrlDecoder().decode(text));
      if (reader.nextLong() != VERSION) {
        throw new IllegalArgumentException("Unsupported cursor version: " + text);
      }
      boolean reverse = reader.nextBoolean();
      byte[] begin = reader.nextBytes();
      Optional<byte[]> end =
          reader.nextBoolean() ? Optional.of(reader.nextBytes()) : Optional.empty();
      if (reader.hasNext()) {
        throw new IllegalArgumentException("Not a cursor: " + text);
      }
      return new LevelDbCursor(begin, end, reverse);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Not a cursor: " + text, e);
    }
  }

  @Override
  public String toString() {
    TupleWriter writer = new TupleWriter().add(VERSION).add(reverse).add(begin);
    writer.add(end.isPresent());
    end.ifPresent(writer::add);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(writer.toBytes());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LevelDbCursor cursor && toString().equals(cursor.toString());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(begin);
  }

  /** Returns the range of rows. */
  Range range() {
    return new Range(Rows.ROWS, begin, end, reverse, Range.NO_LIMIT);
  }

  /** Returns the cursor of a range. */
  static LevelDbCursor of(Range range) {
    return new LevelDbCursor(range.begin(), range.end(), range.reverse());
  }
}
