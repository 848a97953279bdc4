package io.divan.record.index;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.WriteTransaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Compares the counters of an index with a recount. A recount over several transactions is right if
 * no thing changed meanwhile, which the source's version shows. Without that, few things are
 * recounted in one transaction.
 *
 * @param <R> a thing
 */
final class ScrubCounters<R> {
  private static final int GROUPS_MAX = 100_000;
  private static final int THINGS_MAX = 5_000;
  private static final int BYTES_MAX = 1_000_000;

  private final IndexSpace space;
  private final IndexHandle index;
  private final IndexSource<R> source;
  private final Optional<byte[]> version;
  private final Map<Bytes, Long> sums = new HashMap<>();
  private boolean tooMany;

  /** Begins a recount of things whose source has this version. */
  ScrubCounters(
      IndexSpace space, IndexHandle index, IndexSource<R> source, Optional<byte[]> version) {
    this.space = space;
    this.index = index;
    this.source = source;
    this.version = version;
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

  /** Compares within one transaction. */
  IndexScrub.Found compare(ReadTransaction transaction) {
    return compare(transaction, Optional.empty());
  }

  /** Compares and repairs within one transaction. */
  IndexScrub.Found repair(WriteTransaction transaction) {
    return compare(transaction, Optional.of(transaction));
  }

  private IndexScrub.Found compare(
      ReadTransaction transaction, Optional<WriteTransaction> repair) {
    Optional<Map<Bytes, Long>> stored = stored(transaction);
    if (stored.isPresent() && stored.get().isEmpty() && sums.isEmpty()) {
      return IndexScrub.Found.NOTHING;
    }
    Optional<Map<Bytes, Long>> expected =
        stored.isPresent() ? expected(transaction) : Optional.empty();
    if (expected.isEmpty()) {
      return new IndexScrub.Found(0, 0, 0, 0, 0, true);
    }
    long wrong = 0;
    Map<Bytes, Long> all = new HashMap<>(stored.get());
    expected.get().keySet().forEach(group -> all.putIfAbsent(group, 0L));
    for (Map.Entry<Bytes, Long> each : all.entrySet()) {
      long right = expected.get().getOrDefault(each.getKey(), 0L);
      if (right != each.getValue()) {
        wrong++;
      }
      repair.ifPresent(writer -> set(writer, each.getKey(), each.getValue(), right));
    }
    return new IndexScrub.Found(all.size(), 0, 0, wrong, repair.isPresent() ? wrong : 0, false);
  }

  private void set(WriteTransaction transaction, Bytes group, long stored, long right) {
    byte[] key = space.key(IndexRows.COUNTERS, index.number(), group.bytes());
    if (right == 0) {
      transaction.delete(space.table(), key);
    } else if (right != stored) {
      transaction.put(
          space.table(),
          key,
          ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(right).array());
    }
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
    ScrubCounters<R> recount = new ScrubCounters<>(space, index, source, Optional.empty());
    byte[] position = {};
    int things = 0;
    boolean end = false;
    while (!end) {
      IndexSource.Slice<R> slice = source.after(transaction, position, THINGS_MAX, BYTES_MAX);
      for (IndexSource.Item<R> item : slice.items()) {
        source
            .contributions(index, item.primaryKey(), item.record())
            .forEach(recount::count);
      }
      things += slice.items().size();
      if (recount.tooMany || !slice.end() && things >= THINGS_MAX) {
        return Optional.empty();
      }
      position = slice.position();
      end = slice.end();
    }
    return Optional.of(recount.sums);
  }
}
