package io.divan.document;

import static io.divan.document.TestDatabases.get;
import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.revision;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.document.revision.Sequence;
import io.divan.document.rows.Tables;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Edits and reads of single documents. The expected answers are CouchDB 3.5.2's. */
class DatabaseTest {

  private static final String CONFLICT = "conflict: Document update conflict.";
  private static final ReadOptions ALL = new ReadOptions(true, true, true, true, false);

  private final Database database = TestDatabases.create();

  @AfterEach
  void check_afterEachTest_holds() {
    TestDatabases.check(database);
  }

  private String read(String id, String revision) {
    return text(database.get(id, revision(revision), false, ReadOptions.NONE).json());
  }

  private void assertMissing(String id, String revision) {
    assertThatExceptionOfType(DocumentException.NotFound.class)
        .isThrownBy(() -> read(id, revision))
        .withMessage("missing");
  }

  private List<Changes.Change> changes() {
    return database
        .changes(new Changes.Query(false, false, false, true))
        .read(Sequence.ZERO, 100, false)
        .changes();
  }

  @Test
  void update_new_isTheFirstRevision() {
    String revision = saved(database, "{'_id':'a','x':1}");
    assertThat(revision).startsWith("1-").hasSize(34);
    assertThat(get(database, "a"))
        .isEqualTo("{\"_id\":\"a\",\"_rev\":\"" + revision + "\",\"x\":1}");
  }

  @Test
  void update_sameEditInTwoDatabases_sameRevision() {
    String revision = saved(database, "{'_id':'a','x':1}");
    Database other = TestDatabases.create();
    assertThat(saved(other, "{'_id':'b', 'x' : 1}")).isEqualTo(revision);
    assertThat(saved(other, "{'_id':'c','x':2}")).isNotEqualTo(revision);
  }

