package io.divan.query.selector;

import io.divan.json.JsonValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Brings a selector into CouchDB's normal form, which {@code _explain} shows and from which indexes
 * are chosen. Every object of the normal form has one member: {@code $and}, {@code $or} or a field
 * with one operator.
 *
 * <p>The work is done in three passes, as in CouchDB's {@code mango_selector}: operators become
 * explicit and are checked, the names of nested fields are joined, and negations move to the
 * operators. The arguments of {@code $elemMatch}, {@code $allMatch} and {@code $keyMapMatch} keep
 * their negations.
 */
final class SelectorNormalizer {
  static final String TEXT_FIELD = "$default";

  private static final Set<String> UNSUPPORTED =
      Set.of("$where", "$geoWithin", "$geoIntersects", "$near", "$nearSphere");
  private static final Map<String, String> OPPOSITES =
      Map.of(
          "$lt", "$gte", "$lte", "$gt", "$eq", "$ne", "$ne", "$eq", "$gte", "$lt", "$gt", "$lte",
          "$in", "$nin", "$nin", "$in");

  private SelectorNormalizer() {}

  /**
   * Returns the normal form. An empty selector is its own.
   *
   * @throws SelectorException if it is not a selector
   */
  static JsonValue.Obj normalize(JsonValue.Obj selector) {
    if (selector.members().isEmpty()) {
      return selector;
    }
    JsonValue.Obj normal = negations(fields(operators(selector, 1), ""));
    if (normal.members().containsKey("")) {
      throw new SelectorException(
          "invalid_selector", "One or more conditions is missing a field name.");
    }
    return normal;
  }

  /** The only member of an object. */
  static Map.Entry<String, JsonValue> only(JsonValue.Obj object) {
    return object.members().entrySet().iterator().next();
  }

  private static JsonValue.Obj one(String name, JsonValue value) {
    return new JsonValue.Obj(Map.of(name, value));
  }

  private static JsonValue.Arr each(JsonValue list, UnaryOperator<JsonValue.Obj> pass) {
    List<JsonValue> results = new ArrayList<>();
    for (JsonValue element : ((JsonValue.Arr) list).elements()) {
      results.add(pass.apply((JsonValue.Obj) element));
    }
    return new JsonValue.Arr(results);
  }

  /** Makes the operators {@code $and} and {@code $eq} explicit, and checks all arguments. */
  private static JsonValue.Obj operators(JsonValue selector, int depth) {
    if (depth > Selector.DEPTH_MAX) {
      throw new SelectorException(
          "invalid_selector", "A selector is at most " + Selector.DEPTH_MAX + " deep.");
    }
    if (!(selector instanceof JsonValue.Obj object) || object.members().isEmpty()) {
      return one("$eq", selector);
    }
    if (object.members().size() > 1) {
      List<JsonValue> all = new ArrayList<>();
      object.members().forEach((name, value) -> all.add(operators(one(name, value), depth)));
      return one("$and", new JsonValue.Arr(all));
    }
    String name = only(object).getKey();
    JsonValue argument = only(object).getValue();
    return switch (name) {
      case "$and", "$or", "$nor" -> {
        List<JsonValue> conditions = new ArrayList<>();
        for (JsonValue element : list(name, argument).elements()) {
          conditions.add(operators(element, depth + 1));
        }
        yield one(name, new JsonValue.Arr(conditions));
      }
      case "$not", "$elemMatch", "$allMatch", "$keyMapMatch" -> {
        if (!(argument instanceof JsonValue.Obj)) {
          throw badArgument(name, argument);
        }
        yield one(name, operators(argument, depth + 1));
      }
      case "$text" -> one(TEXT_FIELD, one("$text", text(argument)));
      default -> {
        if (!name.startsWith("$")) {
          yield one(name, operators(argument, depth + 1));
        }
        check(name, argument);
        yield object;
      }
    };
  }

  private static JsonValue text(JsonValue argument) {
    return switch (argument) {
      case JsonValue.Str text -> text;
      case JsonValue.Num number -> number;
      case JsonValue.Literal literal when literal != JsonValue.Literal.NULL -> literal;
      default -> throw badArgument("$text", argument);
    };
  }

