package io.divan.record;

/**
 * One field of the order of a query. A null field sorts before all values, and values sort as they
 * do in keys.
 *
 * @param field the field's name
 * @param descending whether greater values come first
 */
public record Sort(String field, boolean descending) {

  /** Sorts the least values first. */
  public static Sort ascending(String field) {
    return new Sort(field, false);
  }

  /** Sorts the greatest values first. */
  public static Sort descending(String field) {
    return new Sort(field, true);
  }

  @Override
  public String toString() {
    return descending ? field + " descending" : field;
  }
}
