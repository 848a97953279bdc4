package io.divan.record;

import io.divan.record.index.IndexScan.KeyRange;
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
 * @param fixed the fields that have the same value in all records, and these values
 * @param ranges the ranges, ascending, without overlap
 * @param reverse whether the ranges are read backwards
 */
record Access(
    Path path,
    List<Predicate> parts,
    List<Predicate> equalities,
    List<Predicate> range,
    List<Predicate> filter,
    Map<String, Optional<Object>> fixed,
    List<KeyRange> ranges,
    boolean reverse) {

  /** Returns the access in another direction. */
  Access reverse(boolean backwards) {
    return new Access(path, parts, equalities, range, filter, fixed, ranges, backwards);
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
    return order(sort).map(order -> reverse(order.reverse().orElse(false)));
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
    return order(sort)
        .filter(order -> order.next() >= path.declared())
        .filter(order -> order.reverse().orElse(backwards) == backwards)
        .map(order -> reverse(backwards));
  }

  /**
   * An order found.
   *
   * @param reverse whether it is backwards; empty if both directions have it
   * @param next the first column by which rows are sorted beyond it
   */
  private record Order(Optional<Boolean> reverse, int next) {}

  private Optional<Order> order(List<Sort> sort) {
    Set<String> done = new HashSet<>(fixed.keySet());
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
