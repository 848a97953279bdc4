package io.divan.document;

import static io.divan.document.TestDatabases.get;
import static io.divan.document.TestDatabases.input;
import static io.divan.document.TestDatabases.outcomes;
import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.update;
import static io.divan.document.TestDatabases.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Transformations of edits. The test's transformation marks bodies and refuses some. */
class EditTransformTest {
  private static final Principal ANN = new Principal(Optional.of("ann"), Set.of("editor"));

  private final List<String> seen = new ArrayList<>();
  private final AtomicInteger ruleRuns = new AtomicInteger();
  private final EditHooks hooks =
      new EditHooks(
          List.of(context -> Optional.of(this::countRun)),
          List.of(),
          List.of(),
          List.of(name -> name.equals("db") ? Optional.of(this::mark) : Optional.empty()),
          List.of());

  private final Databases databases = TestDatabases.databases(hooks);

  private void countRun(ProposedEdit edit) {
    ruleRuns.incrementAndGet();
    assertThat(text(edit.document().body())).contains("marked");
  }

  private DocumentInput mark(DocumentInput edit, Principal principal, boolean administrator) {
    String body = text(edit.body());
    seen.add(edit.requireId() + " " + principal.name().orElse("") + " " + administrator);
    if (body.contains("refuse")) {
      throw new DocumentException.BadRequest("no");
    }
    return edit.withBody(utf8("{\"marked\":true}"));
  }

  private Database create() {
    databases.create("db");
    return databases.open("db");
  }

  @Test
  void update_andReplicate_storeTheTransformedBody() {
    Database database = create();

    saved(database, "{'_id':'a','n':1}");
    replicate(database, "{'_id':'b','_rev':'1-x','n':1}");
    saved(database, "{'_id':'c','n':1}");
    database.delete(DocumentInput.deletion("c", revisionOf(database, "c")));

    assertThat(get(database, "a")).endsWith("\"marked\":true}");
    assertThat(get(database, "b")).isEqualTo("{\"_id\":\"b\",\"_rev\":\"1-x\",\"marked\":true}");
    assertThat(get(database, "c")).endsWith("\"marked\":true,\"_deleted\":true}");
    assertThat(seen).containsExactly("a  true", "b  true", "c  true", "c  true");
  }

  private static Optional<io.divan.document.revision.Revision> revisionOf(
      Database database, String id) {
    return Optional.of(
        TestDatabases.revision(database.get(id, false, ReadOptions.NONE).revision()));
  }

  @Test
  void update_someRefused_othersAreStoredInOrder() {
    Database database = create();

    List<String> outcomes =
        update(
            database,
            "{'_id':'a','refuse':1}",
            "{'_id':'b'}",
            "{'_id':'c','refuse':1}",
            "{'_id':'d','_rev':'1-00000000000000000000000000000000'}",
            "{'_id':'e'}");

    assertThat(outcomes.get(0)).isEqualTo("bad_request: no");
    assertThat(outcomes.get(1)).startsWith("1-");
    assertThat(outcomes.get(2)).isEqualTo("bad_request: no");
    assertThat(outcomes.get(3)).startsWith("conflict");
    assertThat(outcomes.get(4)).startsWith("1-");
    assertThat(database.info().docCount()).isEqualTo(2);
  }

  @Test
  void update_administratorOfTheDatabase_isKnown() {
    Database database = create();
    database
        .settings()
        .security(SecurityObject.parse(utf8("{\"admins\":{\"roles\":[\"editor\"]}}")));

    databases.open("db", ANN).update(List.of(input("{'_id':'a'}")));
    database.settings().security(SecurityObject.parse(utf8("{\"admins\":{\"names\":[]}}")));
    databases.open("db", ANN).update(List.of(input("{'_id':'b'}")));

    assertThat(seen).containsExactly("a ann true", "b ann false");
  }

  @Test
  void update_otherDatabase_isNotTransformed() {
    Databases others =
        TestDatabases.databases(
            new EditHooks(
                List.of(), List.of(), List.of(), hooks.transforms(), List.of()));
    others.create("other");
    Database other = others.open("other");

    saved(other, "{'_id':'a','refuse':1}");

    assertThat(seen).isEmpty();
  }

  @Test
  void update_transactionRetried_transformsOnce() {
    SimulatedFoundationDb cluster = new SimulatedFoundationDb();
    try (FdbAdapter adapter =
        new FdbAdapter(cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE)) {
      Databases clustered =
          new Databases(adapter, Clock.systemUTC(), store -> nonLeafBytes -> {}, hooks);
      clustered.create("db");
      Database database = clustered.open("db");
      cluster.faults().chance(Faults.Fault.CONFLICT, 0.7);
      List<DocumentInput> edits = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        edits.add(input("{'_id':'doc" + i + "'}"));
      }

      for (DocumentInput edit : edits) {
        assertThat(outcomes(database.update(List.of(edit))).getFirst()).startsWith("1-");
      }

      cluster.faults().clear();
      assertThat(seen).hasSize(20);
      assertThat(ruleRuns.get()).as("runs in transactions, with retries").isGreaterThan(20);
    }
  }
}
