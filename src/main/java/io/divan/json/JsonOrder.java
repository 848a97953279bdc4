package io.divan.json;

import com.ibm.icu.text.Collator;
import com.ibm.icu.util.ULocale;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * CouchDB's orders of JSON values. Safe for use by many threads.
 *
 * <p>See "Collation specification" in CouchDB's documentation of views.
 */
public enum JsonOrder implements Comparator<JsonValue> {
  /**
   * The order of CouchDB's views: null, false, true, numbers, strings in ICU's root collation,
   * arrays, objects. Objects compare member by member in their order, and a prefix sorts first.
   */
  COLLATED(JsonOrder::rank) {
    @Override
    int compareText(String a, String b) {
      return collate(a, b);
    }
  },

  /**
   * The order that CouchDB uses for {@code _id} in a selector: numbers, false, null, true, objects,
   * arrays, strings by their UTF-8 bytes.
   */
  RAW(JsonOrder::rawRank) {
    @Override
    int compareText(String a, String b) {
      return compareCodePoints(a, b);
    }
  };

  private static final Collator COLLATOR = Collator.getInstance(ULocale.ROOT).freeze();

  private final ToIntFunction<JsonValue> rank;

  JsonOrder(ToIntFunction<JsonValue> rank) {
    this.rank = rank;
  }

  abstract int compareText(String a, String b);

  @Override
  public int compare(JsonValue a, JsonValue b) {
    int ranks = Integer.compare(rank.applyAsInt(a), rank.applyAsInt(b));
    if (ranks != 0) {
      return ranks;
    }
    if (a instanceof JsonValue.Num x && b instanceof JsonValue.Num y) {
      return Decimal.compare(x.text(), y.text());
    }
    if (a instanceof JsonValue.Str x && b instanceof JsonValue.Str y) {
      return compareText(x.text(), y.text());
    }
    if (a instanceof JsonValue.Arr x && b instanceof JsonValue.Arr y) {
      return compareArrays(x.elements(), y.elements());
    }
    if (a instanceof JsonValue.Obj x && b instanceof JsonValue.Obj y) {
      return compareObjects(x.members(), y.members());
    }
    return 0; // the same literal
  }

  private int compareArrays(List<JsonValue> a, List<JsonValue> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int elements = compare(a.get(i), b.get(i));
      if (elements != 0) {
        return elements;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  private int compareObjects(Map<String, JsonValue> a, Map<String, JsonValue> b) {
    Iterator<Map.Entry<String, JsonValue>> others = b.entrySet().iterator();
    for (Map.Entry<String, JsonValue> member : a.entrySet()) {
      if (!others.hasNext()) {
        return 1;
      }
      Map.Entry<String, JsonValue> other = others.next();
      int names = compareText(member.getKey(), other.getKey());
      if (names != 0) {
        return names;
      }
      int values = compare(member.getValue(), other.getValue());
      if (values != 0) {
        return values;
      }
    }
    return others.hasNext() ? -1 : 0;
  }

  private static int rank(JsonValue value) {
    return switch (value) {
      case JsonValue.Literal literal -> literal.ordinal();
      case JsonValue.Num n -> 3;
      case JsonValue.Str s -> 4;
      case JsonValue.Arr a -> 5;
      case JsonValue.Obj o -> 6;
    };
  }

  private static int rawRank(JsonValue value) {
    return switch (value) {
      case JsonValue.Num n -> 0;
      case JsonValue.Literal literal ->
          switch (literal) {
            case FALSE -> 1;
            case NULL -> 2;
            case TRUE -> 3;
          };
      case JsonValue.Obj o -> 4;
      case JsonValue.Arr a -> 5;
      case JsonValue.Str s -> 6;
    };
  }

  /** Compares by ICU's root collation, in which some different strings are equal. */
  static int collate(String a, String b) {
    return a.equals(b) ? 0 : COLLATOR.compare(a, b);
  }

  /** Compares by code point, which is the order of UTF-8 but not of UTF-16. */
  public static int compareCodePoints(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean surrogates = Character.isSurrogate(x) && Character.isSurrogate(y);
        return surrogates || !Character.isSurrogate(x) && !Character.isSurrogate(y)
            ? Character.compare(x, y)
            : (Character.isSurrogate(x) ? 1 : -1);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /**
   * Whether two values are identical: equal strings, the same members in the same order, and
   * numbers of equal value that are both integers or both not.
   */
  public static boolean identical(JsonValue a, JsonValue b) {
    return switch (a) {
      case JsonValue.Num x ->
          b instanceof JsonValue.Num y
              && x.isInteger() == y.isInteger()
              && Decimal.compare(x.text(), y.text()) == 0;
      case JsonValue.Arr x ->
          b instanceof JsonValue.Arr y && identical(x.elements(), y.elements());
      case JsonValue.Obj x ->
          b instanceof JsonValue.Obj y
              && List.copyOf(x.members().keySet()).equals(List.copyOf(y.members().keySet()))
              && identical(
                  List.copyOf(x.members().values()), List.copyOf(y.members().values()));
      case JsonValue.Literal x -> x == b;
      case JsonValue.Str x -> x.equals(b);
    };
  }

  private static boolean identical(List<JsonValue> a, List<JsonValue> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!identical(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }
}
