package io.divan.document.maintenance;

/** Receives the findings of a check, on the thread that checks. */
public interface CheckListener {

  /** Reports a broken invariant: one sentence that says which one and where. */
  void problem(String problem);

  /** Reports what could not be compared, and why. */
  void uncertain(String what);

  /**
   * Reports progress.
   *
   * @param rows the number of rows read so far, without rows that were read again
   */
  void walked(long rows);
}
