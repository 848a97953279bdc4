package io.divan.record.query;

import io.divan.record.FieldType;
import io.divan.record.Predicate;
import io.divan.record.Predicate.And;
import io.divan.record.Predicate.Compare;
import io.divan.record.Predicate.Contains;
import io.divan.record.Predicate.In;
import io.divan.record.Predicate.IsNull;
import io.divan.record.Predicate.Not;
import io.divan.record.Predicate.Or;
import io.divan.record.Predicate.StartsWith;
import io.divan.record.Predicate.Test;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Predicates in normal form: values have the types of their fields, negations are pushed down to
 * conditions that have no opposite ({@link In}, {@link StartsWith}, {@link IsNull}, {@link
 * Contains}, {@link Test}), and no {@link And} or {@link Or} contains one of its own kind.
 */
final class Conditions {
  /** The most branches of a disjunction that are planned one by one. */
  static final int BRANCHES_MAX = 32;

  private final RecordType type;

  private Conditions(RecordType type) {
    this.type = type;
  }

  /**
   * Returns a predicate in normal form.
   *
   * @throws RecordException.Invalid if it does not fit the type
   */
  static Predicate normal(RecordType type, Predicate predicate) {
    return new Conditions(type).normal(predicate, false, 0);
  }

  private Predicate normal(Predicate predicate, boolean negated, int depth) {
    if (depth > Predicate.DEPTH_MAX) {
      throw new RecordException.Invalid(
          "Conditions are nested more than " + Predicate.DEPTH_MAX + " levels deep");
    }
    return switch (predicate) {
      case Not(Predicate part) -> normal(part, !negated, depth + 1);
      case And(List<Predicate> parts) -> combined(parts, negated, !negated, depth);
      case Or(List<Predicate> parts) -> combined(parts, negated, negated, depth);
      case Compare(String field, Predicate.Op op, Object value) ->
          new Compare(field, negated ? op.negated() : op, value(field, value));
      case In(String field, List<Object> values) ->
          negate(
              new In(field, values.stream().map(value -> value(field, value)).toList()), negated);
      case StartsWith(String field, Object prefix) -> {
        FieldType.Kind kind = type.require(field).type().kind();
        if (kind != (prefix instanceof String ? FieldType.Kind.TEXT : FieldType.Kind.BYTES)) {
          throw misfit(field, "no prefix of a value of this field");
        }
        yield negate(predicate, negated);
      }
      case IsNull(String field) -> {
        type.require(field);
        yield negate(predicate, negated);
      }
      case Contains(String field, Object value) -> {
        FieldType fieldType = type.require(field).type();
        yield negate(
            switch (fieldType.kind()) {
              case TUPLE -> predicate;
              case ARRAY ->
                  new Contains(field, value(field, fieldType.element().orElseThrow(), value));
              default -> throw misfit(field, "not an array");
            },
            negated);
      }
      case Test test -> negate(test, negated);
    };
  }

  private Predicate combined(List<Predicate> parts, boolean negated, boolean and, int depth) {
    List<Predicate> flat = new ArrayList<>();
    for (Predicate part : parts) {
      switch (normal(part, negated, depth + 1)) {
        case And(List<Predicate> inner) when and -> flat.addAll(inner);
        case Or(List<Predicate> inner) when !and -> flat.addAll(inner);
        case Predicate other -> flat.add(other);
      }
    }
    if (flat.size() == 1) {
      return flat.getFirst();
    }
    return and ? new And(flat) : new Or(flat);
  }

  private static Predicate negate(Predicate predicate, boolean negated) {
    return negated ? new Not(predicate) : predicate;
  }

  private Object value(String field, Object value) {
    return value(field, type.require(field).type(), value);
  }

  private Object value(String field, FieldType fieldType, Object value) {
    try {
      return Objects.requireNonNull(fieldType.normal(value));
    } catch (RecordException.Invalid e) {
      throw misfit(field, String.valueOf(e.getMessage()));
    }
  }

  private RecordException misfit(String field, String reason) {
    return new RecordException.Invalid(
        "The condition does not fit field " + field + " of type " + type.name() + ": " + reason);
  }

  /** Returns the conditions that must all be true. */
  static List<Predicate> parts(Predicate normal) {
    return normal instanceof And(List<Predicate> parts) ? parts : List.of(normal);
  }

  /**
   * Returns branches of which at least one must be true, each the conditions that must all be. A
   * disjunction that would make too many branches remains a condition.
   *
   * @param expandIn whether each value of an {@link In} becomes a branch
   */
  static List<List<Predicate>> branches(Predicate normal, boolean expandIn) {
    return expand(normal, expandIn, BRANCHES_MAX).orElseGet(() -> List.of(List.of(normal)));
  }

  private static Optional<List<List<Predicate>>> expand(
      Predicate normal, boolean expandIn, int max) {
    return switch (normal) {
      case Or(List<Predicate> parts) -> sum(parts, expandIn, max);
      case In(String field, List<Object> values) when expandIn && values.size() > 1 ->
          values.size() > max
              ? Optional.empty()
              : Optional.of(
                  values.stream()
                      .map(value -> List.<Predicate>of(new Compare(field, Predicate.Op.EQ, value)))
                      .toList());
      case And(List<Predicate> parts) ->
          max < 1 ? Optional.empty() : Optional.of(product(parts, expandIn, max));
      default -> max < 1 ? Optional.empty() : Optional.of(List.of(List.of(normal)));
    };
  }