  @Test
  void update_live_needsItsLeaf() {
    String first = saved(database, "{'_id':'a','x':1}");
    assertThat(update(database, "{'_id':'a','x':2}")).containsExactly(CONFLICT);
    assertThat(update(database, "{'_id':'a','_rev':'1-x','x':2}")).containsExactly(CONFLICT);
    assertThat(update(database, "{'_id':'a','_rev':'0-x','x':2}")).containsExactly(CONFLICT);
    String second = saved(database, "{'_id':'a','_rev':'" + first + "','x':2}");
    assertThat(second).startsWith("2-");
    assertThat(update(database, "{'_id':'a','_rev':'" + first + "','x':3}"))
        .containsExactly(CONFLICT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1-x", "3-abc", "1-", "99999999999999999999-abc"})
  void update_newWithInventedRevision_conflict(String revision) {
    assertThat(update(database, "{'_id':'a','_rev':'" + revision + "'}"))
        .containsExactly(CONFLICT);
    assertThat(database.updateSequence()).isEqualTo(Sequence.ZERO);
  }

  @Test
  void update_revisionZero_isAsNone() {
    assertThat(update(database, "{'_id':'a','_rev':'0-1'}").getFirst()).startsWith("1-");
    replicate(database, "{'_id':'b','_rev':'2-t','_deleted':true}");
    assertThat(update(database, "{'_id':'b','_rev':'0-1'}").getFirst()).startsWith("3-");
  }

  @Test
  void update_revisionsMember_baseIsItsNewest() {
    replicate(database, "{'_id':'a','_rev':'1-x'}");
    String document = "{'_id':'a','_rev':'7-q','_revisions':{'start':1,'ids':['x']}}";
    assertThat(update(database, document).getFirst()).startsWith("2-");
  }

  @Test
  void update_bornDeleted_isATombstone() {
    assertThat(update(database, "{'_id':'a','_deleted':true,'x':1}").getFirst())
        .startsWith("1-");
    DatabaseInfo info = database.info();
    assertThat(info.docCount()).isZero();
    assertThat(info.docDelCount()).isEqualTo(1);
    assertThat(get(database, "a")).contains("\"x\":1,\"_deleted\":true");
    assertThatExceptionOfType(DocumentException.NotFound.class)
        .isThrownBy(() -> database.get("a", false, ReadOptions.NONE))
        .withMessage("deleted");
  }

  @Test
  void update_recreated_continuesTheWinningTombstone() {
    replicate(
        database,
        "{'_id':'a','_revisions':{'start':2,'ids':['x','r']},'_deleted':true}",
        "{'_id':'a','_revisions':{'start':2,'ids':['y','r']},'_deleted':true}");
    String revision = saved(database, "{'_id':'a','v':1}");
    assertThat(get(database, "a", ALL))
        .isEqualTo(
            "{\"_id\":\"a\",\"_rev\":\"" + revision + "\",\"v\":1,\"_revisions\":{\"start\":3,"
                + "\"ids\":[\"" + revision.substring(2) + "\",\"y\",\"r\"]},\"_revs_info\":["
                + "{\"rev\":\"" + revision + "\",\"status\":\"available\"},"
                + "{\"rev\":\"2-y\",\"status\":\"deleted\"},"
                + "{\"rev\":\"1-r\",\"status\":\"missing\"}],"
                + "\"_deleted_conflicts\":[\"2-x\"]}");
    assertThat(database.info().docCount()).isEqualTo(1);
    assertThat(database.info().docDelCount()).isZero();
  }

  @Test
  void update_deletedDocument_onlyCreatedWithoutRevision() {
    replicate(
        database,
        "{'_id':'a','_revisions':{'start':2,'ids':['x','r']},'_deleted':true}",
        "{'_id':'a','_revisions':{'start':2,'ids':['y','r']},'_deleted':true}");
    for (String leaf : List.of("2-x", "2-y", "1-r", "1-z")) {
      assertThat(update(database, "{'_id':'a','_rev':'" + leaf + "'}")).containsExactly(CONFLICT);
      assertThat(update(database, "{'_id':'a','_rev':'" + leaf + "','_deleted':true}"))
          .containsExactly(CONFLICT);
    }
    assertThat(update(database, "{'_id':'a','_deleted':true}")).containsExactly(CONFLICT);
  }

  @Test
  void update_deletedLeafOfLiveDocument_canBeRevivedOnly() {
    replicate(
        database,
        "{'_id':'a','_revisions':{'start':3,'ids':['t','r','q']},'v':1}",
        "{'_id':'a','_revisions':{'start':3,'ids':['s','r','q']},'_deleted':true}");
    assertThat(update(database, "{'_id':'a','_rev':'3-s','_deleted':true}"))
        .containsExactly(CONFLICT);
    String revived = saved(database, "{'_id':'a','_rev':'3-s','v':2}");
    assertThat(get(database, "a", ReadOptions.conflicts(true)))
        .isEqualTo(
            "{\"_id\":\"a\",\"_rev\":\"" + revived + "\",\"v\":2,\"_conflicts\":[\"3-t\"]}");
  }

  @Test
  void update_idTwice_secondConflicts() {
    List<String> outcomes =
        update(database, "{'_id':'a','v':1}", "{'_id':'b'}", "{'_id':'a','v':1}");
    assertThat(outcomes.get(0)).startsWith("1-");
    assertThat(outcomes.get(1)).startsWith("1-");
    assertThat(outcomes.get(2)).isEqualTo(CONFLICT);
  }

  @Test
  void update_twoLeavesInOneBatch_bothCount() {
    replicate(
        database,
        "{'_id':'a','_revisions':{'start':2,'ids':['x','r']},'v':1}",
        "{'_id':'a','_revisions':{'start':2,'ids':['y','r']},'v':2}");
    List<String> outcomes =
        update(
            database,
            "{'_id':'a','_rev':'2-x','_deleted':true}",
            "{'_id':'a','_rev':'2-y','v':3}",
            "{'_id':'a','_rev':'2-y','v':4}");
    assertThat(outcomes.subList(0, 2)).allMatch(outcome -> outcome.startsWith("3-"));
    assertThat(outcomes.get(2)).isEqualTo(CONFLICT);
    assertThat(get(database, "a", new ReadOptions(false, false, true, true, false)))
        .isEqualTo(
            "{\"_id\":\"a\",\"_rev\":\"" + outcomes.get(1) + "\",\"v\":3,\"_deleted_conflicts\":[\""
                + outcomes.get(0) + "\"]}");
  }

  @Test
  void update_staleEditFirst_doesNotHinderTheSecond() {
    replicate(database, "{'_id':'a','_revisions':{'start':2,'ids':['x','r']}}");
    List<String> outcomes =
        update(database, "{'_id':'a','_rev':'1-r'}", "{'_id':'a','_rev':'2-x'}");
    assertThat(outcomes.get(0)).isEqualTo(CONFLICT);
    assertThat(outcomes.get(1)).startsWith("3-");
  }

  @Test
  void update_deletedAndCreatedInOneBatch_inTheirOrder() {
    replicate(database, "{'_id':'a','_rev':'1-a'}", "{'_id':'b','_rev':'1-a'}");
    List<String> outcomes =
        update(
            database,
            "{'_id':'a','_rev':'1-a','_deleted':true}",
            "{'_id':'a','v':2}",
            "{'_id':'b','v':2}",
            "{'_id':'b','_rev':'1-a','_deleted':true}",
            "{'_id':'c','_deleted':true}",
            "{'_id':'c','v':3}");
    assertThat(outcomes.stream().map(outcome -> outcome.substring(0, 2)))
        .containsExactly("2-", "3-", "co", "2-", "1-", "2-");
    assertThat(get(database, "a")).contains("\"v\":2");
  }

  @Test
  void update_sameEditOnAForgottenParent_joinsWhatItMade() {
    database.revsLimit(1);
    String first = saved(database, "{'_id':'a','v':1}");
    String second = saved(database, "{'_id':'a','_rev':'" + first + "','v':2}");
    assertMissing("a", first);
    replicate(database, "{'_id':'a','_rev':'" + first + "','v':1}");
    assertThat(get(database, "a", ReadOptions.conflicts(true))).contains("_conflicts");
    assertThat(update(database, "{'_id':'a','_rev':'" + first + "','v':2}"))
        .containsExactly(second);
    assertThat(get(database, "a", ALL))
        .isEqualTo(
            "{\"_id\":\"a\",\"_rev\":\"" + second + "\",\"v\":2,\"_revisions\":{\"start\":2,"
                + "\"ids\":[\"" + second.substring(2) + "\"]},\"_revs_info\":[{\"rev\":\""
                + second + "\",\"status\":\"available\"}]}");
  }

  @Test
  void update_childOfAForgottenParentThatIsInner_leavesOneBranch() {
    database.revsLimit(2);
    String first = saved(database, "{'_id':'a','v':1}");
    String second = saved(database, "{'_id':'a','_rev':'" + first + "','v':2}");
    String third = saved(database, "{'_id':'a','_rev':'" + second + "','v':3}");
    replicate(database, "{'_id':'a','_rev':'" + first + "','v':1}");
    update(database, "{'_id':'a','_rev':'" + first + "','v':2}");
    assertThat(changes()).hasSize(1);
    assertThat(changes().getFirst().revisions()).containsExactly(revision(third));
  }

  @Test
  void replicate_winningLeafDeleted_secondWins() {
    replicate(
        database,
        "{'_id':'a','_revisions':{'start':2,'ids':['x','r']},'v':1}",
        "{'_id':'a','_revisions':{'start':2,'ids':['y','r']},'v':2}");
    assertThat(get(database, "a")).contains("2-y");
    replicate(
        database,
        "{'_id':'a','_revisions':{'start':3,'ids':['z','y','r']},'_deleted':true}");
    assertThat(get(database, "a")).contains("2-x");
    Changes.Change change = changes().getFirst();
    assertThat(change.revisions()).containsExactly(revision("2-x"), revision("3-z"));
    assertThat(change.deleted()).isFalse();
    AllDocs listing = FeedsTest.allDocs(database);
    listing.begin();
    assertThat(listing.next().stream().map(AllDocs.Row::revision))
        .containsExactly(revision("2-x"));
  }

  @Test
  void replicate_tombstoneOfTheUnknown_isCounted() {
    replicate(
        database, "{'_id':'a','_revisions':{'start':2,'ids':['t','r']},'_deleted':true}");
    assertThat(database.info().docDelCount()).isEqualTo(1);
    assertThat(changes()).singleElement().satisfies(c -> assertThat(c.deleted()).isTrue());
    assertMissing("a", "1-r");
    replicate(
        database, "{'_id':'a','_revisions':{'start':3,'ids':['u','t','r']},'_deleted':true}");
    assertThat(database.info().docDelCount()).isEqualTo(1);
  }

  @Test
  void replicate_known_changesNothing() {
    String document = "{'_id':'a','_revisions':{'start':3,'ids':['c','b','a']},'v':1}";
    replicate(database, document, "{'_id':'b','_rev':'1-x'}");
    List<Changes.Change> before = changes();
    Sequence sequence = database.updateSequence();
    assertThat(replicate(database, document)).containsExactly("3-c");
    assertThat(replicate(database, "{'_id':'a','_rev':'3-c','v':2,'_deleted':true}"))
        .containsExactly("3-c");
    assertThat(database.updateSequence()).isEqualTo(sequence);
    assertThat(changes()).isEqualTo(before);
    assertThat(get(database, "a")).contains("\"v\":1");
  }

  @Test
  void replicate_revisionThreeTimesInOneBatch_firstCounts() {
    replicate(
        database,
        "{'_id':'a','_rev':'1-1','v':1}",
        "{'_id':'a','_rev':'1-1','v':2}",
        "{'_id':'a','_rev':'1-2','v':3}");
    assertThat(get(database, "a", ReadOptions.conflicts(true)))
        .isEqualTo("{\"_id\":\"a\",\"_rev\":\"1-2\",\"v\":3,\"_conflicts\":[\"1-1\"]}");
    assertThat(read("a", "1-1")).contains("\"v\":1");
  }

  @Test
  void replicate_longerAncestry_isLearntWithoutAChange() {
    replicate(database, "{'_id':'a','_rev':'3-c','v':1}", "{'_id':'b','_rev':'1-x'}");
    Sequence sequence = database.updateSequence();
    replicate(database, "{'_id':'a','_revisions':{'start':3,'ids':['c','b','a']},'v':1}");
    assertThat(database.updateSequence()).isEqualTo(sequence);
    assertThat(get(database, "a", ReadOptions.revisions(true)))
        .contains("\"ids\":[\"c\",\"b\",\"a\"]");
    assertThat(changes().getFirst().id()).isEqualTo("a");
  }

  @Test
  void replicate_bodyOfAKnownAncestor_isKept() {
    replicate(database, "{'_id':'a','_revisions':{'start':3,'ids':['c','b','a']},'v':3}");
    assertMissing("a", "2-b");
    Sequence sequence = database.updateSequence();
    replicate(
        database,
        "{'_id':'a','_revisions':{'start':2,'ids':['b','a']},'v':2}",
        "{'_id':'a','_revisions':{'start':2,'ids':['b','a']},'v':20}");
    assertThat(read("a", "2-b")).contains("\"v\":2}");
    assertThat(get(database, "a")).contains("\"v\":3");
    assertThat(database.updateSequence()).isEqualTo(sequence);
    replicate(database, "{'_id':'a','_revisions':{'start':2,'ids':['b','a']},'v':200}");
    assertThat(read("a", "2-b")).contains("\"v\":2}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0-1", "1-", "1000000000000000-a"})
  void replicate_revisionNoDocumentHas_refused(String revision) {
    String document = "{'_id':'a','_rev':'" + revision + "'}";
    assertThat(replicate(database, document, "{'_id':'b','_rev':'1-x'}"))
        .containsExactly("bad_request: Invalid rev format", "1-x");
  }

  @Test
  void replicate_withoutRevision_refused() {
    assertThat(replicate(database, "{'_id':'a'}"))
        .containsExactly(
            "bad_request: When `new_edits: false`, the document needs `_rev` or `_revisions`"
                + " specified");
  }

  @Test
  void get_oldRevision_bodyStillThere() {
    String first = saved(database, "{'_id':'a','v':1}");
    String second = saved(database, "{'_id':'a','_rev':'" + first + "','_deleted':true,'v':2}");
    String third = saved(database, "{'_id':'a','v':3}");
    assertThat(read("a", first)).contains("\"v\":1}");
    assertThat(read("a", second)).contains("\"v\":2,\"_deleted\":true}");
    assertThat(text(database.get("a", revision(first), true, ReadOptions.revisions(true)).json()))
        .contains(third, "\"v\":3", "_revisions");
    assertMissing("a", "4-x");
  }

  @Test
  void revsLimit_lowered_stemsAndForgetsBodiesAtOnce() {
    String[] revisions = new String[12];
    revisions[0] = saved(database, "{'_id':'a','v':0}");
    for (int i = 1; i < 10; i++) {
      revisions[i] = saved(database, "{'_id':'a','_rev':'" + revisions[i - 1] + "','v':" + i + "}");
    }
    database.revsLimit(3);
    assertThat(read("a", revisions[0])).contains("\"v\":0");
    revisions[10] = saved(database, "{'_id':'a','_rev':'" + revisions[9] + "','v':10}");
    IntStream.range(0, 8).forEach(i -> assertMissing("a", revisions[i]));
    IntStream.range(8, 11).forEach(i -> assertThat(read("a", revisions[i])).contains("\"v\":" + i));
    assertThat(bodyRows()).isEqualTo(3);
  }

  @Test
  void revsLimit_lowered_keepsWhatAnotherBranchKnows() {
    replicate(
        database,
        "{'_id':'a','_revisions':{'start':2,'ids':['b','a']},'v':2}",
        "{'_id':'a','_revisions':{'start':3,'ids':['x','b','a']},'v':3}",
        "{'_id':'a','_revisions':{'start':3,'ids':['y','b','a']},'v':4}");
    database.revsLimit(2);
    replicate(
        database, "{'_id':'a','_revisions':{'start':4,'ids':['z','y','b','a']},'v':5}");
    assertThat(read("a", "2-b")).contains("\"v\":2");
    replicate(
        database, "{'_id':'a','_revisions':{'start':4,'ids':['w','x','b','a']},'v':6}");
    assertMissing("a", "2-b");
    assertThat(bodyRows()).isEqualTo(4);
  }

  @Test
  void revsLimit_loweredForLongHistoryOfLongId_editFits() {
    String id = "i".repeat(2_046);
    String revision = saved(database, "{'_id':'" + id + "'}");
    for (int i = 0; i < 700; i++) {
      revision = saved(database, "{'_id':'" + id + "','_rev':'" + revision + "'}");
    }
    database.revsLimit(1);
    String body = "x".repeat(7_900_000);
    saved(database, "{'_id':'" + id + "','_rev':'" + revision + "','v':'" + body + "'}");
    assertMissing(id, revision);
  }

  private long bodyRows() {
    return database
        .store()
        .read(tx -> tx.scan(io.divan.storage.Range.all(Tables.REV_DATA)).rows().size());
  }

  @Test
  void revsLimit_changedByAnotherHandle_isSeen() {
    Database other = TestDatabases.of(database.store());
    assertThat(other.revsLimit()).isEqualTo(1_000);
    assertThat(database.revsLimit()).isEqualTo(1_000);
    other.revsLimit(1);
    assertThat(database.revsLimit()).isEqualTo(1);
    String first = saved(database, "{'_id':'a'}");
    saved(database, "{'_id':'a','_rev':'" + first + "'}");
    assertMissing("a", first);
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> database.revsLimit(0));
    assertThat(other.revsLimit()).isEqualTo(1);
  }

  @Test
  void get_localSequence_isItsChange() {
    saved(database, "{'_id':'a'}");
    String json = get(database, "a", new ReadOptions(false, false, false, false, true));
    assertThat(json).endsWith(",\"_local_seq\":\"" + database.updateSequence() + "\"}");
  }

  @Test
  void update_idsWithZeroCharacters_areApart() {
    saved(database, "{'_id':'a\\u0000b','v':1}");
    saved(database, "{'_id':'a','v':2}");
    saved(database, "{'_id':'a\\u0000','v':3}");
    assertThat(get(database, "a")).contains("\"v\":2");
    assertThat(get(database, "a\0b")).contains("{\"_id\":\"a\\u0000b\"");
    assertThat(database.info().docCount()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {8_000_000, 95_995, 95_996})
  void update_large_isReadBack(int bytes) {
    String id = "i".repeat(2_046);
    String body = "x".repeat(bytes - 8);
    String first = saved(database, "{'_id':'" + id + "','v':1}");
    String second =
        saved(database, "{'_id':'" + id + "','_rev':'" + first + "','v':'" + body + "'}");
    assertThat(get(database, id))
        .isEqualTo(
            "{\"_id\":\"" + id + "\",\"_rev\":\"" + second + "\",\"v\":\"" + body + "\"}");
    assertThat(database.info().sizeExternal()).isEqualTo(bytes);
    assertThat(database.info().sizeActive()).isEqualTo(bytes + 5);
    saved(database, "{'_id':'" + id + "','_rev':'" + second + "','_deleted':true}");
    assertThat(database.info().sizeExternal()).isEqualTo(2);
  }
}
