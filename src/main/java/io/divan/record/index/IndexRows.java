package io.divan.record.index;

/**
 * The kinds of rows of an index. The code is the first element of their keys, the index's number
 * the second; see {@link IndexSpace}. Codes are stored, and never change.
 */
public enum IndexRows {
  /** The rows of {@link Contribution.Row}. */
  VALUES(2),
  /** The rows of {@link Contribution.Unique}. */
  UNIQUE(3),
  /** The counters of {@link Contribution.Add}. */
  COUNTERS(4),
  /** The least and greatest values of {@link Contribution.Ever}. */
  EVER(5),
  /** The rows of {@link Contribution.Feed}, in commit order. */
  FEED(6),
  /** The last row of each thing in a feed. */
  FEED_PLACES(7);

  private final int code;

  IndexRows(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