  private static Optional<List<List<Predicate>>> sum(
      List<Predicate> parts, boolean expandIn, int max) {
    List<List<Predicate>> all = new ArrayList<>();
    for (Predicate part : parts) {
      Optional<List<List<Predicate>>> some = expand(part, expandIn, max - all.size());
      if (some.isEmpty()) {
        return Optional.empty();
      }
      all.addAll(some.get());
    }
    return all.size() > max ? Optional.empty() : Optional.of(all);
  }

  private static List<List<Predicate>> product(
      List<Predicate> parts, boolean expandIn, int max) {
    List<List<Predicate>> product = List.of(List.of());
    for (Predicate part : parts) {
      int rest = product.isEmpty() ? max : max / product.size();
      List<List<Predicate>> some =
          expand(part, expandIn, rest).orElseGet(() -> List.of(List.of(part)));
      List<List<Predicate>> next = new ArrayList<>();
      for (List<Predicate> left : product) {
        for (List<Predicate> right : some) {
          List<Predicate> both = new ArrayList<>(left);
          both.addAll(right);
          next.add(both);
        }
      }
      product = next;
    }
    return product;
  }

  /** Returns whether a record fulfils a predicate in normal form. */
  static boolean holds(Predicate normal, Rec rec) {
    return switch (normal) {
      case And(List<Predicate> parts) -> holdAll(parts, rec);
      case Or(List<Predicate> parts) -> {
        for (Predicate part : parts) {
          if (holds(part, rec)) {
            yield true;
          }
        }
        yield false;
      }
      case Compare(String field, Predicate.Op op, Object value) -> {
        Object actual = rec.value(field);
        yield actual != null && op.holds(compare(actual, value));
      }
      case Test test -> test.test().test(rec);
      case IsNull(String field) -> rec.value(field) == null;
      case Not(Test test) -> !test.test().test(rec);
      case Not(IsNull(String field)) -> rec.value(field) != null;
      case Not(Predicate part) -> rec.value(field(part)) != null && !holds(part, rec);
      case In(String field, List<Object> values) -> {
        Object actual = rec.value(field);
        yield actual != null && contains(values, actual);
      }
      case StartsWith(String field, Object prefix) ->
          switch (rec.value(field)) {
            case String text -> text.startsWith((String) prefix);
            case byte[] bytes -> {
              byte[] start = (byte[]) prefix;
              yield start.length <= bytes.length
                  && Arrays.equals(start, 0, start.length, bytes, 0, start.length);
            }
            case null, default -> false;
          };
      case Contains(String field, Object value) ->
          rec.value(field) instanceof List<?> elements && contains(elements, value);
    };
  }

  /** Returns whether a record fulfils all of these conditions. */
  static boolean holdAll(List<Predicate> parts, Rec rec) {
    for (Predicate part : parts) {
      if (!holds(part, rec)) {
        return false;
      }
    }
    return true;
  }

  private static boolean contains(List<?> values, Object value) {
    for (Object each : values) {
      if (Values.equal(each, value)) {
        return true;
      }
    }
    return false;
  }

  private static int compare(Object one, Object other) {
    return one instanceof Long a && other instanceof Long b
        ? Long.compare(a, b)
        : Values.compare(one, other);
  }

  /** Returns whether every record that fulfils the condition has a value of the field. */
  static boolean needsValue(Predicate part, String field) {
    return switch (part) {
      case And(List<Predicate> parts) ->
          parts.stream().anyMatch(each -> needsValue(each, field));
      case Or(List<Predicate> parts) ->
          parts.stream().allMatch(each -> needsValue(each, field));
      case IsNull ignored -> false;
      case Test ignored -> false;
      case Not(Test ignored) -> false;
      case Not(IsNull(String name)) -> name.equals(field);
      case Not(Predicate inner) -> field(inner).equals(field);
      case Compare ignored -> field(part).equals(field);
      case In ignored -> field(part).equals(field);
      case StartsWith ignored -> field(part).equals(field);
      case Contains ignored -> field(part).equals(field);
    };
  }

  /** Returns the fields that conditions need, or empty if that is the whole record. */
  static Optional<Set<String>> fields(List<Predicate> parts) {
    Set<String> fields = new LinkedHashSet<>();
    for (Predicate part : parts) {
      Optional<Set<String>> more =
          switch (part) {
            case And(List<Predicate> inner) -> fields(inner);
            case Or(List<Predicate> inner) -> fields(inner);
            case Not(Predicate inner) -> fields(List.of(inner));
            case Test ignored -> Optional.empty();
            default -> Optional.of(Set.of(field(part)));
          };
      if (more.isEmpty()) {
        return Optional.empty();
      }
      fields.addAll(more.get());
    }
    return Optional.of(fields);
  }

  /** Returns the field of a condition on one field. */
  static String field(Predicate part) {
    return switch (part) {
      case Compare compare -> compare.field();
      case In in -> in.field();
      case StartsWith startsWith -> startsWith.field();
      case IsNull isNull -> isNull.field();
      case Contains contains -> contains.field();
      case Not not -> field(not.part());
      default -> "";
    };
  }
}
