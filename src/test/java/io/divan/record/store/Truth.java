package io.divan.record.store;

import io.divan.record.Predicate;
import io.divan.record.Rec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether records fulfil predicates: with three truth values, and without any normal form. */
final class Truth {

  private Truth() {}

  static boolean of(Predicate predicate, Rec rec) {
    return value(predicate, rec).orElse(false);
  }

  private static Optional<Boolean> value(Predicate predicate, Rec rec) {
    return switch (predicate) {
      case Predicate.And(List<Predicate> parts) -> {
        List<Optional<Boolean>> all = parts.stream().map(part -> value(part, rec)).toList();
        yield all.contains(Optional.of(false))
            ? Optional.of(false)
            : all.contains(Optional.<Boolean>empty()) ? Optional.empty() : Optional.of(true);
      }
      case Predicate.Or(List<Predicate> parts) -> {
        List<Optional<Boolean>> all = parts.stream().map(part -> value(part, rec)).toList();
        yield all.contains(Optional.of(true))
            ? Optional.of(true)
            : all.contains(Optional.<Boolean>empty()) ? Optional.empty() : Optional.of(false);
      }
      case Predicate.Not(Predicate part) -> value(part, rec).map(truth -> !truth);
      case Predicate.Test(java.util.function.Predicate<Rec> test, String ignored) ->
          Optional.of(test.test(rec));
      case Predicate.IsNull(String field) -> Optional.of(rec.value(field) == null);
      case Predicate.Compare(String field, Predicate.Op op, Object value) ->
          Optional.ofNullable(rec.value(field)).map(actual -> holds(op, compare(actual, value)));
      case Predicate.In(String field, List<Object> values) ->
          Optional.ofNullable(rec.value(field))
              .map(actual -> values.stream().anyMatch(each -> compare(actual, each) == 0));
      case Predicate.StartsWith(String field, Object prefix) ->
          Optional.ofNullable(rec.value(field))
              .map(
                  actual -> prefix instanceof String text
                      ? ((String) actual).startsWith(text)
                      : startsWith((byte[]) actual, (byte[]) prefix));
      case Predicate.Contains(String field, Object value) ->
          Optional.ofNullable(rec.value(field))
              .map(
                  actual -> ((List<?>) actual)
                      .stream().anyMatch(each -> each != null && compare(each, value) == 0));
    };
  }

  private static boolean holds(Predicate.Op op, int order) {
    return switch (op) {
      case EQ -> order == 0;
      case NE -> order != 0;
      case LT -> order < 0;
      case LE -> order <= 0;
      case GT -> order > 0;
      case GE -> order >= 0;
    };
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(Arrays.copyOf(bytes, prefix.length), prefix);
  }

  static int compare(@Nullable Object one, @Nullable Object other) {
    if (one == null || other == null) {
      return (one == null ? 0 : 1) - (other == null ? 0 : 1);
    }
    return switch (one) {
      case Long number -> number.compareTo(((Number) other).longValue());
      case Double number -> number.compareTo(((Number) other).doubleValue());
      case Boolean flag -> flag.compareTo((Boolean) other);
      case String text -> text.compareTo((String) other);
      case byte[] bytes -> Arrays.compareUnsigned(bytes, (byte[]) other);
      case List<?> list -> {
        List<?> others = (List<?>) other;
        for (int i = 0; i < list.size() && i < others.size(); i++) {
          int order = compare(list.get(i), others.get(i));
          if (order != 0) {
            yield order;
          }
        }
        yield list.size() - others.size();
      }
      default -> throw new IllegalArgumentException("Not a value: " + one);
    };
  }
}
