package io.divan.query;

import io.divan.json.JsonValue;

/**
 * What the test of one document may cost, so that no selector, however it is made, holds up a
 * reader: a comparison is a step and so are 16 characters of it; a character that a regular
 * expression looks at is as many as the expression has instructions. For one thread.
 */
final class Steps {

  /** A second or two. */
  static final long MAX = 100_000_000;

  private static final int CHARACTERS_PER_STEP = 16;

  /** There are no more steps. */
  static final class Exhausted extends RuntimeException {
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this; // only ends the test of a document
    }
  }

  private long left = MAX;

  void take(long steps) {
    left -= steps;
    if (left < 0) {
      throw new Exhausted();
    }
  }

  /** What a comparison with a value costs at most. */
  static long of(JsonValue value) {
    return switch (value) {
      case JsonValue.Literal literal -> 1;
      case JsonValue.Num number -> 1 + number.text().length() / CHARACTERS_PER_STEP;
      case JsonValue.Str string -> 1 + string.text().length() / CHARACTERS_PER_STEP;
      case JsonValue.Arr array ->
          1 + array.elements().stream().mapToLong(Steps::of).sum();
      case JsonValue.Obj object ->
          1
              + object.members().entrySet().stream()
                  .mapToLong(m -> m.getKey().length() / CHARACTERS_PER_STEP + of(m.getValue()))
                  .sum();
    };
  }
}
