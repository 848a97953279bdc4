package io.divan.record.query;

import io.divan.record.Explanation;
import io.divan.record.Index;
import io.divan.record.Predicate;
import io.divan.record.Predicate.Compare;
import io.divan.record.Predicate.Op;
import io.divan.record.Sort;
import io.divan.record.Values;
import io.divan.record.query.Plan.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Describes plans in words. */
final class Explainer {

  private Explainer() {}

  static Explanation explain(Plan plan) {
    StringBuilder text = new StringBuilder();
    List<Access> accesses = plan.accesses();
    if (plan.shape() == Shape.ONE) {
      text.append(access(accesses.getFirst()));
    } else {
      text.append(plan.shape() == Shape.MERGED ? "merge by " + mergeOrder(plan) : "one by one")
          .append(" without duplicates: ")
          .append(accesses.stream().map(Explainer::access).collect(Collectors.joining("; ")));
    }
    filter(plan).ifPresent(filter -> text.append(", then filter ").append(filter));
    if (plan.sorting()) {
      text.append(", then sort of at most ")
          .append(plan.query().sortMax())
          .append(" records in memory by ")
          .append(join(plan.query().sort()));
    }
    if (plan.covered()) {
      text.append(", without reading records");
    }
    plan.rows()
        .ifPresent(rows -> text.append("; about ").append(rows).append(" rows by count index"));
    List<String> indexes =
        accesses.stream().flatMap(access -> access.path().index().stream()).map(Index::name)
            .toList();
    return new Explanation(text.toString(), indexes, plan.covered(), plan.rows());
  }

  private static String mergeOrder(Plan plan) {
    String key = plan.backwards() ? "key descending" : "key";
    return plan.query().sort().isEmpty() || plan.sorting()
        ? key
        : join(plan.query().sort()) + ", " + key;
  }

  private static String join(List<Sort> sort) {
    return sort.stream().map(Sort::toString).collect(Collectors.joining(", "));
  }

  private static Optional<Predicate> filter(Plan plan) {
    if (plan.shape() == Shape.ONE) {
      List<Predicate> filter = plan.accesses().getFirst().filter();
      return filter.isEmpty()
          ? Optional.empty()
          : Optional.of(filter.size() == 1 ? filter.getFirst() : new Predicate.And(filter));
    }
    return plan.accesses().stream().allMatch(access -> access.filter().isEmpty())
        ? Optional.empty()
        : Optional.of(plan.predicate());
  }

  private static String access(Access access) {
    String path =
        access.path().index().map(index -> "index " + index.name()).orElse("records by key");
    if (access.ranges().isEmpty()) {
      return path + ", nothing";
    }
    String backwards = access.reverse() ? " backwards" : "";
    if (!access.isBounded()) {
      return "all of "
          + access.path().index().map(index -> "index " + index.name())
              .orElse("the records of type " + access.path().type().name())
          + backwards;
    }
    int ranges = access.ranges().size();
    String unit = access.isLookup() ? "key" : "range";
    return path
        + " ("
        + conditions(access)
        + ")"
        + (ranges == 1 ? "" : ", " + ranges + " " + unit + "s")
        + backwards;
  }

  private static String conditions(Access access) {
    List<String> words = new ArrayList<>();
    for (Predicate equality : access.equalities()) {
      if (!words.contains(equality.toString())) {
        words.add(equality.toString());
      }
    }
    Optional<Object> least = bound(access.range(), Op.GE);
    Optional<Object> greatest = bound(access.range(), Op.LE);
    if (access.range().size() == 2 && least.isPresent() && greatest.isPresent()) {
      words.add(
          Conditions.field(access.range().getFirst())
              + " from "
              + Values.literal(least.get())
              + " to "
              + Values.literal(greatest.get()));
    } else {
      access.range().forEach(part -> words.add(part.toString()));
    }
    return String.join(", ", words);
  }

  private static Optional<Object> bound(List<Predicate> range, Op op) {
    return range.stream()
        .filter(part -> part instanceof Compare compare && compare.op() == op)
        .map(part -> ((Compare) part).value())
        .findFirst();
  }
}
