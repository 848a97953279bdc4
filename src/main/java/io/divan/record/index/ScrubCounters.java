package io.divan.record.index;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Compares the counters of an index with a recount.
 *
 * <ol>
 *   <li>A recount over several transactions is right if no thing changed meanwhile, which the
 *       source's version shows.
 *   <li>Otherwise the things are recounted in one snapshot, if they can be read in about two
 *       seconds.
 *   <li>Writers change counters by additions, so what a counter lacks stays the same while they
 *       continue. A repair adds it, and conflicts with no writer of the counter. It changes the
 *       configuration version, and has no effect if that has changed since the comparison. So two
 *       scrubs never repair the same difference.
 * </ol>
 *
 * @param <R> a thing
 */
final class ScrubCounters<R> {
  private static final int GROUPS_MAX = 100_000;
  private static final int THINGS_AT_ONCE = 1_000;
  private static final int BYTES_MAX = 1_000_000;
  private static final long RECOUNT_NANOS_MAX = 2_000_000_000;

  /**
   * What a comparison found.
   *
   * @param lacks what must be added to the counters that are wrong
   * @param zeros the groups whose counters have a row but should be 0
   * @param version the configuration version
   */
  record Comparison(
      IndexScrub.Found found, Map<Bytes, Long> lacks, List<Bytes> zeros, Versionstamp version) {

    boolean needsRepair() {
      return !lacks.isEmpty() || !zeros.isEmpty();
    }
  }

  private final IndexSpace space;
  private final IndexHandle index;
  private final IndexSource<R> source;
  private final Optional<byte[]> version;
  private final LongSupplier clock;
  private final Map<Bytes, Long> sums = new HashMap<>();
  private boolean tooMany;

  /**
   * Begins a recount of things whose source has this version.
   *
   * @param clock the time in nanoseconds
   */
  ScrubCounters(
      IndexSpace space,
      IndexHandle index,
      IndexSource<R> source,
      Optional<byte[]> version,
      LongSupplier clock) {
    this.space = space;
    this.index = index;
    this.source = source;
    this.version = version;
    this.clock = clock;
  }

  /** Counts a contribution of one more thing. */
  void count(Contribution contribution) {
    if (contribution instanceof Contribution.Add(byte[] key, long delta)) {
      if (sums.size() < GROUPS_MAX || sums.containsKey(new Bytes(key))) {
        sums.merge(new Bytes(key), delta, Long::sum);
      } else {
        tooMany = true;
      }
    }
  }

  /** Compares within one snapshot. */
  Comparison compare(ReadTransaction transaction) {
    Versionstamp config = transaction.configVersion();
    Optional<Map<Bytes, Long>> stored = stored(transaction);
    if (stored.isPresent() && stored.get().isEmpty() && sums.isEmpty()) {
      return new Comparison(IndexScrub.Found.NOTHING, Map.of(), List.of(), config);
    }
    Optional<Map<Bytes, Long>> expected =
        stored.isPresent() ? expected(transaction) : Optional.empty();
    if (expected.isEmpty()) {
      IndexScrub.Found uncertain = new IndexScrub.Found(0, 0, 0, 0, 0, true);
      return new Comparison(uncertain, Map.of(), List.of(), config);
    }
    Map<Bytes, Long> lacks = new LinkedHashMap<>();
    List<Bytes> zeros = new ArrayList<>();
    Map<Bytes, Long> all = new HashMap<>(stored.get());
    expected.get().keySet().forEach(group -> all.putIfAbsent(group, 0L));
    all.forEach(
        (group, counter) -> {
          long right = expected.get().getOrDefault(group, 0L);
          if (right != counter) {
            lacks.put(group, right - counter);
          }
          if (right == 0 && stored.get().containsKey(group)) {
            zeros.add(group);
          }
        });
    IndexScrub.Found found = new IndexScrub.Found(all.size(), 0, 0, lacks.size(), 0, false);
    return new Comparison(found, lacks, zeros, config);
  }

  /** Repairs the counters; returns what was found, with the number of repairs. */
  IndexScrub.Found repair(WriteTransaction transaction, Comparison comparison) {
    IndexScrub.Found found = comparison.found();
    if (!transaction.configVersion().equals(comparison.version())) {
      return found;
    }
    comparison.lacks().forEach(
        (group, lack) -> transaction.add(space.table(), key(group), lack));
    List<byte[]> zeros = comparison.zeros().stream().map(this::key).toList();
    List<Optional<byte[]>> rows = transaction.getAll(space.table(), zeros);
    for (int i = 0; i < zeros.size(); i++) {
      if (rows.get(i).filter(row -> IndexScan.counter(row) == 0).isPresent()) {
        transaction.delete(space.table(), zeros.get(i));
      }
    }
    transaction.bumpConfigVersion();
    return found.plus(new IndexScrub.Found(0, 0, 0, 0, found.wrong(), false));
  }

  private byte[] key(Bytes group) {
    return space.key(IndexRows.COUNTERS, index.number(), group.bytes());
  }

  /** Returns the counters, or empty if there are too many. */
  private Optional<Map<Bytes, Long>> stored(ReadTransaction transaction) {
    Range range = space.rows(IndexRows.COUNTERS, index.number());
    Map<Bytes, Long> stored = new HashMap<>();
    Optional<Range> rest = Optional.of(range);
    while (rest.isPresent()) {
      Page page = transaction.scan(rest.get());
      for (KeyValue row : page.rows()) {
        byte[] group = Arrays.copyOfRange(row.key(), range.begin().length, row.key().length);
        stored.put(new Bytes(group), IndexScan.counter(row.value()));
      }
      if (stored.size() > GROUPS_MAX) {
        return Optional.empty();
      }
      rest = page.rest();
    }
    return Optional.of(stored);
  }

  private Optional<Map<Bytes, Long>> expected(ReadTransaction transaction) {
    Optional<byte[]> now = source.version(transaction);
    if (!tooMany
        && version.isPresent()
        && now.filter(other -> Arrays.equals(other, version.get())).isPresent()) {
      return Optional.of(sums);
    }
    ScrubCounters<R> recount =
        new ScrubCounters<>(space, index, source, Optional.empty(), clock);
    long start = clock.getAsLong();
    byte[] position = {};
    boolean end = false;
    while (!end) {
      IndexSource.Slice<R> slice =
          source.after(transaction, position, THINGS_AT_ONCE, BYTES_MAX);
      for (IndexSource.Item<R> item : slice.items()) {
        source
            .contributions(index, item.primaryKey(), item.record())
            .forEach(recount::count);
      }
      position = slice.position();
      end = slice.end();
      boolean late = clock.getAsLong() - start > RECOUNT_NANOS_MAX;
      if (recount.tooMany || late && !end) {
        return Optional.empty();
      }
    }
    return Optional.of(recount.sums);
  }
}
