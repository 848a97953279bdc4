package io.divan.document;

import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.rows.Tables;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.ConflictRanges;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What edits conflict on in FoundationDB: the leaves of their documents, and nothing that documents
 * share. Numbers of tables are in {@link Tables}.
 */
class FdbConflictRangesTest {
  private static final int DOCUMENTS = 64;

  private final ConflictRanges conflicts =
      new ConflictRanges(new SimulatedFoundationDb().open());
  private final StorageAdapter adapter =
      new CheckedAdapter(
          new FdbAdapter(
              conflicts.database(),
              FdbAdapter.Options.defaults().maintenance(100, Duration.ofSeconds(1), false),
              TransactionListener.NONE));
  private final Databases databases = new Databases(adapter, Clock.systemUTC());

  @BeforeEach
  void create() {
    databases.create("db");
    saved(databases.open("db"), "{'_id':'first'}"); // what a new handle asks once
    conflicts.take();
  }

  @AfterEach
  void close() {
    adapter.close();
  }

  private Database database() {
    return databases.open("db");
  }

  private ConflictRanges.Ranges taken() {
    List<ConflictRanges.Ranges> taken = conflicts.take();
    assertThat(taken).hasSize(1);
    return taken.getFirst();
  }

  private static List<String> texts(List<ConflictRanges.Keys> keys) {
    return keys.stream().map(ConflictRanges.Keys::toString).toList();
  }

  @Test
  void edit_conflictsOnItsDocumentOnly() {
    String first = saved(database(), "{'_id':'a'}");
    assertThat(texts(taken().reads())).containsExactly("(\"version\")", "(20, \"a\")");
    String second = saved(database(), "{'_id':'a','_rev':'" + first + "','n':1}");
    ConflictRanges.Ranges edit = taken();
    assertThat(texts(edit.reads())).containsExactly("(\"version\")", "(20, \"a\")");
    assertThat(texts(edit.writes()))
        .filteredOn(key -> !key.startsWith("(255, "))
        .allMatch(key -> key.matches("\\((17|18|19|20|21), .*"))
        .contains("(17, \"last_change\")", "(17, \"sizes.active\")", "(18, \"a\")")
        .anyMatch(key -> key.startsWith("(19, @"))
        .anyMatch(key -> key.startsWith("(20, \"a\", true, 2, "));
    update(database(), "{'_id':'a','_rev':'" + second + "','_deleted':true}");
    assertThat(texts(taken().reads())).containsExactly("(\"version\")", "(20, \"a\")");
  }

  @Test
  void edits_ofOneDocument_conflict() {
    String revision = saved(database(), "{'_id':'a'}");
    ConflictRanges.Ranges creation = taken();
    saved(database(), "{'_id':'a','_rev':'" + revision + "'}");
    assertThat(taken().failsAfter(creation)).isTrue();
  }

  @Test
  void edits_ofManyDocuments_haveNothingInCommon() {
    List<ConflictRanges.Ranges> edits = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      String id = "doc" + i;
      String revision = saved(database(), "{'_id':'" + id + "'}");
      saved(database(), "{'_id':'" + id + "','_rev':'" + revision + "','n':" + i + "}");
      update(database(), "{'_id':'_local/" + id + "'}");
      edits.addAll(conflicts.take());
    }
    assertThat(edits).hasSize(3 * DOCUMENTS);
    for (int i = 0; i < edits.size(); i++) {
      for (int j = 0; j < edits.size(); j++) {
        if (i / 3 != j / 3) {
          assertThat(edits.get(i).failsAfter(edits.get(j))).as(i + " after " + j).isFalse();
        }
      }
    }
  }

  @Test
  void revsLimit_changed_conflictsWithEveryEdit() {
    saved(database(), "{'_id':'a'}");
    ConflictRanges.Ranges edit = taken();
    database().revsLimit(5);
    assertThat(edit.failsAfter(taken())).isTrue();
  }
}
