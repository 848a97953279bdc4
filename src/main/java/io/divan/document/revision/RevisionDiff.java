package io.divan.document.revision;

import java.util.List;

/**
 * The unknown revisions of one document, as {@code _revs_diff} reports them.
 *
 * @param id the document
 * @param missing the requested revisions that are unknown
 * @param possibleAncestors leaves that the missing revisions might descend from
 */
public record RevisionDiff(String id, List<Revision> missing, List<Revision> possibleAncestors) {}
