package io.divan.query.selector;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.util.ULocale;
import io.divan.json.JsonOrder;
import io.divan.json.JsonValue;
import java.math.BigInteger;
import java.util.List;

/** A predicate on a value that exists. */
sealed interface ValueTest {

  boolean passes(JsonValue value, StepBudget steps);

  /** A comparison operator. */
  enum Comparison {
    LESS,
    LESS_OR_EQUAL,
    EQUAL,
    NOT_EQUAL,
    GREATER_OR_EQUAL,
    GREATER;

    boolean accepts(int comparison) {
      return switch (this) {
        case LESS -> comparison < 0;
        case LESS_OR_EQUAL -> comparison <= 0;
        case EQUAL -> comparison == 0;
        case NOT_EQUAL -> comparison != 0;
        case GREATER_OR_EQUAL -> comparison >= 0;
        case GREATER -> comparison > 0;
      };
    }

    Comparison negated() {
      return switch (this) {
        case LESS -> GREATER_OR_EQUAL;
        case LESS_OR_EQUAL -> GREATER;
        case EQUAL -> NOT_EQUAL;
        case NOT_EQUAL -> EQUAL;
        case GREATER_OR_EQUAL -> LESS;
        case GREATER -> LESS_OR_EQUAL;
      };
    }
  }

  /** {@code $lt $lte $eq $ne $gte $gt}. */
  record Compare(Comparison comparison, JsonValue argument, JsonOrder order, long cost)
      implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      steps.take(cost);
      return comparison.accepts(order.compare(value, argument));
    }
  }

  /** {@code $in}: the value equals an argument, or is an array with such an element. */
  record In(List<JsonValue> arguments, JsonOrder order, long cost) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      return value instanceof JsonValue.Arr array
          ? array.elements().stream().anyMatch(element -> isArgument(element, steps))
          : isArgument(value, steps);
    }

    private boolean isArgument(JsonValue value, StepBudget steps) {
      steps.take(cost);
      for (JsonValue argument : arguments) {
        if (order.compare(value, argument) == 0) {
          return true;
        }
      }
      return false;
    }
  }

  /** {@code $all}: an array that has all arguments as elements, or is the only argument. */
  record HasAll(List<JsonValue> arguments, long cost) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      if (arguments.isEmpty() || !(value instanceof JsonValue.Arr array)) {
        return false;
      }
      if (arguments.size() == 1 && JsonOrder.identical(arguments.getFirst(), array)) {
        return true;
      }
      for (JsonValue argument : arguments) {
        steps.take((1 + cost / arguments.size()) * (1 + array.elements().size()));
        if (array.elements().stream()
            .noneMatch(element -> JsonOrder.identical(argument, element))) {
          return false;
        }
      }
      return true;
    }
  }

  /** {@code $elemMatch}: an array with at least one element that meets the condition. */
  record AnyElement(Condition condition) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      return value instanceof JsonValue.Arr array
          && array.elements().stream().anyMatch(element -> condition.holds(new Subject.Parsed(
              element), steps));
    }
  }

  /** {@code $allMatch}: a non-empty array whose elements all meet the condition. */
  record EveryElement(Condition condition) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      return value instanceof JsonValue.Arr array
          && !array.elements().isEmpty()
          && array.elements().stream().allMatch(element -> condition.holds(new Subject.Parsed(
              element), steps));
    }
  }

  /** {@code $keyMapMatch}: an object with a member whose name meets the condition. */
  record AnyName(Condition condition) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      return value instanceof JsonValue.Obj object
          && object.members().keySet().stream()
              .anyMatch(name -> condition.holds(new Subject.Parsed(new JsonValue.Str(name)),
                  steps));
    }
  }

  /** {@code $exists}. */
  record Exists(boolean wanted) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      return wanted;
    }
  }

  /** {@code $type}. */
  record HasType(String type) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      return type.equals(
          switch (value) {
            case JsonValue.Literal literal ->
                literal == JsonValue.Literal.NULL ? "null" : "boolean";
            case JsonValue.Num number -> "number";
            case JsonValue.Str string -> "string";
            case JsonValue.Arr array -> "array";
            case JsonValue.Obj object -> "object";
          });
    }
  }

  /** {@code $mod}: an integer with this remainder, which has the sign of the integer. */
  record Remainder(BigInteger divisor, BigInteger remainder) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      if (!(value instanceof JsonValue.Num number && number.isInteger())) {
        return false;
      }
      // Parsing and dividing take quadratic time in the number of digits.
      long digits = number.text().length() + (long) divisor.bitLength();
      steps.take(1 + digits * digits / 64);
      return new BigInteger(number.text()).remainder(divisor).equals(remainder);
    }
  }

  /** {@code $regex}. */
  record Matches(Regex regex) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      return value instanceof JsonValue.Str string && regex.find(string.text(), steps);
    }
  }

  /** {@code $beginsWith}: a string with this prefix, which ends at a grapheme boundary. */
  record BeginsWith(String prefix) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      return value instanceof JsonValue.Str string && begins(string.text());
    }

    private boolean begins(String text) {
      if (!text.startsWith(prefix)) {
        return false;
      }
      int end = prefix.length();
      boolean plain = end < text.length() && text.charAt(end) >= ' ' && text.charAt(end) < 0x7F;
      if (end == 0 || end == text.length() || plain) {
        return true;
      }
      BreakIterator characters = BreakIterator.getCharacterInstance(ULocale.ROOT);
      characters.setText(text);
      return characters.isBoundary(end);
    }
  }

  /** {@code $size}. */
  record HasSize(BigInteger size) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      return value instanceof JsonValue.Arr array
          && BigInteger.valueOf(array.elements().size()).equals(size);
    }
  }

  /** The negation of a test. */
  record Not(ValueTest test) implements ValueTest {
    @Override
    public boolean passes(JsonValue value, StepBudget steps) {
      return !test.passes(value, steps);
    }
  }
}
