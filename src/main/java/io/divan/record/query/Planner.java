package io.divan.record.query;

import io.divan.record.Index;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Sort;
import io.divan.record.index.IndexHandle;
import io.divan.record.query.Plan.Shape;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/** Finds the plans of a query, and chooses one; docs/records.md has the rules. */
final class Planner {
  private final RecordType type;
  private final Query query;
  private final Predicate predicate;
  private final List<List<Predicate>> branches;
  private final List<Path> paths;

  private Planner(RecordType type, Query query, Predicate predicate, List<Path> paths) {
    this.type = type;
    this.query = query;
    this.predicate = predicate;
    this.branches = Conditions.branches(predicate, false);
    this.paths = paths;
  }

  /**
   * Returns the planner of a query.
   *
   * @throws RecordException.Invalid if the query does not fit the schema
   */
  static Planner of(ReadTransaction transaction, RecordRows rows, Query query) {
    Schema schema = rows.schema(transaction);
    RecordType type = schema.requireType(query.type());
    query.sort().forEach(sort -> type.require(sort.field()));
    query.fields().forEach(type::require);
    List<Path> paths = new ArrayList<>();
    paths.add(Path.keys(type));
    for (Index index : schema.indexesOf(type)) {
      if (index instanceof Index.Value value) {
        IndexHandle handle = rows.handle(transaction, value);
        if (handle.readable()) {
          paths.add(Path.of(type, value, handle));
        }
      }
    }
    return new Planner(type, query, Conditions.normal(type, query.predicate()), paths);
  }

  RecordType type() {
    return type;
  }

  /**
   * Returns the best plan.
   *
   * @throws RecordException.NoIndexForSort if no path has the order of the query, and it may not be
   *     sorted in memory
   */
  Plan best(Statistics statistics) {
    Optional<Plan> one = one(statistics);
    Optional<Plan> union = unions().stream().findFirst();
    if (union.isPresent() && (one.isEmpty() || gains(union.get(), one.get()))) {
      return union.get();
    }
    return one.or(() -> unsorted().map(planner -> planner.best(statistics).sorting(query)))
        .orElseThrow(
            () -> new RecordException.NoIndexForSort(
                "No index has the order " + query.sort() + " for this query of type "
                    + type.name() + ". Add one, or sort in memory"));
  }

  /** Returns all plans with which a query may have begun. */
  Stream<Plan> all() {
    Stream<Plan> sorted =
        Stream.concat(
            ones().stream().map(access -> plan(access, OptionalLong.empty())),
            unions().stream());
    return Stream.concat(
        sorted,
        unsorted().stream().flatMap(Planner::all).map(plan -> plan.sorting(query)));
  }

  /** Returns the planner of the query without its sort, if it may be sorted in memory. */
  private Optional<Planner> unsorted() {
    return query.sort().isEmpty() || query.sortMax() == 0
        ? Optional.empty()
        : Optional.of(new Planner(type, query.sort(new Sort[0]), predicate, paths));
  }

  private Plan plan(Access access, OptionalLong rows) {
    return new Plan(
        type, query, predicate, Shape.ONE, List.of(List.of(access)), false, false, rows);
  }

  private Optional<Plan> one(Statistics statistics) {
    List<Access> accesses = ones();
    if (accesses.isEmpty()) {
      return Optional.empty();
    }
    List<OptionalLong> estimates = statistics.estimate(accesses);
    IdentityHashMap<Access, OptionalLong> rows = new IdentityHashMap<>();
    for (int i = 0; i < estimates.size(); i++) {
      rows.put(accesses.get(i), estimates.get(i));
    }
    Comparator<Access> byRows =
        comparator(Comparator.comparingLong(access -> rows(rows, access).orElse(0)));
    Optional<Access> counted =
        accesses.stream().filter(access -> rows(rows, access).isPresent()).min(byRows);
    Access best =
        accesses.stream()
            .filter(access -> rows(rows, access).isEmpty() || access == counted.orElseThrow())
            .findFirst()
            .orElseThrow();
    return Optional.of(plan(best, rows(rows, best)));
  }

  private static OptionalLong rows(
      IdentityHashMap<Access, OptionalLong> rows, Access access) {
    return rows.getOrDefault(access, OptionalLong.empty());
  }

  /** Returns the accesses that have the order of the query, the best one first. */
  private List<Access> ones() {
    List<Predicate> parts =
        branches.size() == 1 ? branches.getFirst() : Conditions.parts(predicate);
    return matches(parts)
        .flatMap(access -> access.sorted(query.sort()).stream())
        .sorted(comparator(Comparator.comparingInt(access -> -access.equalities().size())))
        .toList();
  }

  private Stream<Access> matches(List<Predicate> parts) {
    return paths.stream().flatMap(path -> Bounds.match(path, parts).stream());
  }

  private Comparator<Access> comparator(Comparator<Access> size) {
    return Comparator.comparing((Access access) -> !access.isLookup())
        .thenComparing(access -> !access.filter().isEmpty())
        .thenComparing(size)
        .thenComparing(access -> access.range().isEmpty())
        .thenComparing(access -> !access.path().covers(plan(access, OptionalLong.empty()).needed()))
        .thenComparing(access -> !access.path().unique())
        .thenComparingInt(access -> access.path().declared())
        .thenComparingInt(access -> access.path().number());
  }

  /** Returns the plans of more than one branch, the best one first. */
  private List<Plan> unions() {
    List<List<Predicate>> expanded = Conditions.branches(predicate, true);
    List<Plan> plans = new ArrayList<>();
    for (List<List<Predicate>> each : List.of(branches, expanded)) {
      for (boolean backwards : new boolean[] {false, true}) {
        union(
            each,
            Shape.MERGED,
            backwards,
            access -> access.mergeable(query.sort(), backwards).stream())
            .ifPresent(plans::add);
      }
      if (each == branches && query.sort().isEmpty() && plans.isEmpty()) {
        union(each, Shape.CHAINED, false, Stream::of).ifPresent(plans::add);
      }
    }
    return plans;
  }

  private Optional<Plan> union(
      List<List<Predicate>> parts,
      Shape shape,
      boolean backwards,
      Function<Access, Stream<Access>> ordered) {
    if (parts.size() < 2) {
      return Optional.empty();
    }
    List<List<Access>> options = new ArrayList<>();
    for (List<Predicate> branch : parts) {
      List<Access> some =
          matches(branch)
              .filter(Access::isBounded)
              .flatMap(ordered)
              .sorted(comparator(Comparator.comparingInt(access -> -access.equalities().size())))
              .toList();
      if (some.isEmpty()) {
        return Optional.empty();
      }
      options.add(some);
    }
    return Optional.of(
        new Plan(
            type, query, predicate, shape, options, backwards, false, OptionalLong.empty()));
  }

  /** Returns whether every branch has stronger conditions on its path than the whole query. */
  private static boolean gains(Plan union, Plan one) {
    Access whole = one.accesses().getFirst();
    return !whole.isLookup()
        && union.accesses().stream()
            .allMatch(
                branch -> branch.equalities().size() > whole.equalities().size()
                    || branch.equalities().size() == whole.equalities().size()
                        && !branch.range().isEmpty()
                        && whole.range().isEmpty());
  }
}