  private static void check(String name, JsonValue argument) {
    boolean good =
        switch (name) {
          case "$lt", "$lte", "$eq", "$ne", "$gte", "$gt", TEXT_FIELD -> true;
          case "$in", "$nin", "$all" -> argument instanceof JsonValue.Arr;
          case "$exists" ->
              argument == JsonValue.Literal.TRUE || argument == JsonValue.Literal.FALSE;
          case "$type" -> argument instanceof JsonValue.Str;
          case "$mod" -> isDivision(argument);
          case "$size" -> argument instanceof JsonValue.Num n && n.isInteger() && !isNegative(n);
          case "$regex" -> isRegex(string(name, argument));
          case "$beginsWith" -> {
            string(name, argument);
            yield true;
          }
          default -> throw unknown(name);
        };
    if (!good) {
      throw badArgument(name, argument);
    }
  }

  private static boolean isNegative(JsonValue.Num integer) {
    return new BigInteger(integer.text()).signum() < 0;
  }

  private static boolean isDivision(JsonValue argument) {
    return argument instanceof JsonValue.Arr(List<JsonValue> parts)
        && parts.size() == 2
        && parts.getFirst() instanceof JsonValue.Num divisor
        && parts.getLast() instanceof JsonValue.Num remainder
        && divisor.isInteger()
        && remainder.isInteger()
        && new BigInteger(divisor.text()).signum() != 0;
  }

  private static boolean isRegex(String pattern) {
    try {
      Regex.of(pattern);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** CouchDB knows these operators only with arguments of this type. */
  private static String string(String name, JsonValue argument) {
    if (argument instanceof JsonValue.Str(String text)) {
      return text;
    }
    throw unknown(name);
  }

  private static JsonValue.Arr list(String name, JsonValue argument) {
    if (argument instanceof JsonValue.Arr list) {
      return list;
    }
    throw badArgument(name, argument);
  }

  private static SelectorException unknown(String name) {
    return UNSUPPORTED.contains(name)
        ? new SelectorException("not_supported", "Unsupported operator: " + name)
        : new SelectorException("invalid_operator", "Invalid operator: " + name);
  }

  private static SelectorException badArgument(String name, JsonValue argument) {
    return new SelectorException(
        "bad_arg", "Bad argument for operator " + name + ": " + argument.toJson());
  }

  /** Moves the names of fields down to the operators, joined by dots. */
  private static JsonValue.Obj fields(JsonValue.Obj selector, String path) {
    String name = only(selector).getKey();
    JsonValue argument = only(selector).getValue();
    return switch (name) {
      case "$and", "$or", "$nor" -> one(name, each(argument, arg -> fields(arg, path)));
      case "$not" -> one(name, fields((JsonValue.Obj) argument, path));
      case "$elemMatch", "$allMatch", "$keyMapMatch" ->
          one(path, one(name, fields((JsonValue.Obj) argument, "")));
      case TEXT_FIELD -> {
        if (!path.isEmpty()
            || !(argument instanceof JsonValue.Obj object)
            || !object.members().keySet().equals(Set.of("$text"))) {
          throw new SelectorException(
              "bad_field", "Invalid field normalization on selector: " + selector.toJson());
        }
        yield selector;
      }
      default ->
          name.startsWith("$")
              ? one(path, selector)
              : fields((JsonValue.Obj) argument, path.isEmpty() ? name : path + "." + name);
    };
  }

  /** Moves negations down to the operators. */
  private static JsonValue.Obj negations(JsonValue.Obj selector) {
    String name = only(selector).getKey();
    JsonValue argument = only(selector).getValue();
    return switch (name) {
      case "$not" -> negated((JsonValue.Obj) argument);
      case "$nor" -> one("$and", each(argument, SelectorNormalizer::negated));
      case "$and", "$or" -> one(name, each(argument, SelectorNormalizer::negations));
      default -> selector;
    };
  }

  private static JsonValue.Obj negated(JsonValue.Obj selector) {
    String name = only(selector).getKey();
    JsonValue argument = only(selector).getValue();
    String opposite = OPPOSITES.get(name);
    if (opposite != null) {
      return one(opposite, argument);
    }
    return switch (name) {
      case "$not" -> negations((JsonValue.Obj) argument);
      case "$nor" -> one("$or", each(argument, SelectorNormalizer::negations));
      case "$and" -> one("$or", each(argument, SelectorNormalizer::negated));
      case "$or" -> one("$and", each(argument, SelectorNormalizer::negated));
      case TEXT_FIELD -> throw badArgument("$not", selector);
      case "$exists" ->
          one(
              name,
              argument == JsonValue.Literal.TRUE
                  ? JsonValue.Literal.FALSE
                  : JsonValue.Literal.TRUE);
      default ->
          name.startsWith("$")
              ? one("$not", selector)
              : one(name, negated((JsonValue.Obj) argument));
    };
  }
}
