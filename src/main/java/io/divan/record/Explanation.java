package io.divan.record;

import java.util.List;
import java.util.OptionalLong;

/**
 * How a query is executed, in words.
 *
 * @param text the plan as one sentence
 * @param indexes the names of the indexes used, in the order of the branches; empty if records are
 *     read in the order of their keys
 * @param covered whether the indexes hold all fields needed, so that no record is read
 * @param rows about how many rows the indexes have for the query, if count indexes know it
 */
public record Explanation(
    String text, List<String> indexes, boolean covered, OptionalLong rows) {
  public Explanation {
    indexes = List.copyOf(indexes);
  }

  @Override
  public String toString() {
    return text;
  }
}
