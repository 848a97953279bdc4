package io.divan.configuration;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * The values that a setting accepts, and how CouchDB writes them as text.
 *
 * @param parse reads the text; throws {@link InvalidValue} where it is not such a value
 * @param format writes a value as {@code parse} reads it
 * @param <T> the value; immutable
 */
public record ValueType<T>(Function<String, T> parse, Function<T, String> format) {

  private static final String INFINITY = "infinity";

  /** Any text. */
  public static final ValueType<String> TEXT =
      new ValueType<>(Function.identity(), Function.identity());

  /** {@code true} or {@code false}. */
  public static final ValueType<Boolean> BOOLEAN =
      new ValueType<>(
          text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new InvalidValue("must be true or false");
          },
          value -> Boolean.toString(value));

  /** Words separated by commas, without the spaces around them; the empty text is no words. */
  public static final ValueType<List<String>> WORDS =
      new ValueType<>(
          text -> Arrays.stream(text.split(","))
              .map(String::strip)
              .filter(word -> !word.isEmpty())
              .toList(),
          words -> String.join(", ", words));

  /**
   * Checks that a text is a value of the type.
   *
   * @throws InvalidValue when it is not
   */
  void check(String text) {
    var _ = parse.apply(text);
  }

  /** Integers of a range. */
  public static ValueType<Long> integer(long min, long max) {
    return new ValueType<>(
        text -> {
          try {
            long value = Long.parseLong(text);
            if (value >= min && value <= max) {
              return value;
            }
          } catch (NumberFormatException e) {
            // the same refusal
          }
          throw new InvalidValue("must be an integer from " + min + " to " + max);
        },
        value -> Long.toString(value));
  }

  /** Integers of a range, or {@code infinity}, which is {@link Long#MAX_VALUE}. */
  public static ValueType<Long> integerOrInfinity(long min, long max) {
    ValueType<Long> integers = integer(min, max);
    return new ValueType<>(
        text -> {
          if (text.equals(INFINITY)) {
            return Long.MAX_VALUE;
          }
          try {
            return integers.parse().apply(text);
          } catch (InvalidValue e) {
            throw new InvalidValue(e.getMessage() + ", or " + INFINITY);
          }
        },
        value -> value == Long.MAX_VALUE ? INFINITY : Long.toString(value));
  }

  /** Whole seconds of a range. */
  public static ValueType<Duration> seconds(Duration min, Duration max) {
    ValueType<Long> seconds = integer(min.toSeconds(), max.toSeconds());
    return new ValueType<>(
        seconds.parse().andThen(Duration::ofSeconds), value -> Long.toString(value.toSeconds()));
  }

  /** The constants of an enumeration, in lower case. */
  public static <E extends Enum<E>> ValueType<E> oneOf(Class<E> type) {
    List<E> values = List.of(type.getEnumConstants());
    Function<E, String> format = value -> value.name().toLowerCase(Locale.ROOT);
    return new ValueType<>(
        text -> values.stream()
            .filter(value -> format.apply(value).equals(text))
            .findFirst()
            .orElseThrow(
                () -> new InvalidValue(
                    "must be one of " + values.stream().map(format).toList())),
        format);
  }

  /** Thrown for text that is not a value of the type. */
  public static final class InvalidValue extends RuntimeException {

    /** The message completes a sentence that begins with the setting's name. */
    public InvalidValue(String message) {
      super(message, null, false, false);
    }
  }
}
