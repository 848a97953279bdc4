package io.divan.query.plan;

import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The keys that a plan reads. A column that {@code $in} restricts to some values divides them into
 * a range for each value, as long as these are not more than {@value #RANGES_MAX}.
 */
final class KeyRanges {
  private static final int RANGES_MAX = 64;

  /** All arrays: {@code $in} matches those that contain one of the values, too. */
  private static final FieldRange ARRAYS =
      new FieldRange(
          new JsonValue.Arr(List.of()), true, new JsonValue.Obj(Map.of()), false, false);

  private static final Comparator<KeyRange> BY_BEGIN =
      (a, b) -> Arrays.compareUnsigned(a.begin(), b.begin());

  private KeyRanges() {}

  /**
   * Returns the ranges, in ascending order and without overlap.
   *
   * @param ranges the ranges of the first columns
   */
  static List<KeyRange> of(
      JsonValue.Obj selector, List<String> columns, List<FieldRange> ranges) {
    List<List<FieldRange>> products = List.of(List.of());
    for (int i = 0; i < columns.size(); i++) {
      List<FieldRange> choices = choices(selector, columns.get(i), i, ranges);
      if (choices.isEmpty() || products.size() * choices.size() > RANGES_MAX) {
        choices = i < ranges.size() ? List.of(ranges.get(i)) : List.of();
      }
      if (choices.isEmpty()) {
        break;
      }
      List<List<FieldRange>> longer = new ArrayList<>();
      for (List<FieldRange> product : products) {
        for (FieldRange choice : choices) {
          List<FieldRange> one = new ArrayList<>(product);
          one.add(choice);
          longer.add(one);
        }
      }
      products = longer;
      if (!choices.stream().allMatch(FieldRange::isPoint)) {
        products = products.stream().map(p -> rest(p, ranges)).toList();
        break;
      }
    }
    return merged(products.stream().map(p -> KeyRange.of(p, columns.size())).toList());
  }

  /** Adds the ranges of the columns after the last one. */
  private static List<FieldRange> rest(List<FieldRange> product, List<FieldRange> ranges) {
    List<FieldRange> all = new ArrayList<>(product);
    if (ranges.size() > product.size()) {
      all.addAll(ranges.subList(product.size(), ranges.size()));
    }
    return all;
  }

  private static List<FieldRange> choices(
      JsonValue.Obj selector, String column, int position, List<FieldRange> ranges) {
    if (position < ranges.size() && !ranges.get(position).equals(FieldRange.ALL)) {
      return List.of(ranges.get(position));
    }
    return SelectorFields.choices(selector, column)
        .map(
            values -> Stream.concat(values.stream().map(FieldRange::point), Stream.of(ARRAYS))
                .toList())
        .orElse(List.of());
  }

  /** Sorts ranges and joins those that overlap, such as the ranges of equal values. */
  private static List<KeyRange> merged(List<KeyRange> ranges) {
    List<KeyRange> sorted = new ArrayList<>(ranges);
    sorted.sort(BY_BEGIN);
    List<KeyRange> merged = new ArrayList<>();
    for (KeyRange range : sorted) {
      KeyRange last = merged.isEmpty() ? range : merged.getLast();
      if (merged.isEmpty() || Arrays.compareUnsigned(range.begin(), last.end()) >= 0) {
        merged.add(range);
      } else if (Arrays.compareUnsigned(range.end(), last.end()) > 0) {
        merged.set(merged.size() - 1, new KeyRange(last.begin(), range.end()));
      }
    }
    return merged;
  }
}
