package io.divan.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A primary key: the values of the key fields, none of them null. Keys are equal if their elements
 * are, bytes by content.
 *
 * @param elements the values
 */
public record Key(List<Object> elements) {
  public Key {
    List<Object> copy = new ArrayList<>(elements.size());
    for (Object each : elements) {
      copy.add(Objects.requireNonNull(Values.normal(each)));
    }
    elements = List.copyOf(copy);
  }

  /** Returns the key with these elements. */
  public static Key of(Object... elements) {
    return new Key(List.of(elements));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Key(List<Object> otherElements)
        && Values.equal(elements, otherElements);
  }

  @Override
  public int hashCode() {
    return Values.hash(elements);
  }

  @Override
  public String toString() {
    return Values.describe(elements);
  }
}
