package io.divan.record.index;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Compares a readable index with the things it is about, in batches, while writers continue, and
 * repairs it on request. First it looks for rows that no thing contributes, then for contributions
 * without rows, then it compares counters. A batch is compared within one snapshot; a repair
 * compares again in its own transaction. The kept values of {@link Contribution.Ever} may be
 * better than those of all things. One thread uses it at a time.
 *
 * @param <R> a thing: a record or a document
 */
public final class IndexScrub<R> {
  private static final int ROWS_MAX = 500;
  private static final int BYTES_MAX = 500_000;
  private static final List<IndexRows> WALKED =
      List.of(
          IndexRows.VALUES, IndexRows.UNIQUE, IndexRows.FEED, IndexRows.FEED_PLACES);

  /**
   * What was found.
   *
   * @param checked the things, rows and counters compared
   * @param missing rows that are missing or have the wrong value; a lost value of {@link
   *     Contribution.Ever} counts once in each batch
   * @param dangling rows that no thing contributes
   * @param wrong counters that differ from a recount
   * @param repaired differences repaired
   * @param uncertain whether the counters could not be compared, because things changed meanwhile
   *     and are too many to be recounted in one snapshot. Another index of the same definition,
   *     built instead, has right counters in any case
   */
  public record Found(
      long checked, long missing, long dangling, long wrong, long repaired, boolean uncertain) {
    /** Nothing. */
    public static final Found NOTHING = new Found(0, 0, 0, 0, 0, false);

    /** Returns the sum of two results. */
    public Found plus(Found other) {
      return new Found(
          checked + other.checked,
          missing + other.missing,
          dangling + other.dangling,
          wrong + other.wrong,
          repaired + other.repaired,
          uncertain || other.uncertain);
    }
  }

  private enum Phase {
    ROWS,
    THINGS,
    COUNTERS,
    END
  }

  private record RowBatch(Page page, List<KeyValue> dangling) {}

  private record ThingBatch<R>(
      IndexSource.Slice<R> slice,
      List<ScrubThings.Contributed> all,
      List<ScrubThings.Missing> missing) {}

  private final Store store;
  private final IndexSpace space;
  private final IndexHandle index;
  private final IndexSource<R> source;
  private final boolean repair;
  private final ScrubThings things;
  private final LongSupplier clock;
  private Optional<ScrubRows<R>> rows = Optional.empty();
  private Optional<ScrubCounters<R>> counters = Optional.empty();
  private Phase phase = Phase.ROWS;
  private int kind;
  private Optional<Range> rest = Optional.empty();
  private byte[] position = {};

  /**
   * Compares an index.
   *
   * @param repair whether to repair differences
   */
  public IndexScrub(
      Store store, IndexSpace space, IndexHandle index, IndexSource<R> source, boolean repair) {
    this(store, space, index, source, repair, System::nanoTime);
  }

  IndexScrub(
      Store store,
      IndexSpace space,
      IndexHandle index,
      IndexSource<R> source,
      boolean repair,
      LongSupplier clock) {
    this.clock = clock;
    this.store = store;
    this.space = space;
    this.index = index;
    this.source = source;
    this.repair = repair;
    this.things = new ScrubThings(space, index);
  }

  /**
   * Compares the next batch. Returns what it found, or empty at the end, also if the index is not
   * readable any more.
   */
  public Optional<Found> step() {
    Optional<Found> found =
        switch (phase) {
          case ROWS -> rows();
          case THINGS -> things();
          case COUNTERS -> counters();
          case END -> Optional.empty();
        };
    if (found.isEmpty()) {
      phase = Phase.END;
    }
    return found;
  }

  private boolean isReadable(ReadTransaction transaction) {
    return IndexCatalog.read(transaction, space, index.number())
        .filter(IndexHandle::readable)
        .isPresent();
  }

  private Optional<Found> rows() {
    if (rows.isEmpty()) {
      rows = Optional.of(new ScrubRows<>(space, index, source, store.read(this::keepsHistory)));
    }
    ScrubRows<R> comparison = rows.get();
    IndexRows walked = WALKED.get(kind);
    Range range = rest.orElseGet(() -> space.rows(walked, index.number())).limit(ROWS_MAX);
    Optional<RowBatch> batch =
        store.read(
            transaction -> {
              if (!isReadable(transaction)) {
                return Optional.<RowBatch>empty();
              }
              Page page = transaction.scan(range);
              return Optional.of(
                  new RowBatch(page, comparison.dangling(transaction, walked, page.rows())));
            });
    if (batch.isEmpty()) {
      return Optional.empty();
    }
    List<KeyValue> dangling = batch.get().dangling();
    long repaired =
        repair && !dangling.isEmpty()
            ? store.write(transaction -> delete(transaction, walked, dangling)).result()
            : 0;
    rest = batch.get().page().rest();
    if (rest.isEmpty() && ++kind == WALKED.size()) {
      phase = Phase.THINGS;
    }
    return Optional.of(
        new Found(batch.get().page().rows().size(), 0, dangling.size(), 0, repaired, false));
  }

