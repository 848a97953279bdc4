package io.divan.query.plan;

import io.divan.json.JsonOrder;
import io.divan.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The values of one field that a selector admits, as one interval in CouchDB's collation. The
 * operators of a conjunction narrow it one after the other.
 *
 * @param low the lower bound, or null for an open beginning
 * @param lowIncluded whether the lower bound belongs to the range
 * @param high the upper bound, or null for an open end
 * @param highIncluded whether the upper bound belongs to the range
 * @param empty whether the operators contradict each other
 */
public record FieldRange(
    @Nullable JsonValue low,
    boolean lowIncluded,
    @Nullable JsonValue high,
    boolean highIncluded,
    boolean empty) {

  /** The range of all values. */
  public static final FieldRange ALL = new FieldRange(null, false, null, false, false);

  private static final FieldRange EMPTY = new FieldRange(null, false, null, false, true);

  /** CouchDB's upper bound of the strings with a prefix: the highest character follows. */
  private static final String HIGHEST = "\uFFFF";

  /** Where a value lies in a range. */
  private enum Place {
    BELOW,
    LOW,
    WITHIN,
    HIGH,
    ABOVE
  }

  /** Whether the range is one value. */
  public boolean isPoint() {
    return lowIncluded && highIncluded && low != null && low.equals(high);
  }

  /** The range of one value. */
  static FieldRange point(JsonValue value) {
    return new FieldRange(value, true, value, true, false);
  }

  /** Narrows the range by an operator. An operator that is no comparison changes nothing. */
  FieldRange narrowed(String operator, JsonValue argument) {
    if (empty) {
      return this;
    }
    return switch (operator) {
      case "$lt" -> below(argument, false);
      case "$lte" -> below(argument, true);
      case "$eq" -> equal(argument);
      case "$gte" -> above(argument, true);
      case "$gt" -> above(argument, false);
      case "$beginsWith" -> {
        String prefix = ((JsonValue.Str) argument).text();
        FieldRange above = above(argument, true);
        yield above.empty ? above : above.below(new JsonValue.Str(prefix + HIGHEST), true);
      }
      default -> this;
    };
  }

  private FieldRange below(JsonValue bound, boolean included) {
    return switch (place(bound)) {
      case BELOW -> EMPTY;
      case LOW -> included && lowIncluded ? point(bound) : EMPTY;
      case WITHIN -> new FieldRange(low, lowIncluded, bound, included, false);
      case HIGH -> included ? this : new FieldRange(low, lowIncluded, bound, false, false);
      case ABOVE -> this;
    };
  }

  private FieldRange above(JsonValue bound, boolean included) {
    return switch (place(bound)) {
      case BELOW -> this;
      case LOW -> included ? this : new FieldRange(bound, false, high, highIncluded, false);
      case WITHIN -> new FieldRange(bound, included, high, highIncluded, false);
      case HIGH -> included && highIncluded ? point(bound) : EMPTY;
      case ABOVE -> EMPTY;
    };
  }

  private FieldRange equal(JsonValue value) {
    return switch (place(value)) {
      case BELOW, ABOVE -> EMPTY;
      case LOW -> lowIncluded ? point(value) : EMPTY;
      case WITHIN -> point(value);
      case HIGH -> highIncluded ? point(value) : EMPTY;
    };
  }

  private Place place(JsonValue value) {
    int toLow = low == null ? 1 : JsonOrder.COLLATED.compare(value, low);
    if (toLow <= 0) {
      return toLow < 0 ? Place.BELOW : Place.LOW;
    }
    int toHigh = high == null ? -1 : JsonOrder.COLLATED.compare(value, high);
    return toHigh < 0 ? Place.WITHIN : toHigh == 0 ? Place.HIGH : Place.ABOVE;
  }
}
