package io.divan.query.selector;

import io.divan.json.JsonOrder;
import io.divan.json.JsonValue;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds the conditions of a selector in normal form. Not safe for use by several threads. */
final class SelectorReader {
  private final Map<FieldPath, Integer> slots = new LinkedHashMap<>();

  /** Adds up the cost of the arguments once, when the selector is read. */
  private record Arguments(List<JsonValue> values, long cost) {
    static Arguments of(JsonValue array) {
      List<JsonValue> values = ((JsonValue.Arr) array).elements();
      return new Arguments(values, 1 + values.stream().mapToLong(StepBudget::of).sum());
    }
  }

  /**
   * Builds a condition.
   *
   * @param normal a non-empty selector in normal form
   * @throws SelectorException.TextSearch if it contains {@code $text}
   */
  Condition read(JsonValue.Obj normal) {
    return condition(normal, true);
  }

  /** The paths of the document that the conditions test, in the order of their slots. */
  List<FieldPath> paths() {
    return List.copyOf(slots.keySet());
  }

  /** Builds a condition on the document, or on a value inside it. */
  private Condition condition(JsonValue selector, boolean ofDocument) {
    Map.Entry<String, JsonValue> member = SelectorNormalizer.only((JsonValue.Obj) selector);
    JsonValue argument = member.getValue();
    return switch (member.getKey()) {
      case "$and" -> new Condition.All(conditions(argument, ofDocument));
      case "$or" -> new Condition.Any(conditions(argument, ofDocument));
      case "$nor" -> new Condition.Not(new Condition.Any(conditions(argument, ofDocument)));
      case "$not" -> new Condition.Not(condition(argument, ofDocument));
      case SelectorNormalizer.TEXT_FIELD -> throw new SelectorException.TextSearch();
      default -> {
        String name = member.getKey();
        FieldPath path = FieldPath.parse(name);
        int slot = ofDocument ? slots.computeIfAbsent(path, p -> slots.size()) : 0;
        yield new Condition.At(path, slot, test((JsonValue.Obj) argument, name));
      }
    };
  }

  private List<Condition> conditions(JsonValue list, boolean ofDocument) {
    return ((JsonValue.Arr) list)
        .elements().stream().map(element -> condition(element, ofDocument)).toList();
  }

  private ValueTest test(JsonValue.Obj operator, String field) {
    String name = SelectorNormalizer.only(operator).getKey();
    JsonValue argument = SelectorNormalizer.only(operator).getValue();
    return switch (name) {
      case "$lt" -> comparison(ValueTest.Comparison.LESS, argument, field);
      case "$lte" -> comparison(ValueTest.Comparison.LESS_OR_EQUAL, argument, field);
      case "$eq" -> comparison(ValueTest.Comparison.EQUAL, argument, field);
      case "$ne" -> comparison(ValueTest.Comparison.NOT_EQUAL, argument, field);
      case "$gte" -> comparison(ValueTest.Comparison.GREATER_OR_EQUAL, argument, field);
      case "$gt" -> comparison(ValueTest.Comparison.GREATER, argument, field);
      case "$exists" -> new ValueTest.Exists(argument == JsonValue.Literal.TRUE);
      case "$in" -> in(argument, field);
      case "$nin" -> new ValueTest.Not(in(argument, field));
      case "$not" -> new ValueTest.Not(test((JsonValue.Obj) argument, field));
      case "$all" -> {
        Arguments all = Arguments.of(argument);
        yield new ValueTest.HasAll(all.values(), all.cost());
      }
      case "$elemMatch" -> new ValueTest.AnyElement(condition(argument, false));
      case "$allMatch" -> new ValueTest.EveryElement(condition(argument, false));
      case "$keyMapMatch" -> new ValueTest.AnyName(condition(argument, false));
      case "$type" -> new ValueTest.HasType(text(argument));
      case "$mod" -> {
        List<JsonValue> parts = ((JsonValue.Arr) argument).elements();
        yield new ValueTest.Remainder(integer(parts.getFirst()), integer(parts.getLast()));
      }
      case "$size" -> new ValueTest.HasSize(integer(argument));
      case "$regex" -> new ValueTest.Matches(Regex.of(text(argument)));
      case "$beginsWith" -> new ValueTest.BeginsWith(text(argument));
      default -> throw new IllegalStateException("Not in normal form: " + name);
    };
  }

  private static BigInteger integer(JsonValue number) {
    return new BigInteger(((JsonValue.Num) number).text());
  }

  private static String text(JsonValue string) {
    return ((JsonValue.Str) string).text();
  }

  private static ValueTest comparison(
      ValueTest.Comparison comparison, JsonValue argument, String field) {
    return new ValueTest.Compare(comparison, argument, order(field), StepBudget.of(argument));
  }

  private static ValueTest in(JsonValue argument, String field) {
    Arguments arguments = Arguments.of(argument);
    return new ValueTest.In(arguments.values(), order(field), arguments.cost());
  }

  /** Ids compare by their bytes, as in {@code _all_docs}. */
  private static JsonOrder order(String field) {
    return field.equals("_id") ? JsonOrder.RAW : JsonOrder.COLLATED;
  }
}
