package io.divan.record.query;

import io.divan.record.Index;
import io.divan.record.Predicate;
import io.divan.record.Predicate.In;
import io.divan.record.RecordType;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexRows;
import io.divan.record.index.IndexScan;
import io.divan.storage.ReadTransaction;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of rows from count indexes. A count index is used if its groups are exactly the fields
 * that an access fixes with conditions of equality.
 */
final class Statistics {
  /** The most counters of one access. */
  private static final int COUNTERS_MAX = 32;

  private final ReadTransaction transaction;
  private final RecordRows rows;
  private final boolean always;
  private final Map<Index.Count, Integer> counts = new HashMap<>();

  /**
   * Finds the count indexes.
   *
   * @param always whether to read counters even if they do not help to choose
   */
  Statistics(ReadTransaction transaction, RecordRows rows, RecordType type, boolean always) {
    this.always = always;
    this.transaction =
        transaction instanceof WriteTransaction write ? write.snapshot() : transaction;
    this.rows = rows;
    for (Index index : rows.schema(transaction).indexesOf(type)) {
      if (index instanceof Index.Count count) {
        IndexHandle handle = rows.handle(transaction, count);
        if (handle.readable()) {
          counts.put(count, handle.number());
        }
      }
    }
  }

  /** Returns about how many rows each access has, in one round trip. */
  List<OptionalLong> estimate(List<Access> accesses) {
    List<byte[]> keys = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    for (Access access : accesses) {
      Optional<List<byte[]>> counters = counters(access);
      sizes.add(counters.map(List::size).orElse(-1));
      counters.ifPresent(keys::addAll);
    }
    boolean choice =
        !accesses.getFirst().isLookup() && sizes.stream().filter(size -> size >= 0).count() > 1;
    if (keys.isEmpty() || !choice && !always) {
      return accesses.stream().map(access -> OptionalLong.empty()).toList();
    }
    List<Optional<byte[]>> values = transaction.getAll(rows.space().table(), keys);
    List<OptionalLong> estimates = new ArrayList<>();
    int next = 0;
    for (int size : sizes) {
      long sum = 0;
      for (int i = 0; i < size; i++) {
        sum += values.get(next++).map(IndexScan::counter).orElse(0L);
      }
      estimates.add(size < 0 ? OptionalLong.empty() : OptionalLong.of(sum));
    }
    return estimates;
  }

  private Optional<List<byte[]>> counters(Access access) {
    Map<String, List<Optional<Object>>> fields = new HashMap<>();
    for (int i = 0; i < access.equalities().size(); i++) {
      if (access.path().isFanOut(i)) {
        return Optional.empty();
      }
      fields.put(access.path().columns().get(i).field(), values(access.equalities().get(i)));
    }
    return counts.entrySet().stream()
        .filter(count -> fields.keySet().equals(new HashSet<>(count.getKey().group())))
        .findFirst()
        .flatMap(count -> keys(count.getValue(), count.getKey().group(), fields));
  }

  private static List<Optional<Object>> values(Predicate equality) {
    return switch (equality) {
      case Predicate.Compare compare -> List.of(Optional.of(compare.value()));
      case In in -> in.values().stream().map(Optional::of).toList();
      default -> List.of(Optional.empty());
    };
  }

  private Optional<List<byte[]>> keys(
      int number, List<String> group, Map<String, List<Optional<Object>>> fields) {
    List<List<@Nullable Object>> tuples = List.of(List.of());
    for (String field : group) {
      List<Optional<Object>> values = fields.getOrDefault(field, List.of());
      if (tuples.size() * values.size() > COUNTERS_MAX) {
        return Optional.empty();
      }
      List<List<@Nullable Object>> longer = new ArrayList<>();
      for (List<@Nullable Object> tuple : tuples) {
        for (Optional<Object> value : values) {
          List<@Nullable Object> more = new ArrayList<>(tuple);
          more.add(value.orElse(null));
          longer.add(more);
        }
      }
      tuples = longer;
    }
    return Optional.of(
        tuples.stream()
            .map(
                tuple -> rows.space()
                    .key(IndexRows.COUNTERS, number, TupleWriter.pack(tuple.toArray())))
            .toList());
  }
}
