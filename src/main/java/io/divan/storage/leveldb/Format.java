package io.divan.storage.leveldb;

import io.divan.storage.Limits;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.iq80.leveldb.DBComparator;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.Options;

/**
 * What a database is since it was made.
 *
 * @param comparator the name of its comparator
 * @param expiring whether values have deadlines
 * @param keeping whether it keeps snapshots
 */
record Format(String comparator, boolean expiring, boolean keeping) {
  static final String BYTEWISE = "leveldb.BytewiseComparator";

  private static final byte[] KEY = "format".getBytes(StandardCharsets.US_ASCII);
  private static final long VERSION = 1;

  /** Keys that a comparator of bytes sorts as they stand here. */
  private static final byte[][] SAMPLES = {
    {0}, {0, 0}, {0, (byte) 0xFF}, {1}, {'0'}, {'1', '0'}, {'9'}, {'A'}, {'A', 'b'}, {'B'},
    {'a'}, {'a', 0}, {'a', 'A'}, {'b'}, {0x7F}, {(byte) 0x80}, {(byte) 0xC3}, {(byte) 0xFF}
  };

  /** What the options ask for. */
  static Format of(Options options, LevelDbOptions more) {
    DBComparator comparator = options.comparator();
    if (comparator != null) {
      requireBytewise(comparator);
    }
    return new Format(
        comparator == null ? BYTEWISE : comparator.name(),
        more.expiring(),
        more.keepSnapshots().isPresent());
  }

  private static void requireBytewise(DBComparator comparator) {
    for (int i = 0; i < SAMPLES.length; i++) {
      for (int j = 0; j < SAMPLES.length; j++) {
        int order = comparator.compare(SAMPLES[i], SAMPLES[j]);
        if (Integer.signum(order) != Integer.signum(i - j)) {
          throw new IllegalArgumentException(
              "The comparator " + comparator.name()
                  + " does not sort keys as unsigned bytes, which is how the store sorts them");
        }
      }
    }
  }

  static Optional<Format> read(ReadTransaction transaction) {
    return transaction.get(Rows.META, KEY).map(Format::parse);
  }

  private static Format parse(byte[] row) {
    TupleReader reader = new TupleReader(row);
    long version = reader.nextLong();
    if (version > VERSION) {
      throw new StorageException.StoreUnavailable(
          "The LevelDB database has format " + version + ", this version of Divan knows formats up"
              + " to " + VERSION + ": use the version that wrote it, or a newer one");
    }
    return new Format(reader.nextString(), reader.nextBoolean(), reader.nextBoolean());
  }

  void write(WriteTransaction transaction) {
    transaction.put(Rows.META, KEY, TupleWriter.pack(VERSION, comparator, expiring, keeping));
  }

  /**
   * Refuses to be opened as something else. Properties that are not asked for may be there.
   *
   * @throws IllegalArgumentException where it is something else
   */
  void require(Format asked) {
    if (!comparator.equals(asked.comparator)) {
      throw new IllegalArgumentException(
          asked.comparator + " does not match existing comparator " + comparator);
    }
    if (asked.expiring && !expiring || asked.keeping && !keeping) {
      throw new IllegalArgumentException(
          "Whether values expire and snapshots are kept is said when a database is made: "
              + (asked.expiring && !expiring ? "its values do not expire" : "it keeps none"));
    }
  }

  /** Refuses keys and values that are too large. */
  void checkSizes(int keyBytes, int valueBytes, StoreDb.Bounds bounds) {
    int keyLess = expiring || keeping ? Long.BYTES : 0;
    int valueLess = (expiring ? Long.BYTES : 0) + (keeping ? 1 : 0);
    checkSize(Limits.Limit.KEY, keyBytes, bounds.keyBytes() - keyLess);
    checkSize(Limits.Limit.VALUE, valueBytes, Limits.VALUE_BYTES_MAX - valueLess);
  }

  static void checkSize(Limits.Limit limit, long actual, long max) {
    if (actual > max) {
      throw new DBException(
          limit.text() + " is at most " + max + " bytes, not " + actual,
          new StorageException.LimitExceeded(limit, actual));
    }
  }

  /** What is stored for a value. */
  byte[] encode(byte[] value, long deadline) {
    return expiring ? Rows.numbered(deadline, value) : value;
  }

  /** The value stored, or nothing where it has expired. */
  Optional<byte[]> decode(byte[] stored, long now) {
    if (!expiring) {
      return Optional.of(stored);
    }
    return hasExpired(stored, now) ? Optional.empty() : Optional.of(Rows.rest(stored));
  }

  static boolean hasExpired(byte[] stored, long now) {
    long deadline = Rows.number(stored);
    return deadline != 0 && deadline <= now;
  }

  /** Keys sort by bytes whatever the comparator is called. */
  static int compare(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b);
  }
}
