package io.divan.query;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.util.ULocale;
import io.divan.json.JsonValue;
import java.math.BigInteger;
import java.util.List;

/** What a condition asks of a value that is there. */
sealed interface Test {

  boolean passes(JsonValue value, Steps steps);

  /** How two values compare. */
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
      implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
      steps.take(cost);
      return comparison.accepts(order.compare(value, argument));
    }
  }

  /** {@code $in}: the value, or of an array any element. */
  record In(List<JsonValue> arguments, JsonOrder order, long cost) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
      return value instanceof JsonValue.Arr array
          ? array.elements().stream().anyMatch(element -> isArgument(element, steps))
          : isArgument(value, steps);
    }

    private boolean isArgument(JsonValue value, Steps steps) {
      steps.take(cost);
      for (JsonValue argument : arguments) {
        if (order.compare(value, argument) == 0) {
          return true;
        }
      }
      return false;
    }
  }

  /** {@code $all}: an array with all of these elements, or, of one that is an array, the same. */
  record HasAll(List<JsonValue> arguments, long cost) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
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

  /** {@code $elemMatch}: an array with an element for which a condition holds. */
  record AnyElement(Condition condition) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
      return value instanceof JsonValue.Arr array
          && array.elements().stream().anyMatch(element -> condition.holds(element, steps));
    }
  }

  /** {@code $allMatch}: an array with elements, and for all of them a condition holds. */
  record EveryElement(Condition condition) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
      return value instanceof JsonValue.Arr array
          && !array.elements().isEmpty()
          && array.elements().stream().allMatch(element -> condition.holds(element, steps));
    }
  }

  /** {@code $keyMapMatch}: an object with a member for whose name a condition holds. */
  record AnyName(Condition condition) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
      return value instanceof JsonValue.Obj object
          && object.members().keySet().stream()
              .anyMatch(name -> condition.holds(new JsonValue.Str(name), steps));
    }
  }

  /** {@code $exists}. */
  record Exists(boolean wanted) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
      return wanted;
    }
  }

  /** {@code $type}. */
  record HasType(String type) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
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

  /** {@code $mod}: an integer that leaves a remainder, whose sign is that of the integer. */
  record Remainder(BigInteger divisor, BigInteger remainder) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
      if (!(value instanceof JsonValue.Num number && number.isInteger())) {
        return false;
      }
      // Reading and dividing take time quadratic in the digits.
      long digits = number.text().length() + (long) divisor.bitLength();
      steps.take(1 + digits * digits / 64);
      return new BigInteger(number.text()).remainder(divisor).equals(remainder);
    }
  }

  /** {@code $regex}. */
  record Matches(Regex regex) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
      return value instanceof JsonValue.Str string && regex.find(string.text(), steps);
    }
  }

  /** {@code $beginsWith}: what a reader takes for one character is not divided. */
  record BeginsWith(String prefix) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
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
  record HasSize(BigInteger size) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
      return value instanceof JsonValue.Arr array
          && BigInteger.valueOf(array.elements().size()).equals(size);
    }
  }

  /** The contrary, of a value that is there. */
  record Not(Test test) implements Test {
    @Override
    public boolean passes(JsonValue value, Steps steps) {
      return !test.passes(value, steps);
    }
  }
}
