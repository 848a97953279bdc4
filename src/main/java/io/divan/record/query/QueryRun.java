package io.divan.record.query;

import io.divan.record.Explanation;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Results;
import io.divan.record.Results.Stop;
import io.divan.record.index.Continuation;
import io.divan.record.index.IndexColumns;
import io.divan.record.index.IndexException;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Executes queries, one page at a time. */
public final class QueryRun {
  /** The most rows read at once, so that the time is looked at. */
  private static final int BATCH_MAX = 1_000;

  private static final int BATCH_MIN = 16;

  /** The most rows read at first if a filter may drop them. */
  private static final int BATCH_BEGIN = 128;

  private final AccessCursor.Source source;
  private final ReadLimits limits;
  private final LongSupplier clock;
  private final long start;
  private final List<Rec> records = new ArrayList<>();
  private Optional<Supplier<byte[]>> last = Optional.empty();
  private long bytes;
  private int scanned;

  private QueryRun(AccessCursor.Source source, ReadLimits limits, LongSupplier clock) {
    this.source = source;
    this.limits = limits;
    this.clock = clock;
    this.start = clock.getAsLong();
  }

  /**
   * Returns one page of the results of a query.
   *
   * @param continuation that of the page before; empty for the first page
   * @param clock the time in nanoseconds
   * @throws RecordException.BadContinuation if the continuation is damaged or not of this query
   */
  public static Results run(
      ReadTransaction transaction,
      RecordRows rows,
      Query query,
      ReadLimits limits,
      Optional<byte[]> continuation,
      LongSupplier clock) {
    Planner planner = Planner.of(transaction, rows, query);
    try {
      Plan plan =
          continuation.isPresent()
              ? continued(planner, continuation.get())
              : planner.best(new Statistics(transaction, rows, planner.type(), false));
      AccessCursor.Source source = new AccessCursor.Source(transaction, rows, plan);
      QueryRun run = new QueryRun(source, limits, clock);
      return plan.sorting() ? run.sort(continuation) : run.page(continuation);
    } catch (IndexException.BadContinuation e) {
      throw new RecordException.BadContinuation(String.valueOf(e.getMessage()));
    }
  }

  /** Returns how a query is executed. */
  public static Explanation explain(ReadTransaction transaction, RecordRows rows, Query query) {
    Planner planner = Planner.of(transaction, rows, query);
    return Explainer.explain(
        planner.best(new Statistics(transaction, rows, planner.type(), true)));
  }

  /** Returns whether a continuation has this fingerprint. */
  static boolean hasFingerprint(byte[] continuation, byte[] fingerprint) {
    int end = 2 + fingerprint.length;
    return continuation.length >= end
        && Arrays.equals(continuation, 2, end, fingerprint, 0, fingerprint.length);
  }

  private static Plan continued(Planner planner, byte[] continuation) {
    Plan plan =
        planner
            .all()
            .filter(each -> hasFingerprint(continuation, each.fingerprint()))
            .findFirst()
            .orElseThrow(
                () -> {
                  Continuation.read(continuation, new byte[Continuation.FINGERPRINT_BYTES]);
                  return new RecordException.BadContinuation("The continuation is damaged");
                });
    Continuation.read(continuation, plan.fingerprint());
    return plan;
  }

  private Cursor cursor(Optional<byte[]> continuation) {
    Plan plan = source.plan();
    byte[] fingerprint = plan.fingerprint();
    if (plan.shape() == Plan.Shape.ONE) {
      Access access = plan.accesses().getFirst();
      return AccessCursor.of(source, 0, access, fingerprint, continuation);
    }
    return new UnionCursor(
        source, continuation.map(read -> Continuation.read(read, fingerprint)));
  }

  private Results page(Optional<byte[]> continuation) {
    Cursor cursor = cursor(continuation);
    boolean filters = source.plan().filters();
    int batch = Math.clamp(2L * limits.rows(), BATCH_MIN, BATCH_BEGIN);
    while (!cursor.ended()) {
      int wanted = limits.rows() - records.size();
      if (filters) {
        wanted = batch;
        batch = Math.min(2 * batch, BATCH_MAX);
      }
      wanted = Math.min(wanted, Math.min(limits.scanned() - scanned, BATCH_MAX));
      List<Entry> entries = cursor.next(wanted);
      List<Rec> found = fetch(entries);
      for (int i = 0; i < entries.size(); i++) {
        Optional<Stop> stop = add(entries.get(i), found.get(i));
        if (stop.isPresent()
            && (stop.get() == Stop.BYTES || i < entries.size() - 1 || !cursor.ended())) {
          return stopped(stop.get());
        }
      }
      if (!cursor.ended()
          && last.isPresent()
          && clock.getAsLong() - start >= limits.time().toNanos()) {
        return stopped(Stop.TIME);
      }
    }
    return new Results(records, Optional.empty(), Stop.END, scanned);
  }

