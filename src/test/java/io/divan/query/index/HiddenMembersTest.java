package io.divan.query.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskLeases;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.EditHooks;
import io.divan.document.Principal;
import io.divan.document.ReadRule;
import io.divan.document.TestDatabases;
import io.divan.json.JsonValue;
import io.divan.query.find.FindRun;
import io.divan.query.find.QueryPlans;
import io.divan.query.plan.FindRequest;
import io.divan.query.plan.Plan;
import io.divan.query.plan.QueryException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries of a principal who sees one member, {@code name}, of each document. */
class HiddenMembersTest {
  private static final ReadRule RULE =
      (id, principal, administrator) -> administrator
          ? new ReadRule.View.Whole()
          : new ReadRule.View.Members(Set.of("name"));

  private final BackgroundTasks tasks =
      new BackgroundTasks(TaskLeases.exclusive(), new ActiveTasks(Clock.systemUTC()));
  private final IndexBuilds builds = new IndexBuilds(tasks);
  private final QueryPlans plans =
      new QueryPlans(builds, new QueryPlans.Waits(Duration.ZERO, Duration.ZERO));
  private Databases databases;

  @BeforeEach
  void create() {
    databases =
        TestDatabases.databases(
            builds
                .hooks()
                .and(
                    new EditHooks(
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(database -> Optional.of(RULE)))));
    databases.create("db");
    Database database = databases.open("db", Principal.SERVER_ADMIN);
    TestDatabases.update(
        database,
        "{'_id':'a','name':'x','secret':3}",
        "{'_id':'b','name':'y','secret':1}",
        "{'_id':'c','name':'z'}",
        "{'_id':'_design/i','language':'query','views':{"
            + "'secret':{'map':{'fields':{'secret':'asc'}},'options':{}},"
            + "'both':{'map':{'fields':{'name':'asc','secret':'asc'}},'options':{}},"
            + "'some':{'map':{'fields':{'name':'asc'},"
            + "'partial_filter_selector':{'secret':{'$gt':2}}},'options':{}}}}");
    IndexRecount.finish(database.store());
  }

  @AfterEach
  void close() {
    builds.close();
    tasks.close();
  }

  private static FindRequest request(String json) {
    byte[] utf8 = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return FindRequest.read((JsonValue.Obj) JsonValue.read(utf8), 25);
  }

  private FindRun run(Principal principal, String json) {
    Database database = databases.open("db", principal);
    Plan plan = plans.find(database, request(json));
    return FindRun.begin(database, plan);
  }

  private List<String> found(Principal principal, String json) {
    FindRun run = run(principal, json);
    List<String> results = new ArrayList<>();
    while (run.hasNext()) {
      run.next().forEach(result -> results.add(TestDatabases.text(result)));
    }
    return results;
  }

  private static Principal reader() {
    return new Principal(Optional.of("reader"), Set.of());
  }

  @Test
  void administrator_findsByAnIndexOfTheMember() {
    assertThat(
        found(Principal.SERVER_ADMIN, "{'selector':{'secret':{'$gt':0}},'fields':['secret']}"))
        .containsExactly("{\"secret\":1}", "{\"secret\":3}");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "{'selector':{'secret':{'$gt':0}}}",
    "{'selector':{'secret':{'$gt':0}},'fields':['secret']}",
    "{'selector':{'secret':3},'use_index':['i','secret'],'fields':['_id','secret']}",
    "{'selector':{'name':{'$gt':''},'secret':1}}"
  })
  void hiddenMember_isNotFound(String query) {
    assertThat(found(reader(), query)).isEmpty();
  }

  /** Otherwise the number of rows between two bounds would be known. */
  @Test
  void statistics_doNotDependOnHiddenMembers() {
    for (String bound : List.of("0", "2", "9")) {
      FindRun run = run(reader(), "{'selector':{'secret':{'$gt':" + bound + "}}}");
      while (run.hasNext()) {
        run.next();
      }
      assertThat(run.statistics().keys()).isEqualTo(3);
    }
  }

  /** An index that restricts results by a hidden member is not used. */
  @Test
  void filterOfAnIndex_doesNotShowHiddenMembers() {
    assertThat(
        found(
            reader(),
            "{'selector':{'name':{'$gt':''}},'use_index':['i','some'],'fields':['_id']}"))
        .containsExactly("{\"_id\":\"a\"}", "{\"_id\":\"b\"}", "{\"_id\":\"c\"}");
  }

  @Test
  void sort_byAHiddenMember_isRefused() {
    assertThatExceptionOfType(QueryException.class)
        .isThrownBy(
            () -> found(reader(), "{'selector':{'_id':{'$gt':null}},'sort':['secret']}"))
        .matches(e -> e.error().equals("no_usable_index"));
  }
}
