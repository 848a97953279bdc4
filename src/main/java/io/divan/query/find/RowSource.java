package io.divan.query.find;

import java.util.List;
import java.util.function.Supplier;

/** The rows of an index that a query reads, in the order of the results. For one thread. */
interface RowSource {

  /**
   * A row whose document the principal sees.
   *
   * @param id the document
   * @param position where another query continues after the row
   * @param body the members of the document that do not begin with an underscore
   * @param whole the document as the answer shows it; of a covering index, the fields that it has
   */
  record Row(String id, Bookmark position, byte[] body, Supplier<byte[]> whole) {}

  /** Whether {@link #next} may return more rows. */
  boolean hasNext();

  /**
   * Reads the next rows, from one snapshot. May return none even if there are more.
   *
   * @param wanted about how many rows the query needs
   */
  List<Row> next(int wanted);
}
