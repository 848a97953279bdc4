package io.divan.query.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskLeases;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.WinnerReader;
import io.divan.json.JsonOrder;
import io.divan.json.JsonValue;
import io.divan.query.find.FindRun;
import io.divan.query.find.QueryPlans;
import io.divan.query.plan.FindRequest;
import io.divan.query.plan.IndexDefinition;
import io.divan.query.plan.Plan;
import io.divan.query.plan.Planner;
import io.divan.query.plan.QueryException;
import io.divan.query.selector.Projection;
import io.divan.query.selector.Selector;
import io.divan.record.index.Backend;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random queries on every backend: the results of each index equal those of a test of all documents
 * and are in its order; pages, limits and selected fields are parts of them. {@code
 * -Ddivan.programs=N} runs more, {@code -Ddivan.seed=N -Ddivan.programs=1} the one that failed.
 */
class QueryProgramsTest {
  private static final int QUERIES = 12;
  private static final int ALL = 1_000;

  /** The queries that read an index, and those that read all documents. */
  private record Counts(int indexed, int scanned) {
    Counts plus(Counts other) {
      return new Counts(indexed + other.indexed, scanned + other.scanned);
    }
  }

  @ParameterizedTest
  @EnumSource
  void queries_ofAnyIndex_equalATestOfAllDocuments(Backend backend, @TempDir Path directory) {
    long first = Seeds.seed(20_262_600);
    int programs = Integer.getInteger("divan.programs", backend == Backend.REFERENCE ? 8 : 1);
    Counts counts = new Counts(0, 0);
    try (StorageAdapter adapter = backend.open(directory)) {
      Databases databases =
          new Databases(
              adapter, Clock.systemUTC(), store -> commit -> {}, IndexHooks.WITHOUT_BUILDS);
      for (long seed = first; seed < first + programs; seed++) {
        databases.create("db");
        try {
          Run run = new Run(databases.open("db", Principal.SERVER_ADMIN), new Random(seed));
          counts = counts.plus(run.run());
        } catch (AssertionError | RuntimeException e) {
          fail(Seeds.replay(seed) + " -Ddivan.programs=1", e);
        }
        databases.delete("db");
      }
    }
    assertThat(counts.indexed()).as("queries of indexes").isPositive();
    assertThat(counts.scanned()).as("queries of all documents").isPositive();
  }

  /** One database with its documents, and queries of it. */
  private static final class Run {
    private final Database database;
    private final Random random;
    private final QueryProgram program;
    private final QueryPlans plans;

    Run(Database database, Random random) {
      this.database = database;
      this.random = random;
      this.program = new QueryProgram(database, random);
      BackgroundTasks tasks =
          new BackgroundTasks(TaskLeases.exclusive(), new ActiveTasks(Clock.systemUTC()));
      try (IndexBuilds builds = new IndexBuilds(tasks)) {
        this.plans = new QueryPlans(builds, new QueryPlans.Waits(Duration.ZERO, Duration.ZERO));
      } finally {
        tasks.close();
      }
    }

    Counts run() {
      program.write();
      List<JsonValue> documents = documents();
      Counts counts = new Counts(0, 0);
      for (int i = 0; i < QUERIES; i++) {
        String query = query();
        try {
          counts = counts.plus(check(query, documents));
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(shortened(query), e);
        }
      }
      return counts;
    }

    private static String shortened(String text) {
      return text.replaceAll("x{100,}", "x…");
    }

    private List<JsonValue> documents() {
      return database.read(
          transaction -> {
            List<JsonValue> all = new ArrayList<>();
            Optional<WinnerReader.Ids> rest = Optional.of(WinnerReader.Ids.all(false));
            while (rest.isPresent()) {
              WinnerReader.Slice slice =
                  database.winners().scan(transaction, rest.get(), 100, false);
              slice.winners().stream()
                  .filter(winner -> !winner.id().startsWith("_design/"))
                  .forEach(winner -> all.add(JsonValue.read(winner.toJson())));
              rest = slice.rest();
            }
            return all;
          });
    }

    private String query() {
      String query = "'selector':" + program.selector();
      if (random.nextInt(3) == 0) {
        query += ",'sort':" + program.sort();
      }
      if (random.nextInt(3) == 0) {
        query += ",'use_index':['i','v" + random.nextInt(4) + "']";
      }
      return query;
    }

    private static FindRequest request(String members) {
      byte[] json = ("{" + members + "}").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
      return FindRequest.read((JsonValue.Obj) JsonValue.read(json), ALL);
    }

