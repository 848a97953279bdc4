package io.divan.document.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Changes;
import io.divan.document.Database;
import io.divan.document.TestDatabases;
import io.divan.document.revision.AttachmentTotals;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.RevisionPathTest;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.ByteWriter;
import io.divan.document.rows.LeafRow;
import io.divan.document.rows.LocalDocuments;
import io.divan.document.rows.Tables;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every invariant is broken by hand once, and found. */
class DatabaseCheckTest {

  private static final Leaf WINNER = leaf(false, "2-x", "1-r");
  private static final Leaf LOSER = leaf(false, "2-w", "1-r");
  private static final Leaf TOMBSTONE = leaf(true, "1-t");

  private final Database database = TestDatabases.create();
  private Versionstamp first = Versionstamp.ZERO;

  private static Leaf leaf(boolean deleted, String... path) {
    return new Leaf(RevisionPathTest.path(path), deleted, 7, AttachmentTotals.NONE);
  }

  /** Documents a (two leaves), d (deleted) and _design/x, and a local one. */
  @BeforeEach
  void fill() {
    TestDatabases.replicate(
        database,
        "{'_id':'a','_revisions':{'start':2,'ids':['w','r']},'v':1}",
        "{'_id':'a','_revisions':{'start':2,'ids':['x','r']},'v':2}",
        "{'_id':'d','_rev':'1-t','_deleted':true,'v':3}",
        "{'_id':'_design/x','_rev':'1-x','v':4}",
        "{'_id':'_local/l','v':5}");
    first =
        database
            .changes(new Changes.Query(false, false, false, false))
            .read(Sequence.ZERO, 1, false)
            .changes()
            .getFirst()
            .sequence()
            .stamp();
    assertThat(DatabaseCheck.problems(database)).isEmpty();
  }

  @Test
  void change_withANumberAboveTheCounter_isNamed() {
    assertThat(after(tx -> tx.add(Tables.STATS, Tables.UPDATE_COUNT, -1)))
        .singleElement(InstanceOfAssertFactories.STRING)
        .matches("the change at [0-9a-f]{24} has number [0-9]+, which exceeds .*");
  }

  private List<String> after(Consumer<WriteTransaction> damage) {
    database
        .store()
        .write(
            transaction -> {
              damage.accept(transaction);
              return true;
            });
    return DatabaseCheck.problems(database);
  }

  private static byte[] winnerValue(Leaf leaf, Versionstamp sequence, int branches) {
    return new ByteWriter()
        .put(LeafRow.winnerPrefix())
        .put(sequence.toBytes())
        .put(LeafRow.winnerSuffix(leaf, branches))
        .toBytes();
  }

  private static byte[] change(String id, Leaf winner) {
    return new TupleWriter()
        .add(id)
        .add(winner.path().position())
        .add(winner.path().id(0))
        .add(winner.deleted())
        .toBytes();
  }

  private static byte[] listed(Leaf winner) {
    return new TupleWriter().add(winner.path().position()).add(winner.path().id(0)).toBytes();
  }

  @Test
  void check_lastChangeBehind_found() {
    assertThat(after(tx -> tx.put(Tables.STATS, Tables.LAST_CHANGE, first.toBytes())))
        .singleElement()
        .asString()
        .startsWith("last_change is " + first);
  }

  @Test
  void check_changeMissing_found() {
    assertThat(after(tx -> tx.delete(Tables.CHANGES, Tables.changeKey(first))))
        .containsExactly("a has no change at " + first);
  }

  @Test
  void check_documentTwiceInChanges_found() {
    byte[] earlier = Tables.changeKey(Versionstamp.ZERO.at(1));
    assertThat(after(tx -> tx.put(Tables.CHANGES, earlier, change("a", WINNER))))
        .containsExactly(
            "the change at " + Versionstamp.ZERO.at(1) + " names a, whose change is at " + first);
  }

  @Test
  void check_changeOfAMissingDocument_found() {
    byte[] earlier = Tables.changeKey(Versionstamp.ZERO.at(1));
    assertThat(after(tx -> tx.put(Tables.CHANGES, earlier, change("z", WINNER))))
        .containsExactly(
            "the change at " + Versionstamp.ZERO.at(1) + " names z, which is missing");
  }

  @Test
  void check_changeOfAnother_found() {
    String problem = "the change at " + first + " does not name the winner of a";
    List<byte[]> wrong =
        List.of(
            change("d", WINNER),
            change("a", LOSER),
            change("a", leaf(true, "2-x")),
            change("a", leaf(false, "3-x")));
    for (byte[] value : wrong) {
      assertThat(after(tx -> tx.put(Tables.CHANGES, Tables.changeKey(first), value)))
          .first()
          .isEqualTo(problem);
    }
  }

