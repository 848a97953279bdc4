package io.divan.query.selector;

import io.divan.json.JsonValue;

/**
 * The work that one match of a selector against one document may do. It stops selectors that would
 * block a reader. A comparison costs one step, and one more for each 16 characters. A regular
 * expression costs its number of instructions for each character it reads. Not safe for use by
 * several threads.
 */
final class StepBudget {

  /** The steps of one match; they take one or two seconds. */
  static final long MAX = 100_000_000;

  private static final int CHARACTERS_PER_STEP = 16;

  /** The budget is used up. */
  static final class Exhausted extends RuntimeException {
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this; // control flow: ends the match
    }
  }

  private long left = MAX;

  void take(long steps) {
    left -= steps;
    if (left < 0) {
      throw new Exhausted();
    }
  }

  /** The maximum cost of a comparison with a value. */
  static long of(JsonValue value) {
    return switch (value) {
      case JsonValue.Literal literal -> 1;
      case JsonValue.Num number -> 1 + number.text().length() / CHARACTERS_PER_STEP;
      case JsonValue.Str string -> 1 + string.text().length() / CHARACTERS_PER_STEP;
      case JsonValue.Arr array ->
          1 + array.elements().stream().mapToLong(StepBudget::of).sum();
      case JsonValue.Obj object ->
          1
              + object.members().entrySet().stream()
                  .mapToLong(m -> m.getKey().length() / CHARACTERS_PER_STEP + of(m.getValue()))
                  .sum();
    };
  }
}
