package io.divan.query.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a request is served.
 *
 * @param index the index to read. It is empty only for {@code _explain}, if no index can be used.
 * @param ranges the ranges of the first columns of the index
 * @param empty whether there are no results, whatever the documents are. CouchDB's answer then has
 *     neither bookmark nor statistics nor warning.
 * @param covering whether the index has all fields that the selector and the answer need
 * @param candidates the other indexes, in the order of {@code _explain}
 */
public record Plan(
    FindRequest request,
    Optional<IndexDefinition> index,
    List<FieldRange> ranges,
    boolean empty,
    boolean covering,
    List<Candidate> candidates) {

  private static final String NO_INDEX =
      "No matching index found, create an index to optimize query time.";

  public Plan {
    ranges = List.copyOf(ranges);
    candidates = List.copyOf(candidates);
  }

  /** The warnings that follow from the choice of the index, in the order of CouchDB's answers. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    List<String> wanted = request.useIndex();
    if (!wanted.isEmpty() && index.filter(i -> Planner.isNamed(i, wanted)).isEmpty()) {
      warnings.add(
          "_design/"
              + String.join(", ", Planner.shownName(wanted))
              + " was not used because it "
              + (wanted.size() == 1
                  ? "does not contain a valid index for this query."
                  : "is not a valid index for this query."));
    }
    if (index.filter(IndexDefinition::isAllDocs).isPresent()) {
      warnings.add(NO_INDEX);
    }
    return warnings;
  }
}