  @Test
  void check_noWinner_found() {
    assertThat(
        after(tx -> tx.put(Tables.DOCS, Tables.leafKey("a", WINNER), LeafRow.encode(WINNER))))
        .contains("a has 0 winners");
  }

  @Test
  void check_twoWinners_found() {
    byte[] value = winnerValue(LOSER, first, 2);
    assertThat(after(tx -> tx.put(Tables.DOCS, Tables.leafKey("a", LOSER), value)))
        .containsExactly("a has 2 winners");
  }

  @Test
  void check_winnerThatIsNotTheLast_found() {
    assertThat(
        after(
            tx -> {
              tx.put(Tables.DOCS, Tables.leafKey("a", WINNER), LeafRow.encode(WINNER));
              tx.put(Tables.DOCS, Tables.leafKey("a", LOSER), winnerValue(LOSER, first, 2));
            }))
        .contains("a has 1 winners");
  }

  @Test
  void check_wrongNumberOfLeaves_found() {
    byte[] value = winnerValue(WINNER, first, 3);
    assertThat(after(tx -> tx.put(Tables.DOCS, Tables.leafKey("a", WINNER), value)))
        .containsExactly("a says it has 3 leaves");
  }

  @Test
  void check_leafLost_found() {
    assertThat(after(tx -> tx.delete(Tables.DOCS, Tables.leafKey("a", LOSER))))
        .anyMatch(problem -> problem.equals("a says it has 2 leaves"))
        .anyMatch(problem -> problem.startsWith("the counters say"));
  }

  @Test
  void check_bodyMissing_found() {
    assertThat(after(tx -> tx.deleteRange(Tables.body("a", LOSER.revision()))))
        .containsExactly("a has no body of the leaf 2-w");
  }

  @Test
  void check_bodyOfAnotherLength_found() {
    assertThat(
        after(
            tx -> Bodies.write(tx, "a", LOSER.revision(), new Bodies.Body(false, TestDatabases.utf8(
                "{}")))))
        .containsExactly("a has no body of the leaf 2-w");
  }

  @Test
  void check_bodyWithOtherDeletion_found() {
    byte[] json = TestDatabases.utf8("{\"v\":3}");
    assertThat(after(tx -> Bodies.write(tx, "d", TOMBSTONE.revision(), new Bodies.Body(false,
        json))))
        .containsExactly("d has no body of the leaf 1-t");
  }

  @Test
  void check_notListed_found() {
    assertThat(after(tx -> tx.delete(Tables.ALL_DOCS, Tables.key("a"))))
        .containsExactly("a is listed not at all, but should be listed with 2-x");
  }

  @Test
  void check_listedWithAnother_found() {
    assertThat(after(tx -> tx.put(Tables.ALL_DOCS, Tables.key("a"), listed(LOSER))))
        .containsExactly("a is listed with 2-w, but should be listed with 2-x");
  }

  @Test
  void check_deletedButListed_found() {
    assertThat(after(tx -> tx.put(Tables.ALL_DOCS, Tables.key("d"), listed(TOMBSTONE))))
        .containsExactly("d is listed with 1-t, but should be listed not at all");
  }

  @Test
  void check_listedWithoutADocument_found() {
    assertThat(after(tx -> tx.put(Tables.ALL_DOCS, Tables.key("z"), listed(LOSER))))
        .containsExactly("z is listed, but missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "doc_count", "doc_del_count", "design_doc_count", "local_doc_count", "sizes.active",
    "sizes.external"
  })
  void check_counterOff_found(String counter) {
    assertThat(after(tx -> tx.add(Tables.STATS, Tables.key(counter), 1)))
        .singleElement()
        .asString()
        .startsWith("the counters say");
  }

  @Test
  void check_localDocumentLost_found() {
    assertThat(after(tx -> tx.deleteRange(LocalDocuments.range("_local/l"))))
        .singleElement()
        .asString()
        .startsWith("the counters say");
  }

  @Test
  void check_rowThatCannotBeRead_foundAndTheRestChecked() {
    byte[] layout9 = {9};
    assertThat(
        after(
            tx -> {
              tx.put(Tables.DOCS, Tables.leafKey("a", LOSER), layout9);
              tx.delete(Tables.ALL_DOCS, Tables.key("_design/x"));
            }))
        .contains(
            "The row (\"a\", true, 2, 0x77) of docs cannot be read:"
                + " A leaf's row has the unknown layout 9",
            "_design/x is listed not at all, but should be listed with 1-x");
  }

