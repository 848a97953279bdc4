package io.divan.record.relational;

/** The rows of two tables that belong together. */
public final class Join {
  private Join() {}

  /**
   * The condition: two columns are equal. Null equals nothing.
   *
   * @param left the column of the selection
   * @param right the column of the other table
   */
  public record On(String left, String right) {}

  /**
   * Two rows that belong together.
   *
   * @param left the row of the selection
   * @param right the row of the other table
   */
  public record Pair(Row left, Row right) {}

  /** Returns the condition that two columns are equal. */
  public static On on(String left, String right) {
    return new On(left, right);
  }
}
