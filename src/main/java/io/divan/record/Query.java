package io.divan.record;

import java.util.List;

/**
 * A query for records of one type.
 *
 * <pre>
 * Query.of("user")
 *     .where(Predicate.and(Predicate.eq("city", "Paris"), Predicate.ge("age", 25)))
 *     .sort(Sort.ascending("age"))
 *     .fields("name", "age")
 * </pre>
 *
 * <p>A sort needs an index in that order, or the primary key, or {@link #sortInMemory}. Without a
 * sort the order is that of the index used. It stays the same from page to page.
 *
 * @param type the name of the type
 * @param predicate what the records must fulfil
 * @param sort the order, from the most significant field on; empty for any order
 * @param fields the fields to return; empty for all
 * @param sortMax the most records that are read into memory to be sorted, if no index is in the
 *     order of the sort; 0 to refuse such a query
 */
public record Query(
    String type, Predicate predicate, List<Sort> sort, List<String> fields, int sortMax) {

  /** The greatest value of {@link #sortMax}. */
  public static final int SORT_MAX = 100_000;

  public Query {
    sort = List.copyOf(sort);
    fields = List.copyOf(fields);
    if (sortMax < 0 || sortMax > SORT_MAX) {
      throw new IllegalArgumentException(
          "A query sorts at most " + SORT_MAX + " records in memory, not " + sortMax);
    }
  }

  /** Returns the query for all records of a type. */
  public static Query of(String type) {
    return new Query(type, Predicate.all(), List.of(), List.of(), 0);
  }

  /** Returns this query with another predicate. */
  public Query where(Predicate predicate) {
    return new Query(type, predicate, sort, fields, sortMax);
  }

  /** Returns this query in another order. */
  public Query sort(Sort... sort) {
    return new Query(type, predicate, List.of(sort), fields, sortMax);
  }

  /** Returns this query for these fields only. An index that has them all saves the records. */
  public Query fields(String... fields) {
    return new Query(type, predicate, sort, List.of(fields), sortMax);
  }

  /**
   * Returns this query with permission to sort in memory. Every page then reads all records that
   * the predicate finds, so the limits of a page do not bound its cost.
   *
   * @param recordsMax the most records to sort; the query fails if there are more
   */
  public Query sortInMemory(int recordsMax) {
    return new Query(type, predicate, sort, fields, recordsMax);
  }
}
