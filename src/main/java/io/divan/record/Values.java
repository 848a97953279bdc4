package io.divan.record;

import io.divan.json.Utf8;
import io.divan.storage.tuple.TupleWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The values of fields: null, bytes, text, integers, doubles, booleans, and lists of these. */
public final class Values {
  private Values() {}

  /**
   * Returns a value as records hold it: small integers as longs, bytes copied, lists unmodifiable.
   *
   * @throws RecordException.Invalid if it has a type that fields cannot have
   */
  public static @Nullable Object normal(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case String text when Utf8.isWellFormed(text) -> text;
      case String text -> throw new RecordException.Invalid("A text has an unpaired surrogate");
      case Long number -> number;
      case Boolean flag -> flag;
      case Double number -> number.isNaN() ? Double.NaN : number;
      case Integer number -> number.longValue();
      case BigInteger number when number.bitLength() < 64 -> number.longValue();
      case BigInteger number when number.abs().bitLength() <= 255 * 8 -> number;
      case BigInteger number ->
          throw new RecordException.Invalid(
              "An integer of " + number.bitLength() + " bits is too large: at most 255 bytes");
      case byte[] bytes -> bytes.clone();
      case List<?> list -> {
        List<@Nullable Object> elements = new ArrayList<>(list.size());
        for (Object each : list) {
          elements.add(normal(each));
        }
        yield Collections.unmodifiableList(elements);
      }
      default ->
          throw new RecordException.Invalid(
              "A field cannot hold a " + value.getClass().getSimpleName());
    };
  }

  /** Returns whether two values are equal, bytes by content. */
  public static boolean equal(@Nullable Object first, @Nullable Object second) {
    if (first instanceof byte[] a && second instanceof byte[] b) {
      return Arrays.equals(a, b);
    }
    if (first instanceof List<?> a && second instanceof List<?> b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (int i = 0; i < a.size(); i++) {
        if (!equal(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    }
    return Objects.equals(first, second);
  }

  static int hash(@Nullable Object value) {
    return switch (value) {
      case null -> 0;
      case byte[] bytes -> Arrays.hashCode(bytes);
      case List<?> list -> {
        int hash = 1;
        for (Object each : list) {
          hash = 31 * hash + hash(each);
        }
        yield hash;
      }
      default -> value.hashCode();
    };
  }

  /** Compares values in the order of their encoding as tuples, in which null comes first. */
  public static int compare(@Nullable Object first, @Nullable Object second) {
    return Arrays.compareUnsigned(TupleWriter.pack(first), TupleWriter.pack(second));
  }

  /** Returns the text of a value, from which it can be told from all others of its field. */
  public static String literal(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> "'" + text.replace("'", "''") + "'";
      case byte[] bytes -> "x'" + HexFormat.of().formatHex(bytes) + "'";
      case List<?> list ->
          list.stream().map(Values::literal).collect(Collectors.joining(", ", "[", "]"));
      default -> value.toString();
    };
  }

  /** Returns a value as messages show it. */
  static String describe(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case byte[] bytes -> bytes.length + " bytes";
      case String text -> "'" + (text.length() <= 60 ? text : text.substring(0, 60) + "…") + "'";
      case List<?> list -> list.stream().map(Values::describe).toList().toString();
      default -> value.toString();
    };
  }
}
