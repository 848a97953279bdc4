package io.divan.document;

import io.divan.storage.ReadTransaction;
import io.divan.storage.Versionstamp;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** Reads the stats table. */
final class Stats {

  private Stats() {}

  static long[] counters(ReadTransaction transaction, List<byte[]> keys) {
    return transaction.getAll(Tables.STATS, keys).stream()
        .mapToLong(Stats::counter)
        .toArray();
  }

  static long counter(Optional<byte[]> value) {
    return value
        .map(bytes -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong())
        .orElse(0L);
  }

  static Versionstamp lastChange(ReadTransaction transaction) {
    return transaction
        .get(Tables.STATS, Tables.LAST_CHANGE)
        .map(bytes -> Versionstamp.fromBytes(bytes, 0))
        .orElse(Versionstamp.ZERO);
  }
}
