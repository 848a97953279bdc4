package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.Key;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.Results;
import io.divan.record.Sort;
import io.divan.record.index.Backend;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random queries over random schemas and records, in pages of every size, compared with a filter
 * of all records, on every backend. {@code -Ddivan.programs=N} runs more programs, {@code
 * -Ddivan.seed=N -Ddivan.programs=1} the one that failed.
 */
@Timeout(600)
class QueryModelTest {
  private static final int QUERIES = 25;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void run_random_equalsAFilterOfAllRecords(Backend backend) {
    long seed = Seeds.seed(20_261_900);
    int programs = Integer.getInteger("divan.programs", backend == Backend.REFERENCE ? 12 : 1);
    Map<String, Integer> shapes = new TreeMap<>();
    try (StorageAdapter adapter = backend.open(directory)) {
      for (long one = seed; one < seed + programs; one++) {
        try {
          new Program(adapter.create("db" + one, transaction -> {}), one, shapes).run();
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(Seeds.replay(one) + " -Ddivan.programs=1", e);
        }
        adapter.delete("db" + one);
      }
    }
    if (programs >= 12) {
      assertThat(shapes.keySet())
          .contains("all", "index", "records", "merge", "one", "backwards", "ranges", "filter",
              "memory",
              "without reading", "count index");
    }
  }

  /** One schema, its records and queries. */
  private static final class Program {
    private final Random random;
    private final RandomRecords make;
    private final TestRecords records;
    private final Map<Key, Rec> model = new HashMap<>();
    private final Map<String, Integer> shapes;

    Program(Store store, long seed, Map<String, Integer> shapes) {
      this.shapes = shapes;
      random = new Random(seed);
      make = new RandomRecords(random);
      records = new TestRecords(store, make.schema());
    }

    void run() {
      for (int i = random.nextInt(60); i > 0; i--) {
        change();
      }
      for (int i = 0; i < QUERIES; i++) {
        Query query = make.query();
        count(explain(query));
        try {
          query(query);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(query + " as " + explain(query), e);
        }
      }
    }

    /** Counts the parts of the plan. */
    private void count(String plan) {
      shapes.merge(plan.substring(0, plan.indexOf(' ')), 1, Integer::sum);
      for (String part : List.of("backwards", "ranges", "filter", "memory", "without reading",
          "count index")) {
        if (plan.contains(part)) {
          shapes.merge(part, 1, Integer::sum);
        }
      }
    }

    private String explain(Query query) {
      try {
        return records.explain(query).text();
      } catch (RuntimeException e) {
        return e.toString();
      }
    }

    private Key change() {
      Rec rec = make.rec();
      Key key = make.key(rec);
      if (random.nextInt(5) == 0) {
        records.delete(rec.type(), key);
        model.remove(key);
      } else {
        records.put(rec);
        model.put(key, rec);
      }
      return key;
    }

    private void query(Query query) {
      Query all = query.fields(new String[0]);
      List<Rec> expected =
          model.values().stream().filter(rec -> Truth.of(query.predicate(), rec)).toList();
      List<Rec> found;
      try {
        found = pages(all, ReadLimits.DEFAULT);
      } catch (RecordException.NoIndexForSort e) {
        assertThat(query.sortMax()).isZero();
        found = pages(all.sortInMemory(1_000), ReadLimits.DEFAULT);
      }
      assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(found).isSortedAccordingTo(order(query));
      Query paged =
          query.sortMax() == 0 && explain(query).contains("NoIndexForSort")
              ? query.sortInMemory(1_000)
              : query;
      List<Rec> projected = pages(paged, ReadLimits.DEFAULT);
      assertThat(projected)
          .containsExactlyInAnyOrderElementsOf(
              expected.stream().map(rec -> project(rec, query.fields())).toList());
      for (ReadLimits limits : limits()) {
        assertThat(pages(paged, limits)).as("pages of %s", limits).isEqualTo(projected);
      }
      if (random.nextInt(3) == 0) {
        whileRecordsChange(all.sortInMemory(query.sortMax() == 0 ? 1_000 : query.sortMax()));
      }
    }

    private List<ReadLimits> limits() {
      return List.of(
          ReadLimits.rows(1),
          ReadLimits.rows(1 + random.nextInt(9)),
          ReadLimits.DEFAULT.scanned(1 + random.nextInt(3)),
          ReadLimits.DEFAULT.bytes(1 + random.nextInt(200)),
          new ReadLimits(1 + random.nextInt(30), 20, 10_000, Duration.ZERO));
    }

    /** Reads all pages. Each makes progress, so the number of rows read bounds their number. */
    private List<Rec> pages(Query query, ReadLimits limits) {
      List<Rec> all = new ArrayList<>();
      boolean sorted = explain(query).contains("in memory");
      Optional<byte[]> continuation = Optional.empty();
      for (int page = 0;; page++) {
        assertThat(page).as("pages").isLessThan(2_000);
        Results results = records.run(query, limits, continuation);
        all.addAll(results.records());
        assertThat(results.records().size()).isLessThanOrEqualTo(limits.rows());
        if (!sorted) {
          assertThat(results.scanned()).isLessThanOrEqualTo(limits.scanned());
        }
        if (results.continuation().isEmpty()) {
          assertThat(results.stop()).isEqualTo(Results.Stop.END);
          return all;
        }
        assertThat(results.stop()).isNotEqualTo(Results.Stop.END);
        assertThat(results.scanned()).isPositive();
        continuation = results.continuation();
      }
    }

    /** Records that do not change while others do are found exactly once. */
    private void whileRecordsChange(Query query) {
      Map<Key, Rec> before = new HashMap<>(model);
      Set<Key> changed = new HashSet<>();
      List<Rec> found = new ArrayList<>();
      Optional<byte[]> continuation = Optional.empty();
      do {
        Results results = records.run(query, ReadLimits.rows(1), continuation);
        found.addAll(results.records());
        continuation = results.continuation();
        if (changed.size() < 5) {
          changed.add(change());
        }
      } while (continuation.isPresent());
      List<Rec> unchanged =
          before.entrySet().stream()
              .filter(each -> !changed.contains(each.getKey()))
              .map(Map.Entry::getValue)
              .filter(rec -> Truth.of(query.predicate(), rec))
              .toList();
      assertThat(found.stream().filter(rec -> !changed.contains(make.key(rec))))
          .as("while %s change", changed)
          .containsExactlyInAnyOrderElementsOf(unchanged);
    }

    private static Comparator<Rec> order(Query query) {
      Comparator<Rec> order = (one, other) -> 0;
      for (Sort sort : query.sort()) {
        Comparator<Rec> by =
            (one, other) -> Truth.compare(one.value(sort.field()), other.value(sort.field()));
        order = order.thenComparing(sort.descending() ? by.reversed() : by);
      }
      return order;
    }

    private static Rec project(Rec rec, List<String> fields) {
      if (fields.isEmpty()) {
        return rec;
      }
      Rec projected = Rec.of(rec.type());
      for (String field : fields) {
        projected = projected.with(field, rec.value(field));
      }
      return projected;
    }
  }
}
