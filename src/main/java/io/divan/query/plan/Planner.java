package io.divan.query.plan;

import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses the index for a request, as CouchDB does.
 *
 * <ol>
 *   <li>Considered are all indexes without a partial filter, and those that {@code use_index}
 *       names.
 *   <li>Usable is an index whose columns the selector requires, and whose order serves the sort.
 *   <li>If {@code use_index} names usable ones, one of these is taken.
 *   <li>An index comes before {@code _all_docs}. Among indexes, the one is taken whose first
 *       columns cover most fields of the selector, then the one with the fewest columns, then the
 *       first by name.
 * </ol>
 */
public final class Planner {
  private static final String DESIGN_PREFIX = "_design/";
  private static final Set<String> IN_EVERY_DOCUMENT = Set.of("_id", "_rev");

  private final List<IndexDefinition> all;
  private final FindRequest request;
  private final JsonValue.Obj selector;

  /** An index with the ranges of its first columns. */
  private record Ranked(IndexDefinition index, List<FieldRange> ranges, int difference) {
    private static final Comparator<Ranked> BEST_FIRST =
        Comparator.comparingInt(Ranked::difference)
            .thenComparingInt(r -> r.index().columns().size())
            .thenComparing(Ranked::index, IndexDefinition.BY_NAME);
  }

  private Planner(List<IndexDefinition> indexes, FindRequest request) {
    this.all = new ArrayList<>(indexes);
    all.add(IndexDefinition.ALL_DOCS);
    all.sort(IndexDefinition.BY_NAME);
    this.request = request;
    this.selector = request.selector().normalized();
  }

  /**
   * Chooses the index for a {@code _find} request.
   *
   * @param indexes the indexes of the database, without {@code _all_docs}
   * @throws QueryException if no index serves the sort, or none may be used
   */
  public static Plan find(List<IndexDefinition> indexes, FindRequest request) {
    return new Planner(indexes, request).plan(true);
  }

  /**
   * Chooses the index for an {@code _explain} request.
   *
   * @param indexes the indexes of the database, without {@code _all_docs}
   * @throws QueryException if indexes are usable, but none may be used
   */
  public static Plan explain(List<IndexDefinition> indexes, FindRequest request) {
    return new Planner(indexes, request).plan(false);
  }

  /** Whether {@code use_index} names an index. */
  static boolean isNamed(IndexDefinition index, List<String> name) {
    return !name.isEmpty()
        && index.designDocument().equals(Optional.of(DESIGN_PREFIX + shownName(name).getFirst()))
        && (name.size() == 1 || name.get(1).equals(index.name()));
  }

  /** The parts of {@code use_index}, without the prefix of the design document. */
  static List<String> shownName(List<String> name) {
    List<String> shown = new ArrayList<>(name);
    String first = shown.getFirst();
    if (first.startsWith(DESIGN_PREFIX)) {
      shown.set(0, first.substring(DESIGN_PREFIX.length()));
    }
    return shown;
  }

  private Plan plan(boolean indexNeeded) {
    Map<IndexDefinition, List<String>> rejections = new LinkedHashMap<>();
    for (IndexDefinition index : all) {
      if (index.partialFilter().isEmpty() || isNamed(index, request.useIndex())) {
        rejections.put(index, rejections(index));
      }
    }
    List<IndexDefinition> usable =
        rejections.entrySet().stream()
            .filter(e -> e.getValue().isEmpty())
            .map(Map.Entry::getKey)
            .toList();
    if (usable.isEmpty() && indexNeeded) {
      throw QueryException.badRequest(
          "no_usable_index", "No index exists for this sort, try indexing by the sort fields.");
    }
    List<IndexDefinition> named =
        usable.stream().filter(i -> isNamed(i, request.useIndex())).toList();
    if (named.isEmpty() && !mayFallBack(usable)) {
      throw notUsable();
    }
    List<IndexDefinition> allowed = named.isEmpty() ? usable : named;
    List<Ranked> ranked = ranked(allowed);
    List<Candidate> candidates =
        new CandidateList(all, rejections, allowed)
            .candidates(ranked.stream().map(r -> place(r, ranked)).toList(), request.fields());
    if (ranked.isEmpty()) {
      return new Plan(request, Optional.empty(), List.of(), false, false, candidates);
    }
    Ranked best = ranked.getFirst();
    boolean contradiction = best.ranges().size() == 1 && best.ranges().getFirst().empty();
    return new Plan(
        request,
        Optional.of(best.index()),
        contradiction ? List.of() : best.ranges(),
        contradiction || SelectorFields.hasNoResults(selector),
        isCovering(best.index()),
        candidates);
  }