  /** Returns whether feeds keep history, as the first thing says; true if nothing says. */
  private boolean keepsHistory(ReadTransaction transaction) {
    return source.after(transaction, new byte[0], 1, BYTES_MAX).items().stream()
        .flatMap(
            item -> source.contributions(index, item.primaryKey(), item.record()).stream())
        .noneMatch(each -> each instanceof Contribution.Feed feed && !feed.history());
  }

  private long delete(WriteTransaction transaction, IndexRows walked, List<KeyValue> suspects) {
    if (!isReadable(transaction)) {
      return 0;
    }
    List<byte[]> keys = suspects.stream().map(KeyValue::key).toList();
    List<Optional<byte[]>> values = transaction.getAll(space.table(), keys);
    List<KeyValue> present = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      byte[] key = keys.get(i);
      values.get(i).ifPresent(value -> present.add(new KeyValue(key, value)));
    }
    List<KeyValue> dangling =
        rows.orElseThrow().dangling(transaction, walked, present);
    dangling.forEach(row -> transaction.delete(space.table(), row.key()));
    return dangling.size();
  }

  private Optional<Found> things() {
    if (counters.isEmpty()) {
      Optional<byte[]> version = store.read(source::version);
      counters = Optional.of(new ScrubCounters<>(space, index, source, version, clock));
    }
    byte[] from = position;
    Optional<ThingBatch<R>> batch =
        store.read(
            transaction -> isReadable(transaction)
                ? Optional.of(batch(transaction, from))
                : Optional.<ThingBatch<R>>empty());
    if (batch.isEmpty()) {
      return Optional.empty();
    }
    batch.get().all().forEach(each -> counters.get().count(each.contribution()));
    List<ScrubThings.Missing> missing = batch.get().missing();
    long repaired =
        repair && !missing.isEmpty()
            ? store.write(transaction -> add(transaction, missing)).result()
            : 0;
    position = batch.get().slice().position();
    if (batch.get().slice().end()) {
      phase = Phase.COUNTERS;
    }
    int checked = batch.get().slice().items().size();
    return Optional.of(new Found(checked, missing.size(), 0, 0, repaired, false));
  }

  private ThingBatch<R> batch(ReadTransaction transaction, byte[] from) {
    IndexSource.Slice<R> slice = source.after(transaction, from, ROWS_MAX, BYTES_MAX);
    List<ScrubThings.Contributed> all = new ArrayList<>();
    for (IndexSource.Item<R> item : slice.items()) {
      contributed(item.primaryKey(), item.record(), all);
    }
    return new ThingBatch<>(slice, all, things.missing(transaction, all));
  }

  private void contributed(byte[] primaryKey, R thing, List<ScrubThings.Contributed> all) {
    for (Contribution each : source.contributions(index, primaryKey, thing)) {
      all.add(new ScrubThings.Contributed(primaryKey, each));
    }
  }

  private long add(WriteTransaction transaction, List<ScrubThings.Missing> suspects) {
    if (!isReadable(transaction)) {
      return 0;
    }
    List<byte[]> keys =
        suspects.stream()
            .map(each -> new Bytes(each.contributed().primaryKey()))
            .distinct()
            .map(Bytes::bytes)
            .toList();
    List<Optional<R>> found = source.getAll(transaction, keys);
    List<ScrubThings.Contributed> all = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      byte[] key = keys.get(i);
      found.get(i).ifPresent(thing -> contributed(key, thing, all));
    }
    return things.missing(transaction, all).stream()
        .filter(each -> things.add(transaction, each))
        .count();
  }

  private Optional<Found> counters() {
    phase = Phase.END;
    ScrubCounters<R> comparison = counters.orElseThrow();
    Optional<ScrubCounters.Comparison> compared =
        store.read(
            transaction -> isReadable(transaction)
                ? Optional.of(comparison.compare(transaction))
                : Optional.<ScrubCounters.Comparison>empty());
    return compared.map(
        each -> repair && each.needsRepair()
            ? store.write(transaction -> comparison.repair(transaction, each)).result()
            : each.found());
  }
}
