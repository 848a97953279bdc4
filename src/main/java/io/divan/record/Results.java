package io.divan.record;

import java.util.List;
import java.util.Optional;

/**
 * One page of the results of a query.
 *
 * @param records the records, in the order of the query; with the fields asked for only
 * @param continuation what the next page is asked with; empty exactly at the end. The next page
 *     may have no records. It can be read in any transaction, by any instance, at any time
 * @param stop why the page ends
 * @param scanned the number of rows of indexes or records read
 */
public record Results(
    List<Rec> records, Optional<byte[]> continuation, Stop stop, int scanned) {

  /** Why a page ends. */
  public enum Stop {
    /** There are no more records. */
    END,
    /** The page has the most records it may have. */
    ROWS,
    /** The most rows were read. */
    SCANNED,
    /** The page has the most bytes it may have. */
    BYTES,
    /** The time was up. */
    TIME
  }

  public Results {
    records = List.copyOf(records);
  }
}
