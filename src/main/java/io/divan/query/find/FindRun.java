package io.divan.query.find;

import io.divan.document.Database;
import io.divan.document.DocumentIds;
import io.divan.document.WinnerReader.Ids;
import io.divan.query.plan.FieldRange;
import io.divan.query.plan.FindRequest;
import io.divan.query.plan.Plan;
import io.divan.query.plan.QueryException;
import io.divan.query.selector.Projection;
import io.divan.query.selector.SelectorException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A query that is running. Returns its results in batches, each from one snapshot; the whole result
 * is never in memory. For one thread.
 *
 * <p>Reads up to the first match after the limit, as CouchDB does: this decides the statistics, and
 * the warning that follows from them.
 */
public final class FindRun {
  private static final int ROWS_MIN = 10;
  private static final int ROWS_MAX = 500;

  private static final String MANY_DOCUMENTS =
      "The number of documents examined is high in proportion to the number of results returned."
          + " Consider adding a more specific index to improve this.";

  private final long begun = System.nanoTime();
  private final Plan plan;
  private final FindRequest request;
  private final RowSource source;
  private final Projection fields;
  private final boolean needsWhole;
  private final boolean readsDocuments;
  private Optional<List<byte[]>> ahead = Optional.empty();
  private Optional<Bookmark> last = Optional.empty();
  private long skip;
  private long limit;
  private long rows;
  private long quorumRows;
  private long results;
  private boolean ended;

  private FindRun(Plan plan, RowSource source) {
    this.plan = plan;
    this.request = plan.request();
    this.source = source;
    this.fields = projection(request.fields());
    this.needsWhole = plan.covering() || request.selector().normalized().toJson().contains("\"_");
    this.readsDocuments = !plan.covering();
    this.skip = request.skip();
    this.limit = request.limit();
    this.ended = !source.hasNext();
  }

  /**
   * Prepares a query.
   *
   * @throws io.divan.query.plan.QueryException if the bookmark is invalid
   */
  public static FindRun begin(Database database, Plan plan) {
    Optional<Bookmark> after = plan.request().bookmark().map(Bookmark::read);
    return new FindRun(
        plan,
        plan.isAllDocs()
            ? allDocs(database, plan, after)
            : new IndexRows(database, plan, after.filter(b -> b.fits(plan))));
  }

  private static Projection projection(List<String> fields) {
    try {
      return Projection.of(fields);
    } catch (SelectorException e) {
      throw QueryException.badRequest(e.error(), e.reason());
    }
  }

  private static RowSource allDocs(Database database, Plan plan, Optional<Bookmark> after) {
    FindRequest request = plan.request();
    FieldRange range = plan.ranges().isEmpty() ? FieldRange.ALL : plan.ranges().getFirst();
    Optional<Ids> ids =
        plan.empty() ? Optional.empty() : IdRanges.of(range, request.descending());
    return new AllDocsRows(
        database,
        ids.map(
            all -> after.filter(b -> b.fits(plan)).map(b -> all.after(b.id())).orElse(all)),
        request.conflicts() && request.readQuorum() == 1);
  }

  /** Reads the results that {@link #next} returns first. */
  void readAhead() {
    if (!ended) {
      ahead = Optional.of(read());
    }
  }

  /** Whether {@link #next} may return more results. */
  public boolean hasNext() {
    return ahead.isPresent() || !ended;
  }

  /**
   * Reads the next rows of the index, and returns the results among them.
   *
   * @throws QueryException if the index was deleted
   */
  public List<byte[]> next() {
    List<byte[]> found = ahead.orElseGet(this::read);
    ahead = Optional.empty();
    return found;
  }

  private List<byte[]> read() {
    List<byte[]> found = new ArrayList<>();
    for (RowSource.Row row : source.next(wanted())) {
      rows++;
      if (plan.isAllDocs() && DocumentIds.isDesign(row.id())) {
        continue;
      }
      quorumRows++;
      byte[] tested = needsWhole ? row.whole().get() : row.body();
      if (!request.selector().matches(tested)) {
        continue;
      }
      if (limit > 0) {
        last = Optional.of(row.position());
      }
      if (skip > 0) {
        skip--;
      } else if (limit > 0) {
        limit--;
        results++;
        found.add(fields.apply(needsWhole ? tested : row.whole().get()));
      } else {
        ended = true;
        return found;
      }
    }
    ended = !source.hasNext();
    return found;
  }

  /** About how many rows are needed for the results that are left. */
  private int wanted() {
    double left = Math.min(limit, ROWS_MAX) + Math.min(skip, ROWS_MAX) + 1.0;
    double rowsPerMatch = (rows + 1.0) / (results + request.skip() - skip + 1.0);
    return (int) Math.clamp(left * rowsPerMatch, ROWS_MIN, ROWS_MAX);
  }

  /** The bookmark of the answer: after the last result, or the request's if there are none. */
  public String bookmark() {
    return last.map(Bookmark::text).or(request::bookmark).orElse(FindRequest.NO_BOOKMARK);
  }

  /** What was read until now. */
  public Statistics statistics() {
    boolean quorum = request.readQuorum() > 1;
    return new Statistics(
        quorum && readsDocuments ? quorumRows : rows,
        quorum || !readsDocuments ? 0 : rows,
        quorum && readsDocuments ? quorumRows : 0,
        results,
        Duration.ofNanos(System.nanoTime() - begun));
  }

  /**
   * The warnings of the answer, in CouchDB's order.
   *
   * @param threshold the greatest number of documents for each result without a warning; 0 or less
   *     for none
   */
  public List<String> warnings(long threshold) {
    List<String> warnings = new ArrayList<>(plan.warnings());
    if (statistics().exceeds(threshold)) {
      warnings.add(MANY_DOCUMENTS);
    }
    return warnings;
  }
}
