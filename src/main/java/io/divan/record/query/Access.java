package io.divan.record.query;

import io.divan.record.Index;
import io.divan.record.Predicate;
import io.divan.record.Predicate.Compare;
import io.divan.record.Predicate.In;
import io.divan.record.Predicate.IsNull;
import io.divan.record.Predicate.Op;
import io.divan.record.Sort;
import io.divan.record.index.IndexScan.KeyRange;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A path, and the ranges of it that have the records which fulfil some conditions.
 *
 * @param path the path
 * @param parts all conditions
 * @param equalities the conditions that give each of the first columns one value, or one of several
 * @param range the conditions on the column after these, which make a range
 * @param filter the conditions that rows in the ranges may not fulfil
 * @param ranges the ranges, ascending, without overlap
 * @param reverse whether the ranges are read backwards
 */
record Access(
    Path path,
    List<Predicate> parts,
    List<Predicate> equalities,
    List<Predicate> range,
    List<Predicate> filter,
    List<KeyRange> ranges,
    boolean reverse) {

  /** Returns the access in another direction. */
  Access reverse(boolean backwards) {
    return new Access(path, parts, equalities, range, filter, ranges, backwards);
  }

  /** Returns whether the ranges are whole primary keys. */
  boolean isLookup() {
    return path.index().isEmpty() && equalities.size() == path.columns().size();
  }

  /** Returns whether the conditions save reading the whole path. */
  boolean isBounded() {
    return !equalities.isEmpty() || !range.isEmpty();
  }

  /** Returns this access in the direction of a sort, or empty if it has no such order. */
  Optional<Access> sorted(List<Sort> sort) {
    if (isLookup() && ranges.size() <= 1) {
      return Optional.of(reverse(false));
    }
    return order(sort, constants(parts)).map(order -> reverse(order.reverse().orElse(false)));
  }

  /**
   * Returns this access if it reads records in the order of a sort and then of their primary keys.
   *
   * @param backwards whether the primary keys descend
   */
  Optional<Access> mergeable(List<Sort> sort, boolean backwards) {
    if (ranges.size() > 1) {
      return Optional.empty();
    }
    return order(sort, bound())
        .filter(order -> order.next() >= path.declared())
        .filter(order -> order.reverse().orElse(backwards) == backwards)
        .map(order -> reverse(backwards));
  }

  /** Returns the fields that have the same value in all rows of the ranges, and these values. */
  Map<String, Optional<Object>> bound() {
    Map<String, Optional<Object>> bound = new HashMap<>();
    for (int i = 0; i < equalities.size(); i++) {
      if (!path.isFanOut(i)) {
        bound.putAll(constants(List.of(equalities.get(i))));
      }
    }
    return bound;
  }

  /** Returns the fields that have one value where all conditions are true, and these values. */
  static Map<String, Optional<Object>> constants(List<Predicate> parts) {
    Map<String, Optional<Object>> constants = new HashMap<>();
    for (Predicate part : parts) {
      switch (part) {
        case Compare(String field, Op op, Object value) when op == Op.EQ ->
            constants.put(field, Optional.of(value));
        case In(String field, List<Object> values) when values.size() == 1 ->
            constants.put(field, Optional.of(values.getFirst()));
        case IsNull(String field) -> constants.put(field, Optional.empty());
        default -> {
          // more than one value
        }
      }
    }
    return constants;
  }

  /**
   * An order found.
   *
   * @param reverse whether it is backwards; empty if both directions have it
   * @param next the first column by which rows are sorted beyond it
   */
  private record Order(Optional<Boolean> reverse, int next) {}

  private Optional<Order> order(List<Sort> sort, Map<String, Optional<Object>> constant) {
    Set<String> done = new HashSet<>(constant.keySet());
    Optional<Boolean> reverse = Optional.empty();
    int next = skip(0, done);
    for (Sort each : sort) {
      if (done.contains(each.field())) {
        continue;
      }
      if (next == path.columns().size() || path.isFanOut(next)) {
        return Optional.empty();
      }
      Index.Column column = path.columns().get(next);
      boolean backwards = each.descending() != column.descending();
      if (!column.field().equals(each.field()) || reverse.orElse(backwards) != backwards) {
        return Optional.empty();
      }
      reverse = Optional.of(backwards);
      done.add(each.field());
      next = skip(next, done);
    }
    return Optional.of(new Order(reverse, next));
  }

  /** Returns the next column whose values differ between rows that are equal in all before. */
  private int skip(int from, Set<String> done) {
    int column = from;
    while (column < path.columns().size()
        && (path.isFanOut(column)
            ? column < equalities.size()
            : done.contains(path.columns().get(column).field()))) {
      column++;
    }
    return column;
  }
}
