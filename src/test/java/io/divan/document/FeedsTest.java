package io.divan.document;

import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.revision;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionDiff;
import io.divan.document.revision.Sequence;
import io.divan.storage.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Listings, changes and reads of many documents. */
class FeedsTest {

  private static final Changes.Query PLAIN = new Changes.Query(false, false, false, false);

  private final Database database = TestDatabases.create();

  static AllDocs allDocs(Database database) {
    return database.allDocs(
        new AllDocs.Query(
            Optional.empty(), Optional.empty(), true, false, 0, Long.MAX_VALUE, false, false));
  }

  private static AllDocs.Query keys(
      String start, String end, boolean inclusive, boolean descending, long skip, long limit) {
    return new AllDocs.Query(
        Optional.ofNullable(start),
        Optional.ofNullable(end),
        inclusive,
        descending,
        skip,
        limit,
        false,
        false);
  }

  private static List<AllDocs.Row> rows(AllDocs listing) {
    List<AllDocs.Row> rows = new ArrayList<>();
    while (listing.hasNext()) {
      rows.addAll(listing.next());
    }
    return rows;
  }

  private static String ids(AllDocs listing) {
    return String.join("", rows(listing).stream().map(AllDocs.Row::id).toList());
  }

  private void create(String... ids) {
    for (String id : ids) {
      saved(database, "{'_id':'" + id + "'}");
    }
  }

  private void createMany(int count) {
    database.update(
        IntStream.range(0, count)
            .mapToObj(i -> TestDatabases.input("{'_id':'" + String.format("%05d", i) + "'}"))
            .toList());
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {
    "-, -, true, false, 0, 9, 0, abcde", "b, -, true, false, 0, 9, 1, bcde",
    "-, d, true, false, 0, 9, 0, abcd", "-, d, false, false, 0, 9, 0, abc",
    "b, d, true, false, 1, 9, 2, cd", "b, d, true, false, 0, 2, 1, bc",
    "b, d, true, false, 9, 9, 4, ''", "bb, dd, true, false, 0, 9, 2, cd",
    "d, b, true, false, 0, 9, 3, ''", "c, c, true, false, 0, 9, 2, c",
    "c, c, false, false, 0, 9, 2, ''", "-, -, true, false, 0, 0, 0, ''",
    "-, -, true, true, 0, 9, 0, edcba", "d, -, true, true, 0, 9, 1, dcba",
    "d, b, true, true, 0, 9, 1, dcb", "d, b, false, true, 0, 9, 1, dc",
    "d, b, true, true, 1, 1, 2, c", "b, d, true, true, 0, 9, 3, ''",
    "-, -, true, true, 7, 9, 5, ''", "z, -, true, false, 0, 9, 5, ''",
    "-, -, true, false, 20000, 9, -, ''"
  })
  void allDocs_ranges(
      String start, String end, boolean inclusive, boolean descending, long skip, long limit,
      Long offset, String expected) {
    create("c", "a", "e", "b", "d");
    AllDocs listing =
        database.allDocs(keys(start, end, inclusive, descending, skip, limit));
    AllDocs.Header header = listing.begin();
    assertThat(header.totalRows()).contains(5L);
    assertThat(header.offset()).isEqualTo(Optional.ofNullable(offset));
    assertThat(header.sequence()).contains(database.updateSequence().toString());
    assertThat(ids(listing)).isEqualTo(expected);
  }

  @Test
  void allDocs_ids_sortByBytes() {
    create("a", "B", "é", "\uD83D\uDE00", "\uFFFD", "_design/x", "b", "aa", "10", "9");
    AllDocs listing = allDocs(database);
    listing.begin();
    assertThat(rows(listing).stream().map(AllDocs.Row::id))
        .containsExactly(
            "10", "9", "B", "_design/x", "a", "aa", "b", "é", "\uFFFD", "\uD83D\uDE00");
  }

  @Test
  void allDocs_update_listsTheNewRevision() {
    String first = saved(database, "{'_id':'a'}");
    String second = saved(database, "{'_id':'a','_rev':'" + first + "','v':1}");
    AllDocs listing = allDocs(database);
    listing.begin();
    assertThat(rows(listing).getFirst().revision()).isEqualTo(revision(second));
  }

