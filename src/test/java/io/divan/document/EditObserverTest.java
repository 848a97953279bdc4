package io.divan.document;

import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.divan.document.revision.Revision;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.LeafRows;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Seeds;
import io.divan.storage.Table;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Observers that keep rows of their own beside the documents. */
class EditObserverTest {
  private static final Table INDEX = new Table(201, "test_index");

  private static Database database(EditObserver.Source... observers) {
    Databases databases =
        TestDatabases.databases(new EditHooks(List.of(), List.of(), List.of(observers)));
    databases.create("db");
    return databases.open("db", Principal.SERVER_ADMIN);
  }

  /** Keeps a row for each winner, tombstones included: its id, revision, state and body. */
  private record Indexer(WriteTransaction transaction) implements EditObserver {
    @Override
    public boolean needsBodies(String id) {
      return true;
    }

    @Override
    public void changed(List<DocumentChange> changes) {
      for (DocumentChange change : changes) {
        if (!change.changesWinner()) {
          continue;
        }
        byte[] key = new TupleWriter().add(change.id()).toBytes();
        assertThat(transaction.get(INDEX, key).map(TestDatabases::text))
            .as("the row of %s", change.id())
            .isEqualTo(change.before().map(Indexer::row));
        change
            .after()
            .ifPresentOrElse(
                after -> transaction.put(INDEX, key, TestDatabases.utf8(row(after))),
                () -> transaction.delete(INDEX, key));
      }
    }

    private static String row(DocumentVersion version) {
      String body = text(version.body());
      return version.revision() + " " + version.deleted() + " " + body.length() + body.hashCode();
    }
  }

  private static Map<String, String> index(Database database) {
    Map<String, String> rows = new TreeMap<>();
    for (KeyValue row : database.store().read(transaction -> transaction.scan(Range.all(INDEX)))
        .rows()) {
      rows.put(new TupleReader(row.key()).nextString(), text(row.value()));
    }
    return rows;
  }

  /** The rows that the index must have, from the documents themselves. */
  private static Map<String, String> recount(Database database) {
    Map<String, String> rows = new TreeMap<>();
    List<String> ids = new ArrayList<>();
    database
        .changes(new Changes.Query(false, false, false, false))
        .read(Sequence.ZERO, 10_000, false)
        .changes()
        .forEach(change -> ids.add(change.id()));
    for (String id : ids) {
      database
          .store()
          .read(
              transaction -> {
                LeafRow row = LeafRows.winner(transaction, id).orElseThrow();
                Revision revision = row.leaf().revision();
                Bodies.Body body = Bodies.read(transaction, id, revision).orElseThrow();
                return rows.put(
                    id,
                    Indexer.row(
                        new DocumentVersion(
                            revision, row.leaf().deleted(), Optional.of(body.json()))));
              });
    }
    return rows;
  }

  /** Edits, conflicts, deletions, replicated edits, purges, compactions and lowered limits. */
  @Test
  void index_afterRandomPrograms_equalsARecount() {
    long seed = Seeds.seed(20_261_121);
    int programs = Integer.getInteger("divan.programs", 60);
    for (int i = 0; i < programs; i++) {
      Database database =
          database((context, transaction) -> Optional.of(new Indexer(transaction)));
      ModelDatabase model = new ModelDatabase();
      for (ModelProgram.Operation operation : ModelProgram.random(new Random(seed + i))) {
        DatabaseModelTest.apply(operation, database, model);
        assertThat(index(database)).as(Seeds.replay(seed + i)).isEqualTo(recount(database));
      }
      TestDatabases.check(database);
    }
  }

  @Test
  void purge_wholeDocument_isHeard() {
    Database database =
        database((context, transaction) -> Optional.of(new Indexer(transaction)));
    String revision = saved(database, "{'_id':'a','n':1}");
    assertThat(index(database)).containsOnlyKeys("a");
    database.purges().purge(Map.of("a", List.of(TestDatabases.revision(revision))));
    assertThat(index(database)).isEmpty();
  }

