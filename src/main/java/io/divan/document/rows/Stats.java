package io.divan.document.rows;

import io.divan.document.revision.Sequence;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Versionstamp;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the stats table. */
public final class Stats {

  /** The counters, in the order of {@link #all}. */
  public static final List<byte[]> COUNTERS =
      List.of(
          Tables.DOC_COUNT,
          Tables.DOC_DEL_COUNT,
          Tables.DESIGN_COUNT,
          Tables.LOCAL_COUNT,
          Tables.SIZE_ACTIVE,
          Tables.SIZE_EXTERNAL,
          Tables.SIZE_OLD,
          Tables.PURGE_COUNT);

  /** The range of rows for {@link #lastSequence(ReadTransaction, List)}. */
  public static final Range LAST_SEQUENCE =
      Range.prefix(Tables.STATS, Tables.LAST_CHANGE).limit(2);

  private static final Range LAST_PURGE =
      Range.prefix(Tables.STATS, Tables.LAST_PURGE).limit(2);

  private Stats() {}

  /** Reads all {@link #COUNTERS}. */
  public static long[] all(ReadTransaction transaction) {
    return counters(transaction, COUNTERS);
  }

  public static long[] counters(ReadTransaction transaction, List<byte[]> keys) {
    return transaction.getAll(Tables.STATS, keys).stream()
        .mapToLong(Stats::counter)
        .toArray();
  }

  public static long counter(KeyValue row) {
    return counter(Optional.of(row.value()));
  }

  public static long counter(Optional<byte[]> value) {
    return value
        .map(bytes -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong())
        .orElse(0L);
  }

  public static Versionstamp lastChange(ReadTransaction transaction) {
    return stamp(transaction.get(Tables.STATS, Tables.LAST_CHANGE));
  }

  /** Reads the sequence of the latest update, or {@link Sequence#ZERO}. */
  public static Sequence lastSequence(ReadTransaction transaction) {
    return lastSequence(transaction, transaction.scan(LAST_SEQUENCE).rows());
  }

  /**
   * Returns the sequence of the latest update, or {@link Sequence#ZERO}.
   *
   * @param rows the rows of {@link #LAST_SEQUENCE}, read in this transaction
   */
  public static Sequence lastSequence(ReadTransaction transaction, List<KeyValue> rows) {
    Versionstamp stamp = stamp(value(rows, Tables.LAST_CHANGE));
    return stamp.equals(Versionstamp.ZERO)
        ? Sequence.ZERO
        : new Sequence(
            Math.max(
                Sequence.UNNUMBERED,
                value(rows, Tables.UPDATE_COUNT)
                    .map(value -> counter(Optional.of(value)))
                    .orElseGet(() -> updateCount(transaction))),
            stamp);
  }

  /** Reads the sequence of the latest purge, or {@link Sequence#ZERO}. */
  public static Sequence lastPurge(ReadTransaction transaction) {
    List<KeyValue> rows = transaction.scan(LAST_PURGE).rows();
    Versionstamp stamp = stamp(value(rows, Tables.LAST_PURGE));
    return stamp.equals(Versionstamp.ZERO)
        ? Sequence.ZERO
        : new Sequence(
            Math.max(
                Sequence.UNNUMBERED,
                counter(
                    value(rows, Tables.PURGES_EVER)
                        .or(() -> transaction.get(Tables.STATS, Tables.PURGE_COUNT)))),
            stamp);
  }

  private static Optional<byte[]> value(List<KeyValue> rows, byte[] key) {
    return rows.stream()
        .filter(row -> Arrays.equals(row.key(), key))
        .map(KeyValue::value)
        .findFirst();
  }

  /**
   * Reads the number of updates so far. If only earlier versions wrote the database, which did not
   * count them, returns the number of documents.
   */
  public static long updateCount(ReadTransaction transaction) {
    List<Optional<byte[]>> counters =
        transaction.getAll(
            Tables.STATS,
            List.of(Tables.UPDATE_COUNT, Tables.DOC_COUNT, Tables.DOC_DEL_COUNT));
    return counters
        .getFirst()
        .map(value -> counter(Optional.of(value)))
        .orElseGet(() -> counter(counters.get(1)) + counter(counters.get(2)));
  }

  /** Decodes a row's value to a stamp, {@link Versionstamp#ZERO} if there is no row. */
  public static Versionstamp stamp(Optional<byte[]> value) {
    return value.map(bytes -> Versionstamp.fromBytes(bytes, 0)).orElse(Versionstamp.ZERO);
  }
}
