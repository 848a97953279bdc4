package io.divan.storage.fdb.simulation;

import java.util.List;

/**
 * What a transaction asks the cluster to commit.
 *
 * @param readVersion the version its reads and its conflicts rest on
 * @param riskless whether it must not be committed twice though its result got lost: it is then too
 *     old even without read conflicts (the client makes it conflict with itself)
 */
record CommitRequest(
    long readVersion,
    List<Mutation> mutations,
    List<KeyRange> readConflicts,
    List<KeyRange> writeConflicts,
    List<PendingWatch> watches,
    boolean riskless) {

  /**
   * What became of it.
   *
   * @param code 0, or 1021 where the commit took effect and the client must not know
   * @param fired watches to fire once no lock is held
   */
  record Outcome(long version, int batch, int code, List<PendingWatch> fired) {}
}
