package io.divan.query.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The indexes that were not chosen, with CouchDB's reasons and rankings.
 *
 * @param all all indexes, sorted by name
 * @param rejections the considered indexes, with the reasons why they cannot be used
 * @param allowed the usable indexes among which one was chosen
 */
record CandidateList(
    List<IndexDefinition> all,
    Map<IndexDefinition, List<String>> rejections,
    List<IndexDefinition> allowed) {

  /** An index of the chosen type, and why it is not the best. */
  record Place(IndexDefinition index, String reason) {}

  /** What is known of an index: an index of several groups has the sum of their rankings. */
  private static final class Notes {
    private final List<String> reasons = new ArrayList<>();
    private boolean usable = true;
    private int ranking;

    void add(boolean groupUsable, List<String> groupReasons, int groupRanking) {
      usable &= groupUsable;
      reasons.addAll(groupReasons);
      ranking += groupRanking;
    }
  }

  /**
   * Returns the candidates, sorted by name in descending order.
   *
   * @param ranked the allowed indexes of the chosen type, the chosen one first
   * @param fields the fields that the query returns; empty for all
   */
  List<Candidate> candidates(List<Place> ranked, List<String> fields) {
    Map<IndexDefinition, Notes> notes = new LinkedHashMap<>();
    all.reversed().forEach(index -> notes.put(index, new Notes()));
    Set<IndexDefinition> unfavored = new HashSet<>(allowed);
    ranked.forEach(place -> unfavored.remove(place.index()));
    Set<IndexDefinition> excluded = new HashSet<>(rejections.keySet());
    excluded.removeIf(index -> !reasons(index).isEmpty() || allowed.contains(index));
    boolean anyRejected = rejections.values().stream().anyMatch(reasons -> !reasons.isEmpty());

    int unfavoredRank = Math.max(1, ranked.size());
    int excludedRank = unfavoredRank + (unfavored.isEmpty() ? 0 : 1);
    int rejectedRank = excludedRank + (excluded.isEmpty() ? 0 : 1);
    int partialRank = rejectedRank + (anyRejected ? 1 : 0);
    notes.forEach(
        (index, note) -> {
          if (index.partialFilter().isPresent()) {
            note.add(false, List.of("is_partial"), partialRank);
          }
          List<String> reasons = reasons(index);
          if (!reasons.isEmpty()) {
            note.add(false, reasons, rejectedRank);
          }
          if (excluded.contains(index)) {
            note.add(true, List.of("excluded_by_user"), excludedRank);
          }
          if (unfavored.contains(index)) {
            note.add(true, List.of("unfavored_type"), unfavoredRank);
          }
        });
    for (int i = 0; i < ranked.size(); i++) {
      Notes note = notes.get(ranked.get(i).index());
      if (note != null) {
        note.add(true, List.of(ranked.get(i).reason()), i);
      }
    }
    if (!ranked.isEmpty()) {
      notes.remove(ranked.getFirst().index());
    }
    return notes.entrySet().stream()
        .map(
            e -> new Candidate(
                e.getKey(),
                e.getValue().usable,
                e.getValue().reasons.getFirst(),
                e.getValue().ranking,
                covers(e.getKey(), fields)))
        .toList();
  }

  private List<String> reasons(IndexDefinition index) {
    return rejections.getOrDefault(index, List.of());
  }

  /** Whether an index has all fields that a query returns. */
  static boolean covers(IndexDefinition index, List<String> fields) {
    return !index.isAllDocs() && !fields.isEmpty() && availableFields(index).containsAll(fields);
  }

  /** The fields whose values the rows of an index have. */
  static Set<String> availableFields(IndexDefinition index) {
    Set<String> fields = new HashSet<>(index.columns());
    fields.add("_id");
    return fields;
  }
}
