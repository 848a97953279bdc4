package io.divan.document.maintenance;

/** Is told what a check finds while it walks a database; by the thread that checks. */
public interface CheckListener {

  /** An invariant is broken; one sentence that says which and where. */
  void problem(String problem);

  /** Something could not be compared, and why; no problem has been seen there. */
  void uncertain(String what);

  /**
   * The walk goes on.
   *
   * @param rows how many rows it has read so far, not counting those that it reads again
   */
  void walked(long rows);
}
