package io.divan.storage.leveldb;

import io.divan.storage.Range;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * A part of a database, and what remains of it while one goes through it. {@link #toString()} can
 * be kept, or given to another process, which goes on from {@link #parse}. Nobody changes the
 * arrays.
 *
 * @param begin the least key
 * @param end the first key behind it, or nothing for the end of the database
 * @param reverse whether it goes from the greatest key down
 */
public record LevelDbCursor(byte[] begin, Optional<byte[]> end, boolean reverse) {
  private static final long VERSION = 1;
  private static final byte[] NOTHING = {};

  /** The whole database. */
  public static LevelDbCursor all() {
    return new LevelDbCursor(NOTHING, Optional.empty(), false);
  }

  /** The keys from one, inclusive, to another, exclusive. */
  public static LevelDbCursor between(byte[] begin, byte[] end) {
    return new LevelDbCursor(begin, Optional.of(end), false);
  }

  /** The keys that begin with a prefix. */
  public static LevelDbCursor prefix(byte[] prefix) {
    return new LevelDbCursor(prefix, Range.afterPrefix(prefix), false);
  }

  /** The same keys in the other order. */
  public LevelDbCursor reversed() {
    return new LevelDbCursor(begin, end, !reverse);
  }

  /**
   * Reads what {@link #toString()} has written.
   *
   * @throws IllegalArgumentException when this is something else
   */
  public static LevelDbCursor parse(String text) {
    try {
      TupleReader reader = new TupleReader(Base64.getUrlDecoder().decode(text));
      if (reader.nextLong() != VERSION) {
        throw new IllegalArgumentException("A cursor of another version: " + text);
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

  /** These rows. */
  Range range() {
    return new Range(Rows.ROWS, begin, end, reverse, Range.NO_LIMIT);
  }

  /** The part that a range is. */
  static LevelDbCursor of(Range range) {
    return new LevelDbCursor(range.begin(), range.end(), range.reverse());
  }
}
