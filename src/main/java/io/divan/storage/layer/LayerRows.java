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
 * The rows that a layer keeps in the base store of a database, besides those of its engine. The
 * transaction that creates the database writes them.
 *
 * <pre>
 *   layer          "format"    (1, the layer's name)
 *                  "stamp"     the ceiling: no versionstamp of the database exceeds it
 *                  "floor"     in the system store: no stamp of a deleted database exceeds it
 *   layer_initial  key          a row that the engine has not got yet
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

  /** Returns the name of the layer that owns the store, or empty if it has no layer's rows. */
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

  /** Marks the store as a layer's. */
  static void mark(WriteTransaction transaction, String layer) {
    transaction.put(LAYER, FORMAT, TupleWriter.pack(FORMAT_NOW, layer));
  }

  /**
   * Refuses a store that this layer did not create.
   *
   * @throws StorageException.StoreUnusable if another layer created it, or no layer
   */
  static void require(ReadTransaction transaction, String store, String layer) {
    Optional<String> found = layer(transaction, store);
    if (found.isEmpty() || !found.get().equals(layer)) {
      throw new StorageException.StoreUnusable(
          "The database " + store + " was created by "
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

  /** Reads the ceiling, which no versionstamp of the database exceeds. */
  static long ceiling(ReadTransaction transaction) {
    return number(transaction, STAMP);
  }

  /**
   * The state of a database when it is opened.
   *
   * @param ceiling no versionstamp exceeds it
   * @param initial rows to write to the engine before anything else
   */
  public record Opening(long ceiling, List<KeyValue> initial) {}

  /** Reads the state of a database before its owner uses it. */
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

  /** Removes the initial rows, once the engine has them durably. */
  public static void initialRowsAreWritten(Store base) {
    base.write(
        transaction -> {
          transaction.deleteRange(Range.all(INITIAL));
          return base;
        });
  }

  /** Raises the ceiling. */
  public static void raiseCeiling(Store base, long ceiling) {
    base.write(
        transaction -> {
          ceiling(transaction, ceiling);
          return base;
        });
  }
}
