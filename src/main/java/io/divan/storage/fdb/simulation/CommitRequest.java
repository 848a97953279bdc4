package io.divan.storage.fdb.simulation;

import java.util.List;

/**
 * The request to commit a transaction.
 *
 * @param readVersion the version of its reads, from which on writes conflict
 * @param riskless whether a retry after an unknown result must fail if the first commit took
 *     effect. The client then makes the transaction conflict with itself, so it can be too old even
 *     without read conflicts
 */
record CommitRequest(
    long readVersion,
    List<Mutation> mutations,
    List<KeyRange> readConflicts,
    List<KeyRange> writeConflicts,
    List<PendingWatch> watches,
    boolean riskless) {

  /**
   * The outcome of a commit.
   *
   * @param code 0, or 1021 if the commit took effect but the client must not learn of it
   * @param fired watches to fire once no lock is held
   */
  record Outcome(long version, int batch, int code, List<PendingWatch> fired) {}
}