  /** Adds a record unless the filter drops it, and returns the limit that it reached. */
  private Optional<Stop> add(Entry entry, Rec rec) {
    if (source.plan().accepts(entry.branch(), entry.access(), rec)) {
      Rec projected = project(rec);
      long size = RecSize.of(projected);
      if (!records.isEmpty() && bytes + size > limits.bytes()) {
        return Optional.of(Stop.BYTES);
      }
      bytes += size;
      records.add(projected);
    }
    scanned++;
    last = Optional.of(entry.continuation());
    return records.size() == limits.rows()
        ? Optional.of(Stop.ROWS)
        : scanned == limits.scanned() ? Optional.of(Stop.SCANNED) : Optional.empty();
  }

  private Results stopped(Stop stop) {
    return new Results(records, last.map(Supplier::get), stop, scanned);
  }

  /** Returns the records of rows, and reads all that are not in the rows in one round trip. */
  private List<Rec> fetch(List<Entry> entries) {
    List<byte[]> keys =
        entries.stream().filter(entry -> entry.rec().isEmpty()).map(Entry::primaryKey).toList();
    List<Optional<Rec>> read =
        keys.isEmpty()
            ? List.of()
            : source.rows().get(source.transaction(), source.plan().type(), keys);
    List<Rec> records = new ArrayList<>(entries.size());
    int next = 0;
    for (Entry entry : entries) {
      Optional<Rec> rec = entry.rec().isPresent() ? entry.rec() : read.get(next++);
      records.add(
          rec.orElseThrow(
              () -> new RecordException.Damaged(
                  "A row of " + entry.access().path() + " has no record "
                      + RecordType.key(entry.primaryKey()) + ". Scrub the index")));
    }
    return records;
  }

  private Rec project(Rec rec) {
    List<String> fields = source.plan().query().fields();
    if (fields.isEmpty()) {
      return rec;
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (String field : fields) {
      Object value = rec.value(field);
      if (value != null) {
        values.put(field, value);
      }
    }
    return Rec.normal(rec.type(), values);
  }

  /**
   * A record with its place in the order of a sort.
   *
   * @param place the encoded fields of the sort, then the primary key
   * @param rec the record
   */
  private record Placed(byte[] place, Rec rec) {}

  /** Returns a page of all records, sorted in memory. The state is the place of the last one. */
  private Results sort(Optional<byte[]> continuation) {
    byte[] fingerprint = source.plan().fingerprint();
    Optional<byte[]> after =
        continuation.map(read -> Continuation.read(read, fingerprint).key());
    List<Placed> all = readAll();
    all.sort(Comparator.comparing(Placed::place, Arrays::compareUnsigned));
    for (Placed placed : all) {
      if (after.isPresent() && Arrays.compareUnsigned(placed.place(), after.get()) <= 0) {
        continue;
      }
      Rec rec = project(placed.rec());
      long size = RecSize.of(rec);
      boolean full = !records.isEmpty() && bytes + size > limits.bytes();
      if (full || records.size() == limits.rows()) {
        return stopped(full ? Stop.BYTES : Stop.ROWS);
      }
      bytes += size;
      records.add(rec);
      last =
          Optional.of(
              () -> Continuation.write(
                  Continuation.KEYS, fingerprint, Continuation.key(placed.place())));
    }
    return new Results(records, Optional.empty(), Stop.END, scanned);
  }

  private List<Placed> readAll() {
    Plan plan = source.plan();
    List<Placed> all = new ArrayList<>();
    Cursor cursor = cursor(Optional.empty());
    while (!cursor.ended()) {
      List<Entry> entries = cursor.next(BATCH_MAX);
      List<Rec> found = fetch(entries);
      scanned += entries.size();
      for (int i = 0; i < entries.size(); i++) {
        Entry entry = entries.get(i);
        Rec rec = found.get(i);
        if (plan.accepts(entry.branch(), entry.access(), rec)) {
          IndexColumns.Writer place = new IndexColumns.Writer();
          plan.query().sort().forEach(by -> place.add(rec.value(by.field()), by.descending()));
          place.add(entry.primaryKey(), false);
          all.add(new Placed(place.toBytes(), rec));
        }
      }
      if (all.size() > plan.query().sortMax()) {
        throw new RecordException.NoIndexForSort(
            "More than " + plan.query().sortMax() + " records would be sorted in memory");
      }
    }
    return all;
  }
}
