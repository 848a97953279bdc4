package io.divan.record.relational;

import java.util.List;

/**
 * Counters of groups of rows, which change with the rows: the number of rows of each group, and
 * sums of columns. Concurrent writers do not conflict on them.
 *
 * @param name its name, unique among the indexes and counters of the table
 * @param group the columns whose values make a group; none for all rows
 * @param sums the columns whose sums are kept: INTEGER and never null. Their values are less than
 *     2^62; a sum has 64 bits and wraps around
 */
public record TableCounter(String name, List<String> group, List<String> sums) {
  public TableCounter {
    group = List.copyOf(group);
    sums = List.copyOf(sums);
  }

  /** Returns a counter of the rows of each group. */
  public static TableCounter of(String name, String... group) {
    return new TableCounter(name, List.of(group), List.of());
  }

  /** Returns this counter with the sums of columns. */
  public TableCounter sums(String... columns) {
    return new TableCounter(name, group, List.of(columns));
  }
}
