package io.divan.record.query;

import java.util.List;

/** Reads the rows of a plan or of one branch, in order, within one transaction. */
interface Cursor {

  /**
   * Returns the next rows: at least one, unless the cursor has ended or a read was cut short.
   *
   * @param max the most rows, at least 1
   */
  List<Entry> next(int max);

  /** Returns whether it is known that there are no more rows. */
  boolean ended();
}
