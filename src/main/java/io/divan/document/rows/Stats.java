package io.divan.document.rows;

import io.divan.storage.ReadTransaction;
import io.divan.storage.Versionstamp;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** Reads the stats table. */
public final class Stats {

  /** The counters, in the order in which {@link #all} answers them. */
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

  private Stats() {}

  /** All {@link #COUNTERS}. */
  public static long[] all(ReadTransaction transaction) {
    return counters(transaction, COUNTERS);
  }

  public static long[] counters(ReadTransaction transaction, List<byte[]> keys) {
    return transaction.getAll(Tables.STATS, keys).stream()
        .mapToLong(Stats::counter)
        .toArray();
  }

  public static long counter(Optional<byte[]> value) {
    return value
        .map(bytes -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong())
        .orElse(0L);
  }

  public static Versionstamp lastChange(ReadTransaction transaction) {
    return stamp(transaction.get(Tables.STATS, Tables.LAST_CHANGE));
  }

  public static Versionstamp lastChange(Optional<byte[]> value) {
    return stamp(value);
  }

  /** A stamp that is a row's value; {@link Versionstamp#ZERO} where there is none. */
  public static Versionstamp stamp(Optional<byte[]> value) {
    return value.map(bytes -> Versionstamp.fromBytes(bytes, 0)).orElse(Versionstamp.ZERO);
  }
}
