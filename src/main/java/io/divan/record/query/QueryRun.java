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

  /** About the most bytes of records sorted in memory. */
  private static final long SORT_BYTES_MAX = 100_000_000;

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
    if (plan.shape() == Plan.Shape.ONE) {
      Access access = plan.accesses().getFirst();
      return AccessCursor.of(source, 0, access, plan::fingerprint, continuation);
    }
    return new UnionCursor(
        source, continuation.map(read -> Continuation.read(read, plan.fingerprint())));
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
      Optional<Stop> stop = add(cursor.next(wanted), cursor.ended());
      if (stop.isPresent()) {
        return stopped(stop.get());
      }
    }
    return new Results(records, Optional.empty(), Stop.END, scanned);
  }

  /**
   * Adds the records of rows, some of them at a time, and returns the limit that ends the page.
   *
   * @param end whether no more rows follow
   */
  private Optional<Stop> add(List<Entry> entries, boolean end) {
    int next = 0;
    while (next < entries.size()) {
      for (Rec rec : fetch(entries.subList(next, entries.size()))) {
        Optional<Stop> stop = add(entries.get(next++), rec);
        boolean more = next < entries.size() || !end;
        if (stop.isPresent() && (stop.get() == Stop.BYTES || more)) {
          return stop;
        }
      }
      boolean late = clock.getAsLong() - start >= limits.time().toNanos();
      if (late && (next < entries.size() || !end)) {
        return Optional.of(Stop.TIME);
      }
    }
    return Optional.empty();
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

  /**
   * Returns the records of the first rows, and reads all that are not in the rows in one round
   * trip. They are those of all rows unless they are large.
   */
  private List<Rec> fetch(List<Entry> entries) {
    List<byte[]> keys =
        entries.stream().filter(entry -> entry.rec().isEmpty()).map(Entry::primaryKey).toList();
    List<Optional<Rec>> read =
        keys.isEmpty()
            ? List.of()
            : source.rows()
                .get(
                    source.transaction(),
                    source.plan().type(),
                    keys,
                    List.of(),
                    AccessCursor.BYTES_MAX);
    List<Rec> records = new ArrayList<>(entries.size());
    int next = 0;
    for (Entry entry : entries) {
      if (entry.rec().isEmpty() && next == read.size()) {
        break;
      }
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
    long size = 0;
    while (!cursor.ended()) {
      List<Entry> entries = cursor.next(BATCH_MAX);
      int next = 0;
      while (next < entries.size()) {
        for (Rec rec : fetch(entries.subList(next, entries.size()))) {
          Entry entry = entries.get(next++);
          if (plan.accepts(entry.branch(), entry.access(), rec)) {
            all.add(placed(entry, rec));
            size += RecSize.of(rec);
          }
        }
        if (all.size() > plan.query().sortMax() || size > SORT_BYTES_MAX) {
          String limit =
              size > SORT_BYTES_MAX
                  ? SORT_BYTES_MAX + " bytes"
                  : plan.query().sortMax() + " records";
          throw new RecordException.NoIndexForSort(
              "More than " + limit + " would be sorted in memory");
        }
      }
      scanned += entries.size();
    }
    return all;
  }

  private Placed placed(Entry entry, Rec rec) {
    IndexColumns.Writer place = new IndexColumns.Writer();
    source.plan().query().sort().forEach(
        by -> place.add(rec.value(by.field()), by.descending()));
    place.add(entry.primaryKey(), false);
    return new Placed(place.toBytes(), rec);
  }
}