  private static CandidateList.Place place(Ranked ranked, List<Ranked> all) {
    int width = all.getFirst().index().columns().size();
    String reason =
        ranked.difference() > 0
            ? "less_overlap"
            : ranked.index().columns().size() > width
                ? "too_many_fields"
                : "alphabetically_comes_after";
    return new CandidateList.Place(ranked.index(), reason);
  }

  private boolean mayFallBack(List<IndexDefinition> usable) {
    return request.allowFallback() || request.useIndex().isEmpty() && usable.size() > 1;
  }

  private QueryException notUsable() {
    List<String> name = request.useIndex();
    if (name.isEmpty()) {
      return QueryException.badRequest(
          "invalid_index", "You must specify an index with the `use_index` parameter.");
    }
    String shown = DESIGN_PREFIX + String.join(", ", shownName(name));
    return QueryException.badRequest(
        "invalid_index",
        shown + " specified by `use_index` could not be found or it is not suitable.");
  }

  /** Why an index cannot be used; empty if it can. */
  private List<String> rejections(IndexDefinition index) {
    List<String> sort = request.sortFields();
    List<String> reasons = new ArrayList<>();
    if (index.isAllDocs()) {
      if (!sort.isEmpty() && !SelectorFields.indexable(selector).contains("_id")) {
        reasons.add("field_mismatch");
      }
      if (!sort.isEmpty() && !sort.equals(index.columns())) {
        reasons.add("sort_order_mismatch");
      }
      return reasons;
    }
    Set<String> required = new HashSet<>(index.columns());
    required.removeAll(Set.copyOf(sort));
    required.removeAll(IN_EVERY_DOCUMENT);
    if (!SelectorFields.requires(selector, required)) {
      reasons.add("field_mismatch");
    }
    if (!serves(index.columns(), sort)) {
      reasons.add("sort_order_mismatch");
    }
    return reasons;
  }

  /** Whether columns, after leading ones that the selector makes constant, begin with the sort. */
  private boolean serves(List<String> columns, List<String> sort) {
    if (sort.isEmpty()) {
      return true;
    }
    int first = 0;
    while (first < columns.size()
        && !columns.get(first).equals(sort.getFirst())
        && SelectorFields.isConstant(selector, columns.get(first))) {
      first++;
    }
    int end = first + sort.size();
    return end <= columns.size() && columns.subList(first, end).equals(sort);
  }

  /** The allowed indexes of the best type, the best first. */
  private List<Ranked> ranked(List<IndexDefinition> allowed) {
    boolean onlyAllDocs = allowed.stream().allMatch(IndexDefinition::isAllDocs);
    Map<String, FieldRange> ranges = new LinkedHashMap<>(SelectorFields.ranges(selector));
    int fields = ranges.size();
    if (onlyAllDocs) {
      ranges.putIfAbsent("_id", FieldRange.ALL);
    }
    List<Ranked> ranked = new ArrayList<>();
    for (IndexDefinition index : allowed) {
      if (onlyAllDocs || !index.isAllDocs()) {
        List<FieldRange> prefix = new ArrayList<>();
        for (String column : index.columns()) {
          FieldRange range = ranges.get(column);
          if (range == null) {
            break;
          }
          prefix.add(range);
        }
        ranked.add(new Ranked(index, prefix, fields + (onlyAllDocs ? 1 : 0) - prefix.size()));
      }
    }
    ranked.sort(Ranked.BEST_FIRST);
    return ranked;
  }

  private boolean isCovering(IndexDefinition index) {
    return CandidateList.covers(index, request.fields())
        && CandidateList.availableFields(index).containsAll(SelectorFields.all(selector));
  }
}