  @Test
  void check_damagedStats_found() {
    assertThat(after(tx -> tx.put(Tables.STATS, Tables.DOC_COUNT, new byte[1])))
        .singleElement()
        .asString()
        .startsWith("The counters cannot be read");
    assertThat(after(tx -> tx.put(Tables.STATS, Tables.LAST_CHANGE, new byte[1])))
        .anyMatch(problem -> problem.startsWith("last_change cannot be read"));
  }

  @Test
  void check_damagedBody_found() {
    byte[] key = Tables.bodyKey("a", LOSER.revision(), 0);
    assertThat(after(tx -> tx.put(Tables.REV_DATA, key, new byte[] {0, 127, 0, 0, 0})))
        .anyMatch(problem -> problem.startsWith(
            "The document a cannot be read: The value of a row"));
  }

  @Test
  void check_walk_tellsItsRows() {
    List<Long> told = new ArrayList<>();
    DatabaseCheck.run(
        database,
        new CheckListener() {
          @Override
          public void problem(String problem) {
            throw new AssertionError(problem);
          }

          @Override
          public void uncertain(String what) {
            throw new AssertionError(what);
          }

          @Override
          public void walked(long rows) {
            told.add(rows);
          }
        });
    assertThat(told).isSorted().endsWith(10L); // 4 leaves, 3 changes, 2 listed, 1 local
  }

  /** Writes whenever it is told of rows, at most so often. */
  private static final class WritingListener implements CheckListener {
    private final Database database;
    private final List<String> heard = new ArrayList<>();
    private int writesLeft;

    WritingListener(Database database, int writes) {
      this.database = database;
      this.writesLeft = writes;
    }

    @Override
    public void problem(String problem) {
      heard.add(problem);
    }

    @Override
    public void uncertain(String what) {
      heard.add("uncertain: " + what);
    }

    @Override
    public void walked(long rows) {
      if (writesLeft > 0) {
        writesLeft--;
        TestDatabases.update(
            database, "{'_id':'0" + writesLeft + "'}", "{'_id':'_local/0" + writesLeft + "'}");
      }
    }
  }

  @Test
  void check_writesBehindTheWalk_areRecounted() {
    WritingListener listener = new WritingListener(database, 6);
    DatabaseCheck.run(database, listener);
    assertThat(listener.heard).isEmpty();
    assertThat(listener.writesLeft).isZero();
  }

  @Test
  void check_writesWithoutEnd_countersAreUncertain() {
    WritingListener listener = new WritingListener(database, 1_000);
    DatabaseCheck.run(database, listener);
    assertThat(listener.heard)
        .containsExactly("uncertain: the counters changed during each of 5 recounts");
  }

  @Test
  void check_moreLeavesThanABatch_examinesAll() {
    int leaves = 1_300;
    String[] edits = new String[leaves];
    for (int i = 0; i < leaves; i++) {
      edits[i] =
          String.format("{'_id':'m','_revisions':{'start':2,'ids':['%04d','r']},'v':%d}", i, i);
    }
    TestDatabases.replicate(database, edits);
    TestDatabases.update(database, "{'_id':'n'}");
    assertThat(DatabaseCheck.problems(database)).isEmpty();
    assertThat(
        after(
            tx -> {
              tx.deleteRange(Tables.body("m", TestDatabases.revision("2-0007")));
              tx.deleteRange(Tables.body("m", TestDatabases.revision("2-1299")));
              tx.delete(Tables.ALL_DOCS, Tables.key("n"));
            }))
        .satisfiesExactly(
            first -> assertThat(first).isEqualTo("m has no body of the leaf 2-0007"),
            second -> assertThat(second).isEqualTo("m has no body of the leaf 2-1299"),
            third -> assertThat(third).startsWith("n is listed not at all"));
  }

  @Test
  void check_largeBodies_areReadInParts() {
    String large = "x".repeat(700_000);
    TestDatabases.replicate(
        database,
        "{'_id':'a','_revisions':{'start':2,'ids':['y','r']},'v':'" + large + "'}",
        "{'_id':'a','_revisions':{'start':2,'ids':['z','r']},'v':'" + large + "'}",
        "{'_id':'b','_rev':'1-b','v':'" + large + "'}");
    assertThat(DatabaseCheck.problems(database)).isEmpty();
    assertThat(after(tx -> tx.deleteRange(Tables.body("b", TestDatabases.revision("1-b")))))
        .containsExactly("b has no body of the leaf 1-b");
  }
}
