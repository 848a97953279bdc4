package io.divan.query.find;

import io.divan.document.Database;
import io.divan.query.index.DatabaseIndexes;
import io.divan.query.index.DatabaseIndexes.Availability;
import io.divan.query.index.IndexBuilds;
import io.divan.query.plan.FindRequest;
import io.divan.query.plan.IndexDefinition;
import io.divan.query.plan.Plan;
import io.divan.query.plan.Planner;
import io.divan.query.plan.QueryException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Chooses the index for a query, and waits while it is being built. Safe for use by many threads.
 */
public final class QueryPlans {

  /**
   * How long queries wait for an index.
   *
   * @param optional a query that can also read all documents
   * @param required a query that needs the index
   */
  public record Waits(Duration optional, Duration required) {}

  private static final int ATTEMPTS_MAX = 3;

  private final IndexBuilds builds;
  private final Waits waits;

  public QueryPlans(IndexBuilds builds, Waits waits) {
    this.builds = builds;
    this.waits = waits;
  }

  /**
   * Begins a {@code _find} request: chooses the index, and reads the first rows. Chooses again if
   * the index is deleted in between.
   *
   * @return empty if the conditions contradict each other
   * @throws QueryException if no index can be used, the needed one is not built yet, or the
   *     bookmark is invalid
   */
  public Optional<FindRun> begin(Database database, FindRequest request) {
    return begin(database, () -> find(database, request));
  }

  static Optional<FindRun> begin(Database database, Supplier<Plan> choice) {
    for (int attempt = 1;; attempt++) {
      Plan plan = choice.get();
      if (plan.isNotRun()) {
        return Optional.empty();
      }
      FindRun run = FindRun.begin(database, plan);
      try {
        run.readAhead();
        return Optional.of(run);
      } catch (QueryException e) {
        if (!e.isTemporary() || attempt == ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  /**
   * Chooses the index for a {@code _find} request. If it is not built in time, the plan reads all
   * documents, where that has the same results in an order that the request permits.
   *
   * @throws QueryException if no index can be used, or the needed one is not built yet
   */
  public Plan find(Database database, FindRequest request) {
    Plan plan = Planner.find(usable(database), request);
    if (plan.isAllDocs() || plan.empty()) {
      return plan;
    }
    IndexDefinition index = plan.index().orElseThrow();
    boolean needed =
        !request.sort().isEmpty() || !request.allowFallback() || index.partialFilter().isPresent();
    boolean began = request.bookmark().map(Bookmark::read).filter(b -> !b.fits(plan)).isPresent();
    if (began && !needed) {
      return scan(request); // the first answer read all documents; the order must stay
    }
    if (isReady(database, index, needed ? waits.required() : waits.optional())) {
      return plan;
    }
    if (needed) {
      throw QueryException.retryLater(
          "The index " + index.name() + " of " + index.designDocument().orElseThrow()
              + " is still being built: retry later");
    }
    return scan(request);
  }

  /**
   * Chooses the index for an {@code _explain} request.
   *
   * @throws QueryException if indexes are usable, but none may be used
   */
  public Plan explain(Database database, FindRequest request) {
    return Planner.explain(usable(database), request);
  }

  private static Plan scan(FindRequest request) {
    return Planner.find(List.of(), request);
  }

  /**
   * The indexes that queries may use. None if the principal sees less than the whole of each
   * document: the rows of an index, their order and their number depend on what is hidden.
   */
  private static List<IndexDefinition> usable(Database database) {
    if (database.winners().hidesSome()) {
      return List.of();
    }
    DatabaseIndexes indexes = database.settings().derived(DatabaseIndexes.VALUE);
    return indexes.definitions().stream()
        .filter(index -> indexes.availability(index) != Availability.UNUSABLE)
        .toList();
  }

  private boolean isReady(Database database, IndexDefinition index, Duration atMost) {
    try {
      return database.settings().derived(DatabaseIndexes.VALUE).reader(index).isPresent()
          || builds.await(database, index, atMost);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw QueryException.retryLater("The service is stopping: retry later");
    }
  }
}
