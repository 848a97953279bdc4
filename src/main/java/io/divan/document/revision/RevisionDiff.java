package io.divan.document.revision;

import java.util.List;

/**
 * Which revisions of a document are not known.
 *
 * @param id the document
 * @param missing the unknown ones among those asked for
 * @param possibleAncestors leaves that they might descend from
 */
public record RevisionDiff(String id, List<Revision> missing, List<Revision> possibleAncestors) {}
