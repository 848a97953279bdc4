package io.divan.record;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A record: the name of its type and the values of its fields. A field without a value is null.
 * Immutable. Records are equal if their types and values are, bytes by content.
 */
public final class Rec {
  private final String type;
  private final Map<String, Object> values;

  private Rec(String type, Map<String, Object> values) {
    this.type = type;
    this.values = values;
  }

  /** Returns a record whose fields are null. */
  public static Rec of(String type) {
    return new Rec(type, Map.of());
  }

  /** Returns a record with these values, which are already normal and not null. */
  public static Rec normal(String type, Map<String, Object> values) {
    return new Rec(type, values);
  }

  /**
   * Returns this record with another value of a field.
   *
   * @param value null, {@code byte[]}, {@link String}, {@link Integer}, {@link Long}, {@link
   *     BigInteger}, {@link Double}, {@link Boolean}, or a {@link List} of these
   */
  public Rec with(String field, @Nullable Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(values);
    Object normal = Values.normal(value);
    if (normal == null) {
      changed.remove(field);
    } else {
      changed.put(field, normal);
    }
    return new Rec(type, changed);
  }

  /** Returns the name of the type. */
  public String type() {
    return type;
  }

  /** Returns the value of a field, or empty if it is null. */
  public Optional<Object> get(String field) {
    return Optional.ofNullable(Values.normal(value(field)));
  }

  /** Returns the value of a text field that is not null. */
  public String text(String field) {
    return (String) required(field);
  }

  /** Returns the value of an integer field that is not null and fits into 64 bits. */
  public long number(String field) {
    return (Long) required(field);
  }

  /** Returns the value of a double field that is not null. */
  public double real(String field) {
    return (Double) required(field);
  }

  /** Returns the names of the fields that are not null. */
  public List<String> fields() {
    return List.copyOf(values.keySet());
  }

  /** Returns the value of a field without copying bytes, which must not be changed. */
  public @Nullable Object value(String field) {
    return values.get(field);
  }

  private Object required(String field) {
    Object value = value(field);
    if (value == null) {
      throw new IllegalStateException("Field " + field + " of this " + type + " is null");
    }
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Rec rec
        && type.equals(rec.type)
        && values.keySet().equals(rec.values.keySet())
        && values.keySet().stream().allMatch(each -> Values.equal(value(each), rec.value(each)));
  }

  @Override
  public int hashCode() {
    int hash = type.hashCode();
    for (Map.Entry<String, Object> each : values.entrySet()) {
      hash += each.getKey().hashCode() ^ Values.hash(each.getValue());
    }
    return hash;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(type).append('{');
    values.forEach(
        (field, value) -> text.append(text.charAt(text.length() - 1) == '{' ? "" : ", ")
            .append(field)
            .append(": ")
            .append(Values.describe(value)));
    return text.append('}').toString();
  }
}
