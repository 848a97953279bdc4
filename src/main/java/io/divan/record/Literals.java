package io.divan.record;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The values in predicates. */
final class Literals {

  private Literals() {}

  /**
   * Returns a value as records hold it.
   *
   * @throws RecordException.Invalid if it is null or no field can hold it
   */
  static Object of(@Nullable Object value) {
    Object normal = Values.normal(value);
    if (normal == null) {
      throw new RecordException.Invalid("A condition compares with null; use isNull");
    }
    return normal;
  }

  /** Returns the text of a value, from which it can be told from all others of its field. */
  static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> "'" + text.replace("'", "''") + "'";
      case byte[] bytes -> "x'" + HexFormat.of().formatHex(bytes) + "'";
      case List<?> list ->
          list.stream().map(Literals::text).collect(Collectors.joining(", ", "[", "]"));
      default -> value.toString();
    };
  }
}
