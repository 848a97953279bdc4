package io.divan.query.find;

import java.time.Duration;

/**
 * What a query has read, as CouchDB counts it: up to the first match after the limit.
 *
 * @param keys the rows of the index
 * @param documents the documents, if not from a quorum
 * @param quorumDocuments the documents, if from a quorum
 * @param results the results
 * @param time the time since the query began
 */
public record Statistics(
    long keys, long documents, long quorumDocuments, long results, Duration time) {

  /** Whether more than so many documents were read for each result; never if it is not positive. */
  boolean exceeds(long documentsPerResult) {
    double examined = (double) (documents + quorumDocuments);
    return documentsPerResult > 0 && examined / Math.max(1, results) > documentsPerResult;
  }
}