  @Test
  void allDocs_manyRows_offsetIsCountedUpToTenThousand() {
    createMany(10_020);
    assertThat(offset("10000", 0)).contains(10_000L);
    assertThat(offset("10001", 0)).isEmpty();
    assertThat(offset("09990", 10)).contains(10_000L);
    assertThat(offset("09990", 11)).isEmpty();
    assertThat(offset(null, 10_000)).contains(10_000L);
    AllDocs listing = database.allDocs(keys(null, null, true, false, 10_001, 9));
    assertThat(listing.begin().offset()).isEmpty();
    assertThat(rows(listing).getFirst().id()).isEqualTo("10001");
    AllDocs descending = database.allDocs(keys("00019", null, true, true, 0, 1));
    assertThat(descending.begin().offset()).contains(10_000L);
    assertThat(database.allDocs(keys("00018", null, true, true, 0, 1)).begin().offset())
        .isEmpty();
    AllDocs all = allDocs(database);
    all.begin();
    assertThat(rows(all)).hasSize(10_020).isSortedAccordingTo(
        (one, other) -> one.id().compareTo(other.id()));
  }

  private Optional<Long> offset(String start, long skip) {
    return database.allDocs(keys(start, null, true, false, skip, 1)).begin().offset();
  }

  @Test
  void pending_manyChanges_exactToTenThousandThenEstimated() {
    createMany(10_020);
    Changes changes = database.changes(PLAIN);
    List<Changes.Change> first = changes.read(Sequence.ZERO, 30, false).changes();
    assertThat(changes.pending(first.get(19).sequence(), Optional.empty())).isEqualTo(10_000);
    assertThat(changes.pending(first.get(29).sequence(), Optional.empty())).isEqualTo(9_990);
    assertThat(changes.pending(Sequence.ZERO, Optional.of(0L))).isEqualTo(10_020);
    assertThat(changes.pending(first.get(4).sequence(), Optional.of(5L))).isEqualTo(10_015);
    assertThat(changes.pending(first.get(4).sequence(), Optional.empty())).isPositive();
    assertThat(changes.pending(database.updateSequence(), Optional.empty())).isZero();
    assertThat(all(changes, Sequence.ZERO)).hasSize(10_020);
  }

  private static List<Changes.Change> all(Changes changes, Sequence since) {
    List<Changes.Change> all = new ArrayList<>();
    Sequence from = since;
    boolean more = true;
    while (more) {
      Changes.Batch batch = changes.read(from, Long.MAX_VALUE, false);
      all.addAll(batch.changes());
      more = !batch.atEnd();
      from = all.isEmpty() ? from : all.getLast().sequence();
    }
    return all;
  }

  @Test
  void changes_documentChangedAgain_movesToTheEnd() {
    create("a", "b", "c");
    List<Changes.Change> before = all(database.changes(PLAIN), Sequence.ZERO);
    update(
        database, "{'_id':'a','_rev':'" + before.getFirst().revisions().getFirst() + "','v':1}");
    List<Changes.Change> after = all(database.changes(PLAIN), Sequence.ZERO);
    assertThat(after.stream().map(Changes.Change::id)).containsExactly("b", "c", "a");
    assertThat(after.subList(0, 2)).isEqualTo(before.subList(1, 3));
    assertThat(all(database.changes(PLAIN), before.getLast().sequence()))
        .singleElement()
        .satisfies(change -> assertThat(change.id()).isEqualTo("a"));
    assertThat(database.updateSequence()).isEqualTo(after.getLast().sequence());
  }

  @Test
  void changes_descending_fromTheEndOrBeforeAPlace() {
    create("a", "b", "c");
    List<Changes.Change> ascending = all(database.changes(PLAIN), Sequence.ZERO);
    Changes descending = database.changes(new Changes.Query(true, false, false, false));
    assertThat(descending.read(Sequence.ZERO, 9, false).changes())
        .isEqualTo(ascending.reversed());
    assertThat(descending.read(ascending.get(2).sequence(), 1, false).changes())
        .containsExactly(ascending.get(1));
  }

