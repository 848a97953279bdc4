package io.divan.record.relational;

import io.divan.record.FieldType;
import java.math.BigInteger;

/** The type of a column. */
public enum ColumnType {
  /** A {@link Boolean}. False sorts before true. */
  BOOLEAN(FieldType.BOOLEAN),
  /** An integer of any size: {@link Integer}, {@link Long} or {@link BigInteger}. */
  INTEGER(FieldType.INTEGER),
  /** A {@link Double}. Integers become doubles. */
  DOUBLE(FieldType.DOUBLE),
  /** A {@link String}. Sorts by its UTF-8 bytes, so "é" comes after "z". */
  TEXT(FieldType.TEXT),
  /** A {@code byte[]}. Sorts by unsigned bytes. */
  BYTES(FieldType.BYTES);

  private final FieldType field;

  ColumnType(FieldType field) {
    this.field = field;
  }

  FieldType field() {
    return field;
  }

  /** Returns whether a column of this type can hold the value. */
  boolean accepts(Object value) {
    boolean small = value instanceof Integer || value instanceof Long;
    return switch (this) {
      case BOOLEAN -> value instanceof Boolean;
      case INTEGER -> small || value instanceof BigInteger;
      case DOUBLE -> small || value instanceof Double;
      case TEXT -> value instanceof String;
      case BYTES -> value instanceof byte[];
    };
  }
}
