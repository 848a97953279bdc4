package io.divan.document;

import io.divan.document.revision.Revision;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.Stamp;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The purges table: what was to be purged, the latest of it. */
final class PurgeInfos {
  private static final int TRIM_ROWS = 1_000;

  private PurgeInfos() {}

  /**
   * Forgets the oldest, where more are coming than the limit has room for. A bounded number: what
   * is beyond the limit then is left to the next purge or compaction.
   */
  static void makeRoom(WriteTransaction transaction, int coming) {
    trim(transaction, coming);
  }

  private static boolean trim(WriteTransaction transaction, int coming) {
    long there = Stats.counter(transaction.get(Tables.STATS, Tables.PURGE_COUNT));
    long beyond =
        Math.min(there, there + coming - DatabaseSettings.purgedInfosLimit(transaction));
    if (beyond <= 0) {
      return false;
    }
    Range oldest = Range.all(Tables.PURGES).limit((int) Math.min(beyond, TRIM_ROWS));
    List<KeyValue> rows = transaction.scan(oldest).rows();
    rows.forEach(row -> transaction.delete(Tables.PURGES, row.key()));
    transaction.add(Tables.STATS, Tables.PURGE_COUNT, -rows.size());
    return rows.size() < beyond;
  }

  /** Forgets what is beyond the limit, in bounded transactions. */
  static void trim(Store store) {
    boolean more =
        store.read(
            transaction ->
                Stats.counter(transaction.get(Tables.STATS, Tables.PURGE_COUNT))
                    > DatabaseSettings.purgedInfosLimit(transaction));
    while (more) {
      more = store.write(transaction -> trim(transaction, 0)).result();
    }
  }

  /** Remembers purges; answers the place of the last one. */
  static Optional<Stamp> remember(WriteTransaction transaction, List<Purges.Request> requests) {
    Optional<Stamp> last = Optional.empty();
    for (Purges.Request request : requests) {
      Stamp stamp = transaction.stamp();
      TupleWriter value = new TupleWriter().add(request.id());
      request.revisions().stream()
          .sorted()
          .forEach(revision -> value.add(revision.position()).add(revision.id()));
      transaction.putStampedKey(
          Tables.PURGES, Tables.CHANGE_PREFIX, stamp, new byte[0], value.toBytes());
      last = Optional.of(stamp);
    }
    last.ifPresent(
        stamp ->
            transaction.putStampedValue(
                Tables.STATS, Tables.LAST_PURGE, new byte[0], stamp, new byte[0]));
    List<Optional<byte[]>> counters =
        transaction.getAll(Tables.STATS, List.of(Tables.PURGES_EVER, Tables.PURGE_COUNT));
    long uncounted = counters.getFirst().isPresent() ? 0 : Stats.counter(counters.getLast());
    transaction.add(Tables.STATS, Tables.PURGES_EVER, uncounted + requests.size());
    transaction.add(Tables.STATS, Tables.PURGE_COUNT, requests.size());
    return last;
  }

  static Purges.Request decode(KeyValue row) {
    TupleReader value = new TupleReader(row.value());
    String id = value.nextString();
    List<Revision> revisions = new ArrayList<>();
    while (value.hasNext()) {
      revisions.add(new Revision(value.nextLong(), value.nextBytes()));
    }
    return new Purges.Request(id, revisions);
  }
}
