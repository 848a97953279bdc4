package io.divan.record;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A condition on a record. {@code toString()} is its text.
 *
 * <p>Null is as in SQL: a condition on a field that is null or missing is neither true nor false,
 * so neither the condition nor its negation finds the record. {@link IsNull} is the exception.
 * Values compare as they sort in keys: text by its UTF-8 bytes, arrays element by element, false
 * before true, −0.0 before 0.0.
 */
public sealed interface Predicate {
  /** The greatest depth of nested conditions. */
  int DEPTH_MAX = 100;

  /** The most values of {@link In}. */
  int VALUES_MAX = 10_000;

  /** A comparison. */
  enum Op {
    EQ("="),
    NE("<>"),
    LT("<"),
    LE("<="),
    GT(">"),
    GE(">=");

    private final String text;

    Op(String text) {
      this.text = text;
    }

    /** Returns the comparison that is true where this one is false. */
    public Op negated() {
      return switch (this) {
        case EQ -> NE;
        case NE -> EQ;
        case LT -> GE;
        case GE -> LT;
        case GT -> LE;
        case LE -> GT;
      };
    }

    /** Returns whether the result of a comparison of two values fulfils this one. */
    public boolean holds(int order) {
      return switch (this) {
        case EQ -> order == 0;
        case NE -> order != 0;
        case LT -> order < 0;
        case LE -> order <= 0;
        case GT -> order > 0;
        case GE -> order >= 0;
      };
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** The field compares so with the value. */
  record Compare(String field, Op op, Object value) implements Predicate {
    public Compare {
      value = literal(value);
    }

    @Override
    public String toString() {
      return field + " " + op + " " + Values.literal(value);
    }
  }

  /** The field equals one of the values. */
  record In(String field, List<Object> values) implements Predicate {
    public In {
      if (values.size() > VALUES_MAX) {
        throw new IllegalArgumentException(
            "A condition has at most " + VALUES_MAX + " values, not " + values.size());
      }
      values = values.stream().map(Predicate::literal).toList();
    }

    @Override
    public String toString() {
      return field
          + " in "
          + values.stream().map(Values::literal).collect(Collectors.joining(", ", "(", ")"));
    }
  }

  /** The field is text or bytes that begin with the prefix. */
  record StartsWith(String field, Object prefix) implements Predicate {
    public StartsWith {
      if (!(prefix instanceof String) && !(prefix instanceof byte[])) {
        throw new IllegalArgumentException("A prefix is text or bytes");
      }
      prefix = literal(prefix);
    }

    @Override
    public String toString() {
      return field + " starts with " + Values.literal(prefix);
    }
  }

  /** The field is null or missing. */
  record IsNull(String field) implements Predicate {
    @Override
    public String toString() {
      return field + " is null";
    }
  }

  /** The field is an array that has the value as an element. */
  record Contains(String field, Object value) implements Predicate {
    public Contains {
      value = literal(value);
    }

    @Override
    public String toString() {
      return field + " contains " + Values.literal(value);
    }
  }

  /** All of the conditions are true. */
  record And(List<Predicate> parts) implements Predicate {
    public And {
      parts = List.copyOf(parts);
    }

    @Override
    public String toString() {
      return parts.isEmpty() ? "true" : join(parts, " and ");
    }
  }

  /** At least one of the conditions is true. */
  record Or(List<Predicate> parts) implements Predicate {
    public Or {
      parts = List.copyOf(parts);
    }

    @Override
    public String toString() {
      return parts.isEmpty() ? "false" : join(parts, " or ");
    }
  }

  /** The condition is false. */
  record Not(Predicate part) implements Predicate {
    @Override
    public String toString() {
      return part instanceof IsNull(String field) ? field + " is not null" : "not (" + part + ")";
    }
  }

  /**
   * A condition in Java. No index supports it. It must depend on the record only, because a query
   * may evaluate it any number of times.
   *
   * @param test whether a record fulfils it
   * @param text describes it. The continuation of a query with another text is refused, so
   *     different conditions need different texts
   */
  record Test(java.util.function.Predicate<Rec> test, String text) implements Predicate {
    @Override
    public String toString() {
      return text;
    }
  }

  /** Returns the condition that all records fulfil. */
  static Predicate all() {
    return new And(List.of());
  }

  /** The field equals the value. */
  static Predicate eq(String field, Object value) {
    return new Compare(field, Op.EQ, value);
  }

  /** The field has another value. */
  static Predicate ne(String field, Object value) {
    return new Compare(field, Op.NE, value);
  }

  /** The field is less than the value. */
  static Predicate lt(String field, Object value) {
    return new Compare(field, Op.LT, value);
  }

  /** The field is less than the value, or equals it. */
  static Predicate le(String field, Object value) {
    return new Compare(field, Op.LE, value);
  }

  /** The field is greater than the value. */
  static Predicate gt(String field, Object value) {
    return new Compare(field, Op.GT, value);
  }

  /** The field is greater than the value, or equals it. */
  static Predicate ge(String field, Object value) {
    return new Compare(field, Op.GE, value);
  }

  /** The field lies between two values, or equals one of them. */
  static Predicate between(String field, Object least, Object greatest) {
    return and(ge(field, least), le(field, greatest));
  }

  /** The field equals one of the values. */
  static Predicate in(String field, Object... values) {
    return new In(field, Arrays.asList(values));
  }

  /** The field begins with a text. */
  static Predicate startsWith(String field, String prefix) {
    return new StartsWith(field, prefix);
  }

  /** The field begins with bytes. */
  static Predicate startsWith(String field, byte[] prefix) {
    return new StartsWith(field, prefix);
  }

  /** The field is null or missing. */
  static Predicate isNull(String field) {
    return new IsNull(field);
  }

  /** The array has the value as an element. */
  static Predicate contains(String field, Object value) {
    return new Contains(field, value);
  }

  /** All of the conditions are true. */
  static Predicate and(Predicate... parts) {
    return new And(List.of(parts));
  }

  /** At least one of the conditions is true. */
  static Predicate or(Predicate... parts) {
    return new Or(List.of(parts));
  }

  /** The condition is false. */
  static Predicate not(Predicate part) {
    return new Not(part);
  }

  /** A condition in Java; see {@link Test}. */
  static Predicate test(java.util.function.Predicate<Rec> test, String text) {
    return new Test(test, text);
  }

  /** Returns a value as records hold it. */
  private static Object literal(@Nullable Object value) {
    Object normal = Values.normal(value);
    if (normal == null) {
      throw new RecordException.Invalid("A condition compares with null; use isNull");
    }
    return normal;
  }

  private static String join(List<Predicate> parts, String word) {
    if (parts.size() == 1) {
      return parts.getFirst().toString();
    }
    return parts.stream()
        .map(part -> part instanceof And || part instanceof Or ? "(" + part + ")" : "" + part)
        .collect(Collectors.joining(word));
  }
}
