package io.divan.record;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The type of a field. Every field can also be null.
 *
 * @param kind the kind of values
 * @param element the type of an array's elements; empty for other kinds
 */
public record FieldType(Kind kind, Optional<FieldType> element) {

  /** The kinds of values, and their Java types. */
  public enum Kind {
    /** A {@code byte[]}. Sorts by unsigned bytes. */
    BYTES,
    /** A {@link String}. Sorts by its UTF-8 bytes. */
    TEXT,
    /** A {@link Long}, or a {@link java.math.BigInteger} that a long cannot hold. */
    INTEGER,
    /** A {@link Double}; integers become doubles. */
    DOUBLE,
    /** A {@link Boolean}. False sorts before true. */
    BOOLEAN,
    /** A {@link List} of values of one type. */
    ARRAY,
    /** A {@link List} of values of any types, possibly nested: a tuple within the record. */
    TUPLE
  }

  public static final FieldType BYTES = new FieldType(Kind.BYTES, Optional.empty());
  public static final FieldType TEXT = new FieldType(Kind.TEXT, Optional.empty());
  public static final FieldType INTEGER = new FieldType(Kind.INTEGER, Optional.empty());
  public static final FieldType DOUBLE = new FieldType(Kind.DOUBLE, Optional.empty());
  public static final FieldType BOOLEAN = new FieldType(Kind.BOOLEAN, Optional.empty());
  public static final FieldType TUPLE = new FieldType(Kind.TUPLE, Optional.empty());

  private static final Set<Kind> NUMBERS = Set.of(Kind.INTEGER, Kind.DOUBLE);

  public FieldType {
    if ((kind == Kind.ARRAY) != element.isPresent()) {
      throw new IllegalArgumentException("Exactly arrays have a type of elements");
    }
  }

  /** Returns the type of arrays with elements of a type. */
  public static FieldType arrayOf(FieldType element) {
    return new FieldType(Kind.ARRAY, Optional.of(element));
  }

  /** Returns whether values are numbers. */
  public boolean isNumber() {
    return NUMBERS.contains(kind);
  }

  /**
   * Returns a value as records hold it: integers of a double field as doubles, small integers as
   * longs, lists unmodifiable.
   *
   * @throws RecordException.Invalid if the value has another type
   */
  public @Nullable Object normal(@Nullable Object value) {
    Object normal = Values.normal(value);
    return switch (normal) {
      case null -> null;
      case byte[] bytes when kind == Kind.BYTES -> bytes;
      case String text when kind == Kind.TEXT -> text;
      case Long number when kind == Kind.INTEGER -> number;
      case java.math.BigInteger number when kind == Kind.INTEGER -> number;
      case Double number when kind == Kind.DOUBLE -> number;
      case Long number when kind == Kind.DOUBLE -> number.doubleValue();
      case Boolean flag when kind == Kind.BOOLEAN -> flag;
      case List<?> list when kind == Kind.TUPLE -> list;
      case List<?> list when kind == Kind.ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>(list.size());
        for (Object each : list) {
          elements.add(element.orElseThrow().normal(each));
        }
        yield Collections.unmodifiableList(elements);
      }
      default ->
          throw new RecordException.Invalid(
              Values.describe(normal) + " is not a value of the type " + this);
    };
  }

  /** Returns the name of the type, as the stored schema has it. */
  @Override
  public String toString() {
    return kind == Kind.ARRAY
        ? "array of " + element.orElseThrow()
        : switch (kind) {
          case BYTES -> "bytes";
          case TEXT -> "text";
          case INTEGER -> "integer";
          case DOUBLE -> "double";
          case BOOLEAN -> "boolean";
          default -> "tuple";
        };
  }

  /** Returns the type with this name: the opposite of {@link #toString}. */
  public static FieldType named(String name) {
    String array = "array of ";
    return name.startsWith(array)
        ? arrayOf(named(name.substring(array.length())))
        : switch (name) {
          case "bytes" -> BYTES;
          case "text" -> TEXT;
          case "integer" -> INTEGER;
          case "double" -> DOUBLE;
          case "boolean" -> BOOLEAN;
          case "tuple" -> TUPLE;
          default -> throw new RecordException.Damaged("Not the name of a type: " + name);
        };
  }
}
