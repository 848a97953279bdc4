package io.divan.query.plan;

/**
 * An index that was not chosen, and why.
 *
 * @param usable whether the query could use it
 * @param reason CouchDB's word for the reason
 * @param ranking its place: indexes with the same reason may share one
 * @param covering whether the index has the fields that the query returns
 */
public record Candidate(
    IndexDefinition index, boolean usable, String reason, int ranking, boolean covering) {}
