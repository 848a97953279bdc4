package io.divan.record.index;

import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.tuple.TupleWriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The part of a table that holds a set of indexes, and the keys of their rows. A key is the prefix,
 * then a tuple; {@code n} is an index's number:
 *
 * <pre>
 * (0, "next")           tuple (number of the next index); missing before the first
 * (0, "state", n)       tuple (code of {@link IndexState}, signature, problem or null)
 * (0, "build", n)       tuple (position, done, estimate); exists while the index is building
 * (0, "lease", n) + 1   the rows of {@link IndexBuild#lease}
 * (0, "feed", n)        12 bytes: the stamp of the last row of a feed, for watches
 * (2, n) + key          {@link Contribution.Row}: its value
 * (3, n) + key          {@link Contribution.Unique}: the primary key of its owner
 * (4, n) + key          {@link Contribution.Add}: 8 bytes, little-endian; absent is 0
 * (5, n, 0) + group + value   {@link Contribution.Ever}: the least value; empty
 * (5, n, 1) + group + value   the greatest value; empty
 * (6, n, stamp)         {@link Contribution.Feed}: tuple (owner), then its value
 * (7, n) + owner        12 bytes: the stamp of the owner's last row in the feed
 * </pre>
 *
 * <p>The other elements of (0, …) and the codes 1 and from 8 on belong to the owner of the space.
 * The bytes after {@code (2, n)} to {@code (7, n)} belong to the owner, too. None of these parts
 * may begin with 0xFF, which no element of a tuple and no column of {@link IndexColumns} does. So
 * everything below a key that ends with a whole part is the {@link #below range} up to 0xFF.
 *
 * @param table the table
 * @param prefix the bytes before all keys, possibly none; no other key of the table begins with it
 */
public record IndexSpace(Table table, byte[] prefix) {

  /** The table of records and their indexes, unless a program chooses another one. */
  public static final Table RECORDS = new Table(40, "records");

  /** Returns the key of a tuple. */
  public byte[] key(@Nullable Object... elements) {
    return concat(prefix, TupleWriter.pack(elements));
  }

  /** Returns the range of the key of a tuple and all keys that continue it. */
  public Range below(@Nullable Object... elements) {
    return below(key(elements));
  }

  /** Returns the key of a row of an index. */
  public byte[] key(IndexRows kind, int number, byte[] rest) {
    return concat(prefix(kind, number), rest);
  }

  /** Returns the bytes before the keys of an index's rows. */
  public byte[] prefix(IndexRows kind, int number) {
    return key(kind.code(), number);
  }

  /** Returns the range of all rows of one kind of an index. */
  public Range rows(IndexRows kind, int number) {
    return below(prefix(kind, number));
  }

  byte[] stateKey(int number) {
    return key(0, "state", number);
  }

  byte[] buildKey(int number) {
    return key(0, "build", number);
  }

  byte[] nextKey() {
    return key(0, "next");
  }

  byte[] leaseKey(int number) {
    return key(0, "lease", number);
  }

  byte[] feedKey(int number) {
    return key(0, "feed", number);
  }

  /** Returns the range of a key and the keys that continue it with another part. */
  Range below(byte[] key) {
    byte[] end = Arrays.copyOf(key, key.length + 1);
    end[key.length] = (byte) 0xFF;
    return Range.of(table, key, end);
  }

  /** Returns the range of one row. */
  Range row(byte[] key) {
    return Range.of(table, key, Arrays.copyOf(key, key.length + 1)).limit(1);
  }

  static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
