package io.divan.query.selector;

import io.divan.json.JsonBuffer;
import io.divan.json.JsonOrder;
import io.divan.json.JsonValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a selector into its normal form. On the way down it carries the names of the fields passed
 * so far, separated by dots, and whether it is inside a negation.
 *
 * <p>CouchDB's {@code mango_selector} has the same rules in three passes.
 */
final class SelectorReader {
  private static final Set<String> UNSUPPORTED =
      Set.of("$where", "$geoWithin", "$geoIntersects", "$near", "$nearSphere", "$text");

  /** Adds up the cost of the arguments once, when the selector is read. */
  private record Arguments(List<JsonValue> values, long cost) {
    static Arguments of(JsonValue.Arr array) {
      return new Arguments(
          array.elements(), 1 + array.elements().stream().mapToLong(StepBudget::of).sum());
    }
  }

  private SelectorReader() {}

  /** Reads a non-empty selector. */
  static Condition read(JsonValue.Obj selector) {
    Condition condition = condition(selector, "", false, 1);
    if (condition instanceof Condition.At at && at.path().names().isEmpty()) {
      throw new SelectorException(
          "invalid_selector", "One or more conditions is missing a field name.");
    }
    return condition;
  }

  private static Condition condition(
      JsonValue selector, String path, boolean negated, int depth) {
    if (depth > Selector.DEPTH_MAX) {
      throw new SelectorException(
          "invalid_selector", "A selector is at most " + Selector.DEPTH_MAX + " deep.");
    }
    if (!(selector instanceof JsonValue.Obj(Map<String, JsonValue> members))
        || members.isEmpty()) {
      return comparison(ValueTest.Comparison.EQUAL, selector, path, negated);
    }
    List<Condition> conditions = new ArrayList<>(members.size());
    members.forEach(
        (name, value) -> conditions.add(
            name.startsWith("$")
                ? operator(name, value, path, negated, depth)
                : condition(value, joined(path, name), negated, depth + 1)));
    return conditions.size() == 1 ? conditions.getFirst() : both(conditions, !negated);
  }

  /** A conjunction; inside a negation it becomes a disjunction. */
  private static Condition both(List<Condition> conditions, boolean all) {
    return all ? new Condition.All(conditions) : new Condition.Any(conditions);
  }

