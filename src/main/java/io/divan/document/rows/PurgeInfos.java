package io.divan.document.rows;

import io.divan.document.revision.Revision;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Stamp;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The purges table: the latest requested purges, up to the limit of the database. */
public final class PurgeInfos {
  private static final int TRIM_ROWS = 1_000;

  /** The default limit of purges that a database remembers. */
  public static final int LIMIT_DEFAULT = 1_000;

  /** One purge: a document and the requested revisions, also those that did not exist. */
  public record Info(String id, List<Revision> revisions) {}

  private PurgeInfos() {}

  /** Reads the limit of purges that a database remembers. */
  public static int limit(ReadTransaction transaction) {
    return transaction
        .get(Tables.METADATA, Tables.PURGED_INFOS_LIMIT)
        .map(value -> (int) new TupleReader(value).nextLong())
        .orElse(LIMIT_DEFAULT);
  }

  /**
   * Removes the oldest purges to make room for more. Removes a bounded number; the next purge or
   * compaction removes the rest.
   */
  public static void makeRoom(WriteTransaction transaction, int coming) {
    trim(transaction, coming);
  }

  private static boolean trim(WriteTransaction transaction, int coming) {
    long there = Stats.counter(transaction.get(Tables.STATS, Tables.PURGE_COUNT));
    long beyond =
        Math.min(there, there + coming - limit(transaction));
    if (beyond <= 0) {
      return false;
    }
    Range oldest = Range.all(Tables.PURGES).limit((int) Math.min(beyond, TRIM_ROWS));
    List<KeyValue> rows = transaction.scan(oldest).rows();
    rows.forEach(row -> transaction.delete(Tables.PURGES, row.key()));
    transaction.add(Tables.STATS, Tables.PURGE_COUNT, -rows.size());
    return rows.size() < beyond;
  }

  /** Removes the purges beyond the limit, in bounded transactions. */
  public static void trim(Store store) {
    boolean more =
        store.read(
            transaction -> Stats.counter(transaction.get(Tables.STATS, Tables.PURGE_COUNT)) > limit(
                transaction));
    while (more) {
      more = store.write(transaction -> trim(transaction, 0)).result();
    }
  }

  /** Stores purges. Returns the stamp of the last one. */
  public static Optional<Stamp> remember(WriteTransaction transaction, List<Info> infos) {
    Optional<Stamp> last = Optional.empty();
    for (Info info : infos) {
      Stamp stamp = transaction.stamp();
      TupleWriter value = new TupleWriter().add(info.id());
      info.revisions().stream()
          .sorted()
          .forEach(revision -> value.add(revision.position()).add(revision.id()));
      transaction.putStampedKey(
          Tables.PURGES, Tables.CHANGE_PREFIX, stamp, new byte[0], value.toBytes());
      last = Optional.of(stamp);
    }
    last.ifPresent(
        stamp -> transaction.putStampedValue(
            Tables.STATS, Tables.LAST_PURGE, new byte[0], stamp, new byte[0]));
    List<Optional<byte[]>> counters =
        transaction.getAll(Tables.STATS, List.of(Tables.PURGES_EVER, Tables.PURGE_COUNT));
    long uncounted = counters.getFirst().isPresent() ? 0 : Stats.counter(counters.getLast());
    transaction.add(Tables.STATS, Tables.PURGES_EVER, uncounted + infos.size());
    transaction.add(Tables.STATS, Tables.PURGE_COUNT, infos.size());
    return last;
  }

  public static Info decode(KeyValue row) {
    TupleReader value = new TupleReader(row.value());
    String id = value.nextString();
    List<Revision> revisions = new ArrayList<>();
    while (value.hasNext()) {
      revisions.add(new Revision(value.nextLong(), value.nextBytes()));
    }
    return new Info(id, revisions);
  }
}