    private Counts check(String query, List<JsonValue> documents) {
      FindRequest request = request(query);
      Plan plan;
      try {
        plan = plans.find(database, request);
      } catch (QueryException e) {
        assertThat(e.error()).isEqualTo("no_usable_index");
        return new Counts(0, 0);
      }
      IndexDefinition index = plan.index().orElseThrow();
      List<JsonValue> matches = matches(request.selector(), documents);
      List<JsonValue> found = values(results(plan));
      assertThat(ids(found)).isEqualTo(ids(expected(index, request, matches)));
      assertThat(matches).containsAll(found);
      if (request.sort().isEmpty() && index.partialFilter().isEmpty()) {
        assertThat(found).hasSameSizeAs(matches);
      }
      Plan plain = Planner.find(List.of(), request("'selector':" + selector(query)));
      assertThat(ids(values(results(plain)))).isEqualTo(ids(matches));
      checkParts(query, found);
      checkPages(query, found);
      checkFields(query, found);
      return plan.isAllDocs() ? new Counts(0, 1) : new Counts(1, 0);
    }

    private static String selector(String query) {
      String rest = query.substring("'selector':".length());
      int end = Math.min(position(rest, ",'sort':"), position(rest, ",'use_index':"));
      return rest.substring(0, end);
    }

    private static int position(String text, String part) {
      int found = text.indexOf(part);
      return found < 0 ? text.length() : found;
    }

    private static List<JsonValue> matches(Selector selector, List<JsonValue> documents) {
      return documents.stream().filter(selector::matches).toList();
    }

    /** The documents of an index among the matches, in its order. */
    private static List<JsonValue> expected(
        IndexDefinition index, FindRequest request, List<JsonValue> matches) {
      List<String> columns = index.isAllDocs() ? List.of() : index.columns();
      Selector filter =
          Selector.of(index.partialFilter().orElseGet(() -> new JsonValue.Obj(Map.of())));
      Comparator<JsonValue> order = (a, b) -> 0;
      for (String column : columns) {
        order =
            order.thenComparing(
                document -> find(document, column).orElseThrow(), JsonOrder.COLLATED::compare);
      }
      order = order.thenComparing(document -> find(document, "_id").orElseThrow().toString());
      return matches.stream()
          .filter(
              document -> columns.stream().allMatch(column -> find(document, column).isPresent()))
          .filter(filter::matches)
          .sorted(request.descending() ? order.reversed() : order)
          .toList();
    }

    private static Optional<JsonValue> find(JsonValue document, String path) {
      Optional<JsonValue> found = Optional.of(document);
      for (String name : path.split("\\.")) {
        found =
            found.flatMap(
                value -> value instanceof JsonValue.Obj(Map<String, JsonValue> members)
                    ? Optional.ofNullable(members.get(name))
                    : Optional.empty());
      }
      return found;
    }

    private static List<JsonValue> ids(List<JsonValue> documents) {
      return documents.stream().map(document -> find(document, "_id").orElseThrow()).toList();
    }

    private static List<JsonValue> values(List<byte[]> results) {
      return results.stream().map(JsonValue::read).toList();
    }

    private List<byte[]> results(Plan plan) {
      List<byte[]> results = new ArrayList<>();
      if (!plan.isNotRun()) {
        FindRun run = FindRun.begin(database, plan);
        while (run.hasNext()) {
          results.addAll(run.next());
        }
      }
      return results;
    }

    /** A limit and what is skipped select a part of the results. */
    private void checkParts(String query, List<JsonValue> found) {
      int limit = random.nextInt(5);
      int skip = random.nextInt(5);
      String part = query + ",'limit':" + limit + ",'skip':" + skip;
      int from = Math.min(skip, found.size());
      assertThat(values(results(plans.find(database, request(part)))))
          .isEqualTo(found.subList(from, Math.min(from + limit, found.size())));
    }

    /** Pages that continue at bookmarks are the results together. */
    private void checkPages(String query, List<JsonValue> found) {
      int limit = 1 + random.nextInt(6);
      List<JsonValue> together = new ArrayList<>();
      String bookmark = "";
      for (int pages = 0; pages <= found.size() + 1; pages++) {
        Plan plan =
            plans.find(
                database,
                request(query + ",'limit':" + limit + ",'bookmark':'" + bookmark + "'"));
        if (plan.isNotRun()) {
          break;
        }
        FindRun run = FindRun.begin(database, plan);
        int before = together.size();
        while (run.hasNext()) {
          together.addAll(values(run.next()));
        }
        bookmark = run.bookmark();
        if (together.size() == before) {
          break;
        }
        assertThat(together.size() - before).isLessThanOrEqualTo(limit);
      }
      assertThat(ids(together)).isEqualTo(ids(found));
    }

    /** Selected fields are those of the whole documents, also where an index covers them. */
    private void checkFields(String query, List<JsonValue> found) {
      String fields = program.fields();
      FindRequest request = request(query + ",'fields':" + fields);
      Projection projection = Projection.of(request.fields());
      List<JsonValue> expected =
          found.stream()
              .map(document -> projection.apply(document.toJson().getBytes(StandardCharsets.UTF_8)))
              .map(JsonValue::read)
              .toList();
      assertThat(values(results(plans.find(database, request)))).isEqualTo(expected);
    }
  }
}
