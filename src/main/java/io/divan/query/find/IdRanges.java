package io.divan.query.find;

import io.divan.document.WinnerReader.Ids;
import io.divan.json.JsonValue;
import io.divan.query.plan.FieldRange;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ids that a range of the field {@code _id} may have. */
final class IdRanges {

  private IdRanges() {}

  /**
   * Returns the ids of a range, bounds included. A bound that is no string does not restrict the
   * ids: the selector compares ids in another order than that of the range.
   *
   * @return empty if no id is in the range
   */
  static Optional<Ids> of(FieldRange range, boolean descending) {
    JsonValue low = range.low();
    JsonValue high = range.high();
    if (range.empty() || high != null && isBelow(high)) {
      return Optional.empty();
    }
    return Optional.of(new Ids(text(low), true, text(high), true, descending));
  }

  private static Optional<String> text(@Nullable JsonValue bound) {
    return bound == null ? Optional.empty() : bound.asString();
  }

  private static boolean isBelow(JsonValue value) {
    return value instanceof JsonValue.Literal || value instanceof JsonValue.Num;
  }
}