  @Test
  void changes_allLeaves_winnerFirst() {
    replicate(
        database,
        "{'_id':'a','_revisions':{'start':2,'ids':['x','r']}}",
        "{'_id':'a','_revisions':{'start':2,'ids':['y','r']}}",
        "{'_id':'a','_revisions':{'start':9,'ids':['z']},'_deleted':true}");
    Changes changes = database.changes(new Changes.Query(false, true, true, true));
    assertThat(changes.read(Sequence.ZERO, 9, false).changes())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.revisions())
                  .containsExactly(revision("2-y"), revision("2-x"), revision("9-z"));
              assertThat(change.json().map(TestDatabases::text))
                  .contains("{\"_id\":\"a\",\"_rev\":\"2-y\",\"_conflicts\":[\"2-x\"]}");
            });
  }

  @Test
  void changes_deletedWithDocs_tombstoneIsAnswered() {
    replicate(database, "{'_id':'a','_rev':'2-x','_deleted':true,'v':1}");
    Changes changes = database.changes(new Changes.Query(false, true, false, false));
    assertThat(changes.read(Sequence.ZERO, 9, false).changes().getFirst().json())
        .map(TestDatabases::text)
        .contains("{\"_id\":\"a\",\"_rev\":\"2-x\",\"v\":1,\"_deleted\":true}");
  }

  @Test
  void changes_limit_isNotTheEnd() {
    create("a", "b");
    Changes.Batch one = database.changes(PLAIN).read(Sequence.ZERO, 1, true);
    assertThat(one.changes()).hasSize(1);
    assertThat(one.atEnd()).isFalse();
    assertThat(one.watch()).isEmpty();
    assertThat(one.last()).isEqualTo(database.updateSequence());
  }

  @Test
  void watch_atTheEnd_firesOnACommit() throws InterruptedException {
    create("a");
    Changes.Batch batch = database.changes(PLAIN).read(Sequence.ZERO, 9, true);
    assertThat(batch.atEnd()).isTrue();
    try (Watch watch = batch.watch().orElseThrow()) {
      assertThat(watch.await(Duration.ZERO)).isFalse();
      Thread writer = Thread.ofVirtual().start(() -> create("b"));
      assertThat(watch.await(Duration.ofSeconds(20))).isTrue();
      writer.join();
    }
    assertThat(database.changes(PLAIN).read(batch.last(), 9, false).changes()).hasSize(1);
  }

  @Test
  void watch_localDocumentOrKnownEdit_doesNotFire() throws InterruptedException {
    replicate(database, "{'_id':'a','_rev':'1-x'}");
    Changes.Batch batch = database.changes(PLAIN).read(database.updateSequence(), 9, true);
    try (Watch watch = batch.watch().orElseThrow()) {
      saved(database, "{'_id':'_local/a'}");
      replicate(database, "{'_id':'a','_rev':'1-x'}");
      update(database, "{'_id':'a'}");
      assertThat(watch.await(Duration.ZERO)).isFalse();
    }
  }

  @Test
  void byKey_anyOrder_repeatedMissingAndDeleted() {
    replicate(
        database,
        "{'_id':'a','_rev':'1-x','v':1}",
        "{'_id':'a','_rev':'1-w','v':0}",
        "{'_id':'d','_rev':'2-x','_deleted':true}");
    DocumentsByKey rows = database.byKey(List.of("d", "a", "nope", "", "a"), true, true);
    List<DocumentsByKey.Row> read = rows.next();
    assertThat(rows.hasNext()).isFalse();
    assertThat(read.stream().map(DocumentsByKey.Row::revision))
        .containsExactly(
            Optional.of("2-x"),
            Optional.of("1-x"),
            Optional.empty(),
            Optional.empty(),
            Optional.of("1-x"));
    assertThat(read.stream().map(DocumentsByKey.Row::deleted))
        .containsExactly(true, false, false, false, false);
    assertThat(read.get(0).json()).isEmpty();
    assertThat(read.get(4).json())
        .map(TestDatabases::text)
        .contains("{\"_id\":\"a\",\"_rev\":\"1-x\",\"v\":1,\"_conflicts\":[\"1-w\"]}");
  }

  private List<String> open(OpenRevisions open) {
    List<String> answers = new ArrayList<>();
    while (open.hasNext()) {
      open.next().forEach(answer -> answers.add(answer.request() + " " + describe(answer)));
    }
    return answers;
  }

  private static String describe(OpenRevisions.Answer answer) {
    return switch (answer) {
      case OpenRevisions.Answer.Found found ->
          found.document().revision() + " " + text(found.document().json());
      case OpenRevisions.Answer.Missing missing -> "missing " + missing.revision();
      case OpenRevisions.Answer.Refused refused -> throw refused.reason();
      case OpenRevisions.Answer.NoDocument none -> "none";
    };
  }

  private static OpenRevisions.Request request(String id, boolean latest, String... revisions) {
    return new OpenRevisions.Request(
        id,
        revisions.length == 0
            ? Optional.empty()
            : Optional.of(List.of(revisions).stream().map(TestDatabases::revision).toList()),
        latest);
  }

  @Test
  void open_revisions_inOrderWithTheMissingLast() {
    replicate(
        database,
        "{'_id':'m','_revisions':{'start':3,'ids':['x','b','a']},'v':1}",
        "{'_id':'m','_revisions':{'start':2,'ids':['y','a']},'v':2}",
        "{'_id':'m','_revisions':{'start':4,'ids':['z','c','b','a']},'_deleted':true}");
    String y = " 2-y {\"_id\":\"m\",\"_rev\":\"2-y\",\"v\":2}";
    String x = " 3-x {\"_id\":\"m\",\"_rev\":\"3-x\",\"v\":1}";
    String z = " 4-z {\"_id\":\"m\",\"_rev\":\"4-z\",\"_deleted\":true}";
    assertThat(
        open(
            database.openRevisions(
                List.of(
                    request("m", false),
                    request("nope", false),
                    request("m", false, "4-z", "2-q", "1-q", "2-y", "3-x", "2-y"),
                    request("m", true, "1-a", "7-q"),
                    request("m", true, "2-b"),
                    request("m", false, "2-b"),
                    request("nope", false, "1-a")),
                false)))
        .containsExactly(
            "0" + y, "0" + x, "0" + z,
            "1 none",
            "2" + y, "2" + x, "2" + z, "2 missing 1-q", "2 missing 2-q",
            "3" + y, "3" + x, "3" + z, "3 missing 7-q",
            "4" + x, "4" + z,
            "5 missing 2-b",
            "6 missing 1-a");
  }

  @Test
  void diff_missingAndPossibleAncestors() {
    replicate(
        database,
        "{'_id':'m','_revisions':{'start':3,'ids':['x','b','a']},'v':1}",
        "{'_id':'m','_revisions':{'start':2,'ids':['y','a']},'v':2}",
        "{'_id':'m','_revisions':{'start':4,'ids':['z','c','b','a']},'_deleted':true}");
    Map<String, List<Revision>> asked = new LinkedHashMap<>();
    asked.put("m", List.of(revision("9-q"), revision("3-x"), revision("1-q"), revision("2-b")));
    asked.put("nope", List.of(revision("1-a")));
    asked.put("empty", List.of());
    List<RevisionDiff> diffs = database.diff(asked);
    assertThat(diffs).hasSize(2);
    assertThat(diffs.get(0).id()).isEqualTo("m");
    assertThat(diffs.get(0).missing())
        .containsExactlyInAnyOrder(revision("9-q"), revision("1-q"));
    assertThat(diffs.get(0).possibleAncestors())
        .containsExactlyInAnyOrder(revision("3-x"), revision("2-y"), revision("4-z"));
    assertThat(diffs.get(1))
        .isEqualTo(new RevisionDiff("nope", List.of(revision("1-a")), List.of()));
    assertThat(database.diff(Map.of("m", List.of(revision("3-q")))).getFirst())
        .isEqualTo(
            new RevisionDiff("m", List.of(revision("3-q")), List.of(revision("2-y"))));
    assertThat(database.diff(Map.of("m", List.of(revision("3-x"), revision("1-a"))))).isEmpty();
  }
}
