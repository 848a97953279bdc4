package io.divan.query.find;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskLeases;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.TestDatabases;
import io.divan.json.JsonValue;
import io.divan.query.index.IndexBuilds;
import io.divan.query.plan.FindRequest;
import io.divan.query.plan.Plan;
import io.divan.query.plan.QueryException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Queries while their index is not built: nothing runs the builds here. */
class QueryPlansTest {
  private IndexBuilds builds;
  private QueryPlans plans;
  private Database database;

  @BeforeEach
  void create() {
    BackgroundTasks tasks = tasks();
    builds = new IndexBuilds(tasks);
    tasks.close();
    plans =
        new QueryPlans(
            builds, new QueryPlans.Waits(Duration.ZERO, Duration.ofMillis(1)));
    Databases databases =
        TestDatabases.databases(builds.hooks());
    databases.create("db");
    database = TestDatabases.open(databases, "db");
    TestDatabases.update(database, "{'_id':'a','n':2}", "{'_id':'b','n':1}");
    TestDatabases.update(
        database,
        "{'_id':'_design/n','language':'query','views':{'n':{'map':{'fields':{'n':'asc'}},"
            + "'options':{'def':{}}}}}");
  }

  @AfterEach
  void close() {
    builds.close();
  }

  private static BackgroundTasks tasks() {
    return new BackgroundTasks(TaskLeases.exclusive(), new ActiveTasks(Clock.systemUTC()));
  }

  private static FindRequest request(String json) {
    byte[] utf8 = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return FindRequest.read((JsonValue.Obj) JsonValue.read(utf8), 25);
  }

  private Plan plan(String json) {
    return plans.find(database, request(json));
  }

  private String revision(String id) {
    return database.read(
        t -> database.winners().read(t, List.of(id), false).getFirst().orElseThrow().revision())
        .toString();
  }

  @Test
  void indexNotBuilt_readsAllDocumentsWithAWarning() {
    Plan plan = plan("{'selector':{'n':{'$gt':0}}}");
    assertThat(plan.isAllDocs()).isTrue();
    FindRun run = FindRun.begin(database, plan);
    assertThat(run.next()).hasSize(2);
    assertThat(run.warnings(10))
        .containsExactly("No matching index found, create an index to optimize query time.");
  }

  @Test
  void indexNotBuilt_sortNeedsIt() {
    for (String needed : List.of("'sort':['n']", "'use_index':'n','allow_fallback':false")) {
      assertThatThrownBy(() -> plan("{'selector':{'n':{'$gt':0}}," + needed + "}"))
          .isInstanceOfSatisfying(
              QueryException.class,
              e -> {
                assertThat(e.status()).isEqualTo(503);
                assertThat(e.isTemporary()).isTrue();
              });
    }
  }

  @Test
  void indexDeletedAfterItsChoice_choosesAgain() throws Exception {
    try (BackgroundTasks tasks = tasks();
        IndexBuilds running = new IndexBuilds(tasks)) {
      QueryPlans waiting =
          new QueryPlans(
              running, new QueryPlans.Waits(Duration.ofSeconds(30), Duration.ofSeconds(30)));
      FindRequest request = request("{'selector':{'n':{'$gt':0}}}");
      Plan stale = waiting.find(database, request);
      assertThat(stale.isAllDocs()).isFalse();
      TestDatabases.update(
          database, "{'_id':'_design/n','_rev':'" + revision("_design/n") + "','views':{}}");
      Iterator<Plan> plans = List.of(stale, waiting.find(database, request)).iterator();

      FindRun run = QueryPlans.begin(database, plans::next).orElseThrow();

      assertThat(run.hasNext()).isTrue();
      assertThat(run.next()).hasSize(2);
      assertThat(run.hasNext()).isFalse();
      assertThatThrownBy(() -> QueryPlans.begin(database, () -> stale))
          .isInstanceOfSatisfying(
              QueryException.class, e -> assertThat(e.isTemporary()).isTrue());
    }
  }
}
