package io.divan.query.plan;

import io.divan.json.JsonOrder;
import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an index can know of the fields of a selector in normal form. The rules are those of
 * CouchDB's {@code mango_selector} and {@code mango_idx_view}.
 */
final class SelectorFields {
  private static final Set<String> INDEXABLE =
      Set.of("$lt", "$lte", "$eq", "$gt", "$gte", "$beginsWith", "$exists");

  /** Conditions without arguments that CouchDB does not run, if they are the whole selector. */
  private static final Set<String> WITHOUT_RESULTS = Set.of("$and", "$or");

  private SelectorFields() {}

  private static Map.Entry<String, JsonValue> only(JsonValue object) {
    return ((JsonValue.Obj) object).members().entrySet().iterator().next();
  }

  private static boolean isEmpty(JsonValue.Obj selector) {
    return selector.members().isEmpty();
  }

  private static List<JsonValue> list(JsonValue array) {
    return ((JsonValue.Arr) array).elements();
  }

  /** The fields of all conditions, in their order. */
  static List<String> all(JsonValue.Obj selector) {
    List<String> fields = new ArrayList<>();
    if (!isEmpty(selector)) {
      addAll(selector, fields);
    }
    return fields;
  }

  private static void addAll(JsonValue condition, List<String> fields) {
    Map.Entry<String, JsonValue> member = only(condition);
    if (member.getKey().startsWith("$")) {
      list(member.getValue()).forEach(argument -> addAll(argument, fields));
    } else {
      fields.add(member.getKey());
    }
  }

  /** The fields with a condition that a range of an index can serve, sorted by bytes. */
  static Set<String> indexable(JsonValue.Obj selector) {
    Set<String> fields = new TreeSet<>(JsonOrder::compareCodePoints);
    if (!isEmpty(selector)) {
      addIndexable(selector, fields);
    }
    return fields;
  }

  private static void addIndexable(JsonValue condition, Set<String> fields) {
    Map.Entry<String, JsonValue> member = only(condition);
    if (member.getKey().equals("$and")) {
      list(member.getValue()).forEach(argument -> addIndexable(argument, fields));
    } else if (!member.getKey().startsWith("$")
        && INDEXABLE.contains(only(member.getValue()).getKey())) {
      fields.add(member.getKey());
    }
  }

  /**
   * The range of each indexable field, sorted by name. If the conditions on a field contradict each
   * other, the result has this field only.
   */
  static Map<String, FieldRange> ranges(JsonValue.Obj selector) {
    Map<String, FieldRange> ranges = new LinkedHashMap<>();
    for (String field : indexable(selector)) {
      FieldRange range = narrowed(selector, field, FieldRange.ALL);
      if (range.empty()) {
        return Map.of(field, range);
      }
      ranges.put(field, range);
    }
    return ranges;
  }

  private static FieldRange narrowed(JsonValue condition, String field, FieldRange range) {
    Map.Entry<String, JsonValue> member = only(condition);
    FieldRange narrowed = range;
    if (member.getKey().equals("$and")) {
      for (JsonValue argument : list(member.getValue())) {
        narrowed = narrowed(argument, field, narrowed);
      }
    } else if (member.getKey().equals(field)) {
      Map.Entry<String, JsonValue> operator = only(member.getValue());
      narrowed = range.narrowed(operator.getKey(), operator.getValue());
    }
    return narrowed;
  }

  /** Whether every document that matches has all of these fields. */
  static boolean requires(JsonValue.Obj selector, Set<String> fields) {
    return notRequired(selector, fields).isEmpty();
  }

  private static Set<String> notRequired(JsonValue.Obj selector, Set<String> fields) {
    return isEmpty(selector) || fields.isEmpty() ? fields : left(selector, fields);
  }

  private static Set<String> left(JsonValue condition, Set<String> fields) {
    Map.Entry<String, JsonValue> member = only(condition);
    Set<String> left = new HashSet<>();
    switch (member.getKey()) {
      case "$and" -> {
        left.addAll(fields);
        for (JsonValue argument : list(member.getValue())) {
          left = left(argument, left);
        }
      }
      case "$or" -> {
        for (JsonValue argument : list(member.getValue())) {
          left.addAll(left(argument, fields));
        }
      }
      default -> {
        left.addAll(fields);
        Map.Entry<String, JsonValue> operator = only(member.getValue());
        if (!operator.getKey().equals("$exists")
            || operator.getValue() != JsonValue.Literal.FALSE) {
          left.remove(member.getKey());
        }
      }
    }
    return left;
  }

  /** Whether a field has the same value in all documents that match. */
  static boolean isConstant(JsonValue.Obj selector, String field) {
    return !isEmpty(selector) && constant(selector, field);
  }

  private static boolean constant(JsonValue condition, String field) {
    Map.Entry<String, JsonValue> member = only(condition);
    return member.getKey().equals("$and")
        ? list(member.getValue()).stream().anyMatch(argument -> constant(argument, field))
        : member.getKey().equals(field) && only(member.getValue()).getKey().equals("$eq");
  }

  /** Whether CouchDB returns nothing for a selector without looking at documents. */
  static boolean hasNoResults(JsonValue.Obj selector) {
    return !isEmpty(selector)
        && WITHOUT_RESULTS.contains(only(selector).getKey())
        && list(only(selector).getValue()).isEmpty();
  }
}
