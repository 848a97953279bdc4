package io.divan.query.selector;

import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The path of a field: names separated by dots. A backslash makes the next dot part of a name. In
 * an array, a name of digits is the index of an element.
 *
 * @param names the names, outermost first; empty for the value itself
 */
record FieldPath(List<String> names) {
  private static final int INDEX_DIGITS_MAX = 9;

  FieldPath {
    names = List.copyOf(names);
  }

  /** The result of a lookup. */
  sealed interface Found {
    /** The path has a value. */
    record Value(JsonValue value) implements Found {}

    /** An object on the path lacks the next name. */
    record Missing() implements Found {}

    /** A value on the path is neither an object nor an array with that index. */
    record NoPath() implements Found {}
  }

  private static final Found MISSING = new Found.Missing();
  private static final Found NO_PATH = new Found.NoPath();

  static FieldPath parse(String text) {
    if (text.isEmpty()) {
      return new FieldPath(List.of());
    }
    List<String> names = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length()
          || text.charAt(i) == '.' && (i == 0 || text.charAt(i - 1) != '\\')) {
        if (i == from) {
          throw new SelectorException("invalid_field_name", "Invalid field name: " + text);
        }
        names.add(text.substring(from, i).replace("\\", ""));
        from = i + 1;
      }
    }
    return new FieldPath(names);
  }

  Found find(JsonValue value) {
    JsonValue here = value;
    for (String name : names) {
      switch (here) {
        case JsonValue.Obj(Map<String, JsonValue> members) -> {
          JsonValue member = members.get(name);
          if (member == null) {
            return MISSING;
          }
          here = member;
        }
        case JsonValue.Arr(List<JsonValue> elements) -> {
          int index = index(name);
          if (index < 0 || index >= elements.size()) {
            return NO_PATH;
          }
          here = elements.get(index);
        }
        default -> {
          return NO_PATH;
        }
      }
    }
    return new Found.Value(here);
  }

  private static int index(String name) {
    boolean digits =
        !name.isEmpty()
            && name.length() <= INDEX_DIGITS_MAX
            && name.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits ? Integer.parseInt(name) : -1;
  }
}
