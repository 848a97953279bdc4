package io.divan.record;

import java.util.Optional;

/**
 * A field of a type of records.
 *
 * @param number identifies the field for ever, within its type; at least 1, never reused
 * @param name its name, which may change
 * @param type the type of its values
 * @param initial the value that records get that were written before the field existed; empty for
 *     null
 */
public record Field(int number, String name, FieldType type, Optional<Object> initial) {
  public Field {
    if (number < 1) {
      throw new IllegalArgumentException("The number of a field is at least 1, not " + number);
    }
    if (name.isEmpty()) {
      throw new IllegalArgumentException("A field has a name");
    }
    initial = initial.map(value -> java.util.Objects.requireNonNull(type.normal(value)));
  }

  /** A field that is null in records written before it existed. */
  public Field(int number, String name, FieldType type) {
    this(number, name, type, Optional.empty());
  }
}
