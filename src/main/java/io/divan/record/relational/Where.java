package io.divan.record.relational;

import io.divan.record.Predicate;
import java.util.Arrays;
import java.util.List;

/**
 * A condition on rows. As in SQL, a comparison with null is neither true nor false, so neither it
 * nor its negation finds the row.
 *
 * @param predicate the condition on the records of the table
 */
public record Where(Predicate predicate) {

  /** The condition that all rows fulfil. */
  public static Where all() {
    return new Where(Predicate.all());
  }

  /** The column equals the value. */
  public static Where eq(String column, Object value) {
    return new Where(Predicate.eq(column, value));
  }

  /** The column has another value. */
  public static Where ne(String column, Object value) {
    return new Where(Predicate.ne(column, value));
  }

  /** The column is less than the value. */
  public static Where lt(String column, Object value) {
    return new Where(Predicate.lt(column, value));
  }

  /** The column is less than the value, or equals it. */
  public static Where le(String column, Object value) {
    return new Where(Predicate.le(column, value));
  }

  /** The column is greater than the value. */
  public static Where gt(String column, Object value) {
    return new Where(Predicate.gt(column, value));
  }

  /** The column is greater than the value, or equals it. */
  public static Where ge(String column, Object value) {
    return new Where(Predicate.ge(column, value));
  }

  /** The column lies between two values, or equals one of them. */
  public static Where between(String column, Object least, Object greatest) {
    return new Where(Predicate.between(column, least, greatest));
  }

  /** The column equals one of the values. */
  public static Where in(String column, List<?> values) {
    return new Where(Predicate.in(column, values.toArray()));
  }

  /** The column begins with a text. */
  public static Where startsWith(String column, String prefix) {
    return new Where(Predicate.startsWith(column, prefix));
  }

  /** The column is null. */
  public static Where isNull(String column) {
    return new Where(Predicate.isNull(column));
  }

  /** All of the conditions are true. */
  public static Where and(Where... parts) {
    return new Where(Predicate.and(predicates(parts)));
  }

  /** At least one of the conditions is true. */
  public static Where or(Where... parts) {
    return new Where(Predicate.or(predicates(parts)));
  }

  /** The condition is false. */
  public static Where not(Where part) {
    return new Where(Predicate.not(part.predicate()));
  }

  private static Predicate[] predicates(Where[] parts) {
    return Arrays.stream(parts).map(Where::predicate).toArray(Predicate[]::new);
  }

  @Override
  public String toString() {
    return predicate.toString();
  }
}