  private record Recorder(List<String> changes, boolean needsBodies) implements EditObserver {
    @Override
    public boolean needsBodies(String id) {
      return needsBodies;
    }

    @Override
    public void changed(List<DocumentChange> all) {
      all.forEach(
          change -> changes.add(
              change.id()
                  + " "
                  + revision(change.before())
                  + " to "
                  + revision(change.after())
                  + (change.changesWinner() ? "" : ", same winner")));
    }

    private static String revision(Optional<DocumentVersion> version) {
      return version.map(v -> v.revision() + (v.deleted() ? " deleted" : "")).orElse("nothing");
    }
  }

  @Test
  void changes_areReportedOnceForEachDocumentThatChanged() {
    List<String> changes = new ArrayList<>();
    Database database =
        database((context, transaction) -> Optional.of(new Recorder(changes, false)));
    replicate(database, "{'_id':'a','_rev':'2-x'}", "{'_id':'b','_rev':'1-x'}");
    replicate(database, "{'_id':'a','_rev':'2-x'}");
    replicate(database, "{'_id':'a','_rev':'1-y'}", "{'_id':'a','_rev':'1-z'}");
    replicate(database, "{'_id':'a','_revisions':{'start':2,'ids':['x','w']}}");
    update(database, "{'_id':'b','_rev':'1-x','_deleted':true}", "{'_id':'b'}");
    update(database, "{'_id':'a'}", "{'_id':'_local/a'}");
    assertThat(changes.stream().map(change -> change.replaceAll("[0-9a-f]{32}", "#")))
        .containsExactly(
            "a nothing to 2-x",
            "b nothing to 1-x",
            "a 2-x to 2-x, same winner",
            "b 1-x to 3-#");
  }

  @Test
  void bodies_notAskedFor_areNotThere() {
    Database database =
        database(
            (context, transaction) -> Optional.of(
                new EditObserver() {
                  @Override
                  public boolean needsBodies(String id) {
                    return id.equals("b");
                  }

                  @Override
                  public void changed(List<DocumentChange> changes) {
                    changes.forEach(change -> change.after().orElseThrow().body());
                  }
                }));
    assertThatIllegalStateException().isThrownBy(() -> saved(database, "{'_id':'a'}"));
    saved(database, "{'_id':'b'}");
    assertThat(database.info().docCount()).isEqualTo(1); // the failure rolled back
  }

  @Test
  void designDocument_changed_bumpsTheConfigurationVersion() {
    Database database = database();
    List<String> bumps = new ArrayList<>();
    Object[] last = {version(database)};
    Runnable note =
        () -> {
          Object now = version(database);
          bumps.add(now.equals(last[0]) ? "same" : "bumped");
          last[0] = now;
        };
    saved(database, "{'_id':'a'}");
    note.run();
    String first = saved(database, "{'_id':'_design/a'}");
    note.run();
    String second = saved(database, "{'_id':'_design/a','_rev':'" + first + "','n':1}");
    note.run();
    replicate(database, "{'_id':'_design/a','_rev':'1-0'}");
    note.run(); // only a conflict
    String third = saved(database, "{'_id':'_design/a','_rev':'" + second + "','_deleted':true}");
    note.run(); // the conflict wins
    database.purges().purge(Map.of("_design/a", List.of(TestDatabases.revision(third))));
    note.run(); // the winner stays
    database.purges().purge(Map.of("_design/a", List.of(TestDatabases.revision("1-0"))));
    note.run();
    assertThat(bumps)
        .containsExactly("same", "bumped", "bumped", "same", "bumped", "same", "bumped");
  }

  private static Object version(Database database) {
    return database.store().read(ReadTransaction::configVersion);
  }

  @Test
  void observer_throws_nothingIsStored() {
    Database database =
        database(
            (context, transaction) -> {
              throw new IllegalArgumentException("no index");
            });
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> saved(database, "{'_id':'a'}"));
    assertThat(database.info().docCount()).isZero();
  }
}
