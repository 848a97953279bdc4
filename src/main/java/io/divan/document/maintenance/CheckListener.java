package io.divan.document.maintenance;

/** Receives the findings of a database check. Called by the checking thread. */
public interface CheckListener {

  /** Reports a violated invariant, in one sentence that names the invariant and the row. */
  void problem(String problem);

  /** Reports a comparison that could not be completed, and the reason. It is not a problem. */
  void uncertain(String what);

  /**
   * Reports progress.
   *
   * @param rows number of rows read so far, each counted once
   */
  void walked(long rows);
}
