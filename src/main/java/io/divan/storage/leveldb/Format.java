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
 * The properties of a database that are fixed when it is created.
 *
 * @param comparator the name of its comparator
 * @param expiring whether values have deadlines
 * @param keeping whether it keeps snapshots
 */
record Format(String comparator, boolean expiring, boolean keeping) {
  static final String BYTEWISE = "leveldb.BytewiseComparator";

  private static final byte[] KEY = "format".getBytes(StandardCharsets.US_ASCII);
  private static final long VERSION = 1;

  /** Sample keys in unsigned byte order. */
  private static final byte[][] SAMPLES = {
    {0}, {0, 0}, {0, (byte) 0xFF}, {1}, {'0'}, {'1', '0'}, {'9'}, {'A'}, {'A', 'b'}, {'B'},
    {'a'}, {'a', 0}, {'a', 'A'}, {'b'}, {0x7F}, {(byte) 0x80}, {(byte) 0xC3}, {(byte) 0xFF}
  };

  /** Returns the format that the options request. */
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
                  + " does not sort keys as unsigned bytes, as the store does");
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
      throw new StorageException.StoreUnusable(
          "The LevelDB database has format " + version + "; this version of Divan supports formats"
              + " up to " + VERSION + ". Use the version that wrote it, or a newer one");
    }
    return new Format(reader.nextString(), reader.nextBoolean(), reader.nextBoolean());
  }

  void write(WriteTransaction transaction) {
    transaction.put(Rows.META, KEY, TupleWriter.pack(VERSION, comparator, expiring, keeping));
  }

  /**
   * Checks that the database has the requested format. It may have properties that were not
   * requested.
   *
   * @throws IllegalArgumentException if the format differs
   */
  void require(Format asked) {
    if (!comparator.equals(asked.comparator)) {
      throw new IllegalArgumentException(
          asked.comparator + " does not match existing comparator " + comparator);
    }
    if (asked.expiring && !expiring || asked.keeping && !keeping) {
      throw new IllegalArgumentException(
          "Expiring values and kept snapshots must be enabled when a database is created: "
              + (asked.expiring && !expiring
                  ? "values of this database do not expire"
                  : "this database keeps no snapshots"));
    }
  }

  /** Checks the sizes of a key and a value. */
  void checkSizes(int keyBytes, int valueBytes, StoreDb.Bounds bounds) {
    int keyLess = expiring || keeping ? Long.BYTES : 0;
    int valueLess = (expiring ? Long.BYTES : 0) + (keeping ? 1 : 0);
    checkSize(Limits.Limit.KEY, keyBytes, bounds.keyBytes() - keyLess);
    checkSize(Limits.Limit.VALUE, valueBytes, Limits.VALUE_BYTES_MAX - valueLess);
  }

  static void checkSize(Limits.Limit limit, long actual, long max) {
    if (actual > max) {
      throw new DBException(
          limit.text() + " has " + actual + " bytes; the maximum is " + max,
          new StorageException.LimitExceeded(limit, actual));
    }
  }

  /** Encodes a value for the store. */
  byte[] encode(byte[] value, long deadline) {
    return expiring ? Rows.numbered(deadline, value) : value;
  }

  /** Decodes a stored value; empty if it has expired. */
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

  /** Compares keys by unsigned bytes, whatever the comparator's name. */
  static int compare(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b);
  }
}
