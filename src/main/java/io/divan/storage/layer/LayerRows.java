package io.divan.storage.layer;

import io.divan.storage.BatchScan;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.TableKeys;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a layer keeps of a database in its base store, beside what its engine keeps there. A
 * database is made with these rows in one transaction of the base.
 *
 * <pre>
 *   layer          "format"    (1, the layer's name)
 *                  "stamp"     no versionstamp of the database exceeds this number
 *                  "floor"     in the system's store: no stamp of a deleted database exceeds it
 *   layer_initial  key          a row that the engine has not been given yet
 * </pre>
 *
 * <p>Numbers are 8 bytes, big-endian; keys of initial rows are those of {@link TableKeys}.
 */
public final class LayerRows {
  static final Table LAYER = new Table(255, "layer");
  static final Table INITIAL = new Table(254, "layer_initial");

  private static final long FORMAT_NOW = 1;
  private static final byte[] FORMAT = key("format");
  private static final byte[] STAMP = key("stamp");
  private static final byte[] FLOOR = key("floor");

  private LayerRows() {}

  private static byte[] key(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  private static long number(ReadTransaction transaction, byte[] key) {
    return transaction
        .get(LAYER, key)
        .map(value -> ByteBuffer.wrap(value).getLong())
        .orElse(0L);
  }

  private static void put(WriteTransaction transaction, byte[] key, long number) {
    transaction.put(
        LAYER, key, ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  /** The name of the layer that made the store's rows; nothing where none has. */
  static Optional<String> layer(ReadTransaction transaction, String store) {
    Optional<byte[]> row = transaction.get(LAYER, FORMAT);
    if (row.isEmpty()) {
      return Optional.empty();
    }
    TupleReader reader = new TupleReader(row.get());
    long format = reader.nextLong();
    if (format > FORMAT_NOW) {
      throw new StorageException.StoreUnusable(
          store + " has format " + format + ", this version of Divan knows formats up to "
              + FORMAT_NOW + ": use the version that wrote it, or a newer one");
    }
    return Optional.of(reader.nextString());
  }

  /** Says which layer the store's rows are of. */
  static void mark(WriteTransaction transaction, String layer) {
    transaction.put(LAYER, FORMAT, TupleWriter.pack(FORMAT_NOW, layer));
  }

  /**
   * Refuses a store that another layer made, or none.
   *
   * @throws StorageException.StoreUnusable where it is not this layer's
   */
  static void require(ReadTransaction transaction, String store, String layer) {
    Optional<String> found = layer(transaction, store);
    if (found.isEmpty() || !found.get().equals(layer)) {
      throw new StorageException.StoreUnusable(
          "The database " + store + " was made by "
              + found.map(other -> "the layer " + other).orElse("no layer")
              + " and cannot be used by the layer " + layer);
    }
  }

  static long floor(ReadTransaction transaction) {
    return number(transaction, FLOOR);
  }

  static void raiseFloor(WriteTransaction transaction, long floor) {
    if (floor > floor(transaction)) {
      put(transaction, FLOOR, floor);
    }
  }

  static void ceiling(WriteTransaction transaction, long ceiling) {
    put(transaction, STAMP, ceiling);
  }

  /** A number that no versionstamp of the database exceeds. */
  static long ceiling(ReadTransaction transaction) {
    return number(transaction, STAMP);
  }

  /**
   * What is known of a database that is opened.
   *
   * @param ceiling no versionstamp exceeds it
   * @param initial rows to be given to the engine before anything else, if any
   */
  public record Opening(long ceiling, List<KeyValue> initial) {}

  /** Reads what is to be known of a database before it is used, by its owner. */
  public static Opening opening(Store base) {
    Opening opening =
        base.read(
            transaction -> new Opening(
                ceiling(transaction), transaction.scan(Range.all(INITIAL).limit(1)).rows()));
    if (opening.initial().isEmpty()) {
      return opening;
    }
    List<KeyValue> rows = new ArrayList<>();
    BatchScan<KeyValue> scan =
        base.scan(
            Range.all(INITIAL),
            Range.NO_LIMIT,
            (transaction, some) -> new BatchScan.Batch<>(some, some.size()));
    while (scan.hasMore()) {
      rows.addAll(scan.next());
    }
    return new Opening(opening.ceiling(), rows);
  }

  /** The engine has the initial rows durably. */
  public static void initialRowsAreWritten(Store base) {
    base.write(
        transaction -> {
          transaction.deleteRange(Range.all(INITIAL));
          return base;
        });
  }

  /** Raises the number that no versionstamp exceeds. */
  public static void raiseCeiling(Store base, long ceiling) {
    base.write(
        transaction -> {
          ceiling(transaction, ceiling);
          return base;
        });
  }
}
