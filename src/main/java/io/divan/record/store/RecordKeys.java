package io.divan.record.store;

import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.index.IndexScan.KeyRange;
import io.divan.record.index.IndexSpace;
import io.divan.storage.Range;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.Arrays;
import java.util.Optional;

/**
 * The keys of a record store beside those of {@link IndexSpace}; {@code t} is a type's number:
 *
 * <pre>
 * (0, "format")          8 bytes: major and minor version of the format, big-endian
 * (0, "schema", v)       version v of the schema, as {@link SchemaJson} writes it
 * (0, "dropped", t)      empty; exists until the records of a removed type are cleared
 * (0, "lease", 0) + 1    the rows of {@link RecordStore#buildLease}
 * (1, t) + key + chunk   a chunk of a record: its packed primary key, then the number of the chunk
 * </pre>
 *
 * @param space where the records and indexes are
 */
record RecordKeys(IndexSpace space) {
  private static final int RECORDS = 1;
  private static final byte[] FIRST = TupleWriter.pack(0);
  private static final byte[] LAST = {(byte) 0xFF};

  byte[] format() {
    return space.key(0, "format");
  }

  byte[] schema(int version) {
    return space.key(0, "schema", version);
  }

  byte[] buildLease() {
    return space.key(0, "lease", 0);
  }

  Range schemas() {
    return space.below(0, "schema");
  }

  byte[] dropped(int type) {
    return space.key(0, "dropped", type);
  }

  Range dropped() {
    return space.below(0, "dropped");
  }

  /** Returns the number of the type that a key of {@link #dropped()} names. */
  int droppedType(byte[] key) {
    return Math.toIntExact(new TupleReader(key, space.key(0, "dropped").length).nextLong());
  }

  /** Returns the range of all records of a type. */
  Range records(int type) {
    return space.below(RECORDS, type);
  }

  /** Returns the range of the chunks of a record. */
  Range record(int type, byte[] primaryKey) {
    byte[] begin = concat(space.key(RECORDS, type), primaryKey);
    return Range.of(space.table(), begin, concat(begin, LAST));
  }

  /** Returns the range of the first chunk alone, by the range of a record. */
  static Range first(Range record) {
    byte[] key = concat(record.begin(), FIRST);
    return Range.of(record.table(), key, Arrays.copyOf(key, key.length + 1));
  }

  /** Returns the key of a chunk of a record. */
  byte[] chunk(int type, byte[] primaryKey, int chunk) {
    return concat(
        concat(space.key(RECORDS, type), primaryKey), new TupleWriter().add(chunk).toBytes());
  }

  /**
   * Returns the range of records of a type.
   *
   * @param range their primary keys
   * @param after a primary key in the range, already read
   */
  Range records(int type, KeyRange range, Optional<byte[]> after, boolean reverse) {
    byte[] prefix = space.key(RECORDS, type);
    byte[] begin = concat(prefix, range.begin());
    byte[] end = concat(prefix, range.end().orElse(LAST));
    if (after.isPresent()) {
      byte[] read = concat(prefix, after.get());
      if (reverse) {
        end = read;
      } else {
        begin = concat(read, LAST);
      }
    }
    if (Arrays.compareUnsigned(begin, end) > 0) {
      begin = end;
    }
    Range rows = Range.of(space.table(), begin, end);
    return reverse ? rows.reversed() : rows;
  }

  /** The parts of the key of a chunk. */
  record Split(byte[] primaryKey, int chunk) {}

  /** Splits the key of a chunk of a record. */
  Split split(RecordType type, byte[] key) {
    int start = space.key(RECORDS, type.number()).length;
    TupleReader reader = new TupleReader(key, start);
    try {
      for (int i = 0; i < type.key().size(); i++) {
        reader.nextElement();
      }
      byte[] primaryKey = Arrays.copyOfRange(key, start, reader.position());
      return new Split(primaryKey, Math.toIntExact(reader.nextLong()));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new RecordException.Damaged(
          "A key of a record of type " + type.name() + " cannot be read");
    }
  }

  static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