  private static String joined(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static Condition operator(
      String name, JsonValue argument, String path, boolean negated, int depth) {
    return switch (name) {
      case "$and" ->
          both(conditions(name, argument, path, negated, depth), !negated);
      case "$or" -> both(conditions(name, argument, path, negated, depth), negated);
      case "$nor" -> both(conditions(name, argument, path, !negated, depth), !negated);
      case "$not" -> condition(object(name, argument), path, !negated, depth + 1);
      case "$lt" -> comparison(ValueTest.Comparison.LESS, argument, path, negated);
      case "$lte" -> comparison(ValueTest.Comparison.LESS_OR_EQUAL, argument, path, negated);
      case "$eq" -> comparison(ValueTest.Comparison.EQUAL, argument, path, negated);
      case "$ne" -> comparison(ValueTest.Comparison.NOT_EQUAL, argument, path, negated);
      case "$gte" -> comparison(ValueTest.Comparison.GREATER_OR_EQUAL, argument, path, negated);
      case "$gt" -> comparison(ValueTest.Comparison.GREATER, argument, path, negated);
      case "$exists" -> at(path, new ValueTest.Exists(flag(name, argument) != negated));
      case "$in" -> at(path, in(name, argument, path), negated);
      case "$nin" -> at(path, in(name, argument, path), !negated);
      default -> at(path, test(name, argument, depth), negated);
    };
  }

  private static ValueTest test(String name, JsonValue argument, int depth) {
    return switch (name) {
      case "$all" -> {
        Arguments all = Arguments.of(array(name, argument));
        yield new ValueTest.HasAll(all.values(), all.cost());
      }
      case "$elemMatch" ->
          new ValueTest.AnyElement(condition(object(name, argument), "", false, depth + 1));
      case "$allMatch" ->
          new ValueTest.EveryElement(condition(object(name, argument), "", false, depth + 1));
      case "$keyMapMatch" ->
          new ValueTest.AnyName(condition(object(name, argument), "", false, depth + 1));
      case "$type" -> {
        if (argument instanceof JsonValue.Str(String type)) {
          yield new ValueTest.HasType(type);
        }
        throw badArgument(name, argument);
      }
      case "$mod" -> remainder(name, argument);
      case "$size" -> {
        if (argument instanceof JsonValue.Num n && n.isInteger()) {
          BigInteger size = new BigInteger(n.text());
          if (size.signum() >= 0) {
            yield new ValueTest.HasSize(size);
          }
        }
        throw badArgument(name, argument);
      }
      case "$regex" -> {
        String pattern = text(name, argument);
        try {
          yield new ValueTest.Matches(Regex.of(pattern));
        } catch (IllegalArgumentException e) {
          throw badArgument(name, argument);
        }
      }
      case "$beginsWith" -> new ValueTest.BeginsWith(text(name, argument));
      default -> throw unknown(name);
    };
  }

  private static SelectorException unknown(String name) {
    return UNSUPPORTED.contains(name)
        ? new SelectorException("not_supported", "Unsupported operator: " + name)
        : new SelectorException("invalid_operator", "Invalid operator: " + name);
  }

  private static Condition comparison(
      ValueTest.Comparison comparison, JsonValue argument, String path, boolean negated) {
    return at(
        path,
        new ValueTest.Compare(
            negated ? comparison.negated() : comparison,
            argument,
            order(path),
            StepBudget.of(argument)));
  }

  private static ValueTest in(String name, JsonValue argument, String path) {
    Arguments arguments = Arguments.of(array(name, argument));
    return new ValueTest.In(arguments.values(), order(path), arguments.cost());
  }

  /** Ids compare by their bytes, as in {@code _all_docs}. */
  private static JsonOrder order(String path) {
    return path.equals("_id") ? JsonOrder.RAW : JsonOrder.COLLATED;
  }

  private static ValueTest remainder(String name, JsonValue argument) {
    if (argument instanceof JsonValue.Arr(List<JsonValue> parts)
        && parts.size() == 2
        && parts.getFirst() instanceof JsonValue.Num divisor
        && parts.getLast() instanceof JsonValue.Num remainder
        && divisor.isInteger()
        && remainder.isInteger()) {
      BigInteger by = new BigInteger(divisor.text());
      if (by.signum() != 0) {
        return new ValueTest.Remainder(by, new BigInteger(remainder.text()));
      }
    }
    throw badArgument(name, argument);
  }

  private static Condition at(String path, ValueTest test) {
    return new Condition.At(FieldPath.parse(path), test);
  }

  private static Condition at(String path, ValueTest test, boolean negated) {
    return at(path, negated ? new ValueTest.Not(test) : test);
  }

  private static List<Condition> conditions(
      String name, JsonValue argument, String path, boolean negated, int depth) {
    List<Condition> conditions = new ArrayList<>();
    for (JsonValue element : array(name, argument).elements()) {
      conditions.add(condition(element, path, negated, depth + 1));
    }
    return conditions;
  }

  private static JsonValue.Arr array(String name, JsonValue argument) {
    if (argument instanceof JsonValue.Arr array) {
      return array;
    }
    throw badArgument(name, argument);
  }

  private static JsonValue.Obj object(String name, JsonValue argument) {
    if (argument instanceof JsonValue.Obj object) {
      return object;
    }
    throw badArgument(name, argument);
  }

  private static boolean flag(String name, JsonValue argument) {
    if (argument == JsonValue.Literal.TRUE || argument == JsonValue.Literal.FALSE) {
      return argument == JsonValue.Literal.TRUE;
    }
    throw badArgument(name, argument);
  }

  /** CouchDB knows these operators only with arguments of this type. */
  private static String text(String name, JsonValue argument) {
    if (argument instanceof JsonValue.Str(String text)) {
      return text;
    }
    throw unknown(name);
  }

  private static SelectorException badArgument(String name, JsonValue argument) {
    JsonBuffer json = new JsonBuffer();
    argument.appendTo(json);
    return new SelectorException(
        "bad_arg", "Bad argument for operator " + name + ": " + json);
  }
}
