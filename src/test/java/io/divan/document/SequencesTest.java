package io.divan.document;

import static io.divan.document.TestDatabases.replicate;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.revision.Revision;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.Tables;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers in front of sequences. */
class SequencesTest {
  private static final String ZERO = "0-000000000000000000000000";

  private final Database database = TestDatabases.create();

  @AfterEach
  void check() {
    TestDatabases.check(database);
  }

  private String latest() {
    String latest = database.updateSequence().toString();
    assertThat(database.info().updateSequence()).hasToString(latest);
    Listing listing = FeedsTest.allDocs(database);
    assertThat(listing.begin().sequence()).contains(latest);
    Changes.Batch batch = read(ChangesFilter.NONE);
    assertThat(batch.last()).hasToString(latest);
    return latest;
  }

  private long number() {
    return number(latest());
  }

  private static long number(String sequence) {
    return Long.parseLong(sequence.substring(0, sequence.indexOf('-')));
  }

  private Changes.Batch read(ChangesFilter filter) {
    return database
        .changes(new Changes.Query(false, false, false, false, filter))
        .read(Sequence.ZERO, 1_000, false);
  }

  private List<String> changes(ChangesFilter filter) {
    List<String> changes = new ArrayList<>();
    for (Changes.Change change : read(filter).changes()) {
      changes.add(change.sequence().number() + " " + change.id());
    }
    return changes;
  }

  private List<String> changes() {
    return changes(ChangesFilter.NONE);
  }

  private String localSequence(String id) {
    String json =
        TestDatabases.get(database, id, new ReadOptions(false, false, false, false, true));
    return json.replaceAll(".*\"_local_seq\":\"([^\"]*)\".*", "$1");
  }

  @Test
  void empty_isNumberZero() {
    assertThat(latest()).isEqualTo(ZERO);
    assertThat(database.info().purgeSequence()).hasToString(ZERO);
  }

  @Test
  void updates_areNumberedOneAfterTheOther() {
    String revision = saved(database, "{'_id':'a'}");
    saved(database, "{'_id':'b'}");
    assertThat(changes()).containsExactly("1 a", "2 b");
    saved(database, "{'_id':'a','_rev':'" + revision + "','n':1}");
    assertThat(changes()).containsExactly("2 b", "3 a");
    assertThat(changes(new ChangesFilter.Ids(Set.of("a", "c")))).containsExactly("3 a");
    assertThat(latest()).isEqualTo(read(ChangesFilter.NONE).changes().getLast().sequence() + "");
    assertThat(localSequence("a")).isEqualTo(latest());
    assertThat(number(localSequence("b"))).isEqualTo(2);
  }

  @Test
  void bulk_isNumberedInTheOrderOfItsStamps() {
    saved(database, "{'_id':'first'}");
    update(database, "{'_id':'c'}", "{'_id':'_local/x'}", "{'_id':'a'}", "{'_id':'c'}");
    assertThat(changes()).containsExactly("1 first", "2 c", "3 a");
    assertThat(number()).isEqualTo(3);
  }

  @Test
  void whatChangesNothing_isNotCounted() {
    replicate(database, "{'_id':'a','_rev':'2-x'}");
    replicate(database, "{'_id':'a','_rev':'2-x'}");
    update(database, "{'_id':'a','n':1}", "{'_id':'_local/x'}");
    assertThat(number()).isEqualTo(1);
  }

  @Test
  void purge_isAnUpdate() {
    String revision = saved(database, "{'_id':'a'}");
    purge(Map.of("a", revision));
    assertThat(number()).isEqualTo(2);
    assertThat(database.info().purgeSequence().number()).isEqualTo(1);
    purge(Map.of("a", revision, "b", "1-x"));
    assertThat(number()).isEqualTo(4);
    DatabaseInfo info = database.info();
    assertThat(info.purgeSequence().number()).isEqualTo(3);
    assertThat(info.purgeSequence().stamp()).isEqualTo(info.updateSequence().stamp());
    saved(database, "{'_id':'a'}");
    assertThat(changes()).containsExactly("5 a");
  }

  private void purge(Map<String, String> revisions) {
    Map<String, List<Revision>> parsed = new LinkedHashMap<>();
    revisions.forEach((id, text) -> parsed.put(id, List.of(TestDatabases.revision(text))));
    database.purges().purge(parsed);
  }

  @Test
  void purges_forgotten_keepTheirNumber() {
    database.settings().purgedInfosLimit(1);
    IntStream.range(0, 3).forEach(i -> purge(Map.of("d" + i, "1-x")));
    assertThat(database.info().purgeSequence().number()).isEqualTo(3);
  }

  /** The rows that the first version of the format has: no number anywhere. */
  @Test
  void rowsWithoutNumbers_areCountedFromTheDocumentsThereAre() {
    update(database, "{'_id':'a'}", "{'_id':'b'}", "{'_id':'c','_deleted':true}");
    List<Sequence> sequences =
        read(ChangesFilter.NONE).changes().stream().map(Changes.Change::sequence).toList();
    database
        .store()
        .write(
            tx -> {
              tx.delete(Tables.STATS, HexFormat.of().parseHex("026c6173745f6368616e67650002"
                  + "636f756e7400"));
              String ids = "abc";
              for (int i = 0; i < ids.length(); i++) {
                unnumbered(tx, ids.charAt(i), sequences.get(i).stamp());
              }
              return true;
            });
    assertThat(changes()).containsExactly("1 a", "1 b", "1 c");
    assertThat(changes(new ChangesFilter.Ids(Set.of("b")))).containsExactly("1 b");
    assertThat(latest()).isEqualTo("3-" + sequences.getLast().stamp());
    assertThat(number(localSequence("b"))).isEqualTo(1);
    TestDatabases.check(database);
    saved(database, "{'_id':'d'}");
    assertThat(changes()).containsExactly("1 a", "1 b", "1 c", "4 d");
    saved(database, "{'_id':'e'}");
    assertThat(number()).isEqualTo(5);
  }

  /** Rewrites a change as the tuple (id, position, revision, deleted). */
  private void unnumbered(WriteTransaction tx, char id, Versionstamp stamp) {
    byte[] key = HexFormat.of().parseHex("33" + stamp);
    byte[] value = tx.get(Tables.CHANGES, key).orElseThrow();
    String text = HexFormat.of().formatHex(value);
    assertThat(text).matches("02" + "%02x".formatted((int) id) + "00150101[0-9a-f]+2[67]150[1-3]");
    tx.put(
        Tables.CHANGES, key, HexFormat.of().parseHex(text.substring(0, text.length() - 4)));
  }

  @Test
  void empty_withoutACounter_isNumberZero() {
    database
        .store()
        .write(
            tx -> {
              tx.delete(Tables.STATS, Tables.UPDATE_COUNT);
              return true;
            });
    assertThat(latest()).isEqualTo(ZERO);
    saved(database, "{'_id':'a'}");
    assertThat(changes()).containsExactly("1 a");
  }

  @Test
  void parse_withAndWithoutNumber() {
    String stamp = "00000000000001020a0bffff";
    assertThat(Sequence.parse("17-" + stamp)).get().hasToString("17-" + stamp);
    assertThat(Sequence.parse(stamp)).get().hasToString("1-" + stamp);
    assertThat(Sequence.parse("999999999999999999999999-" + stamp))
        .map(Sequence::stamp)
        .contains(Versionstamp.fromBytes(HexFormat.of().parseHex(stamp), 0));
    assertThat(Sequence.parse("0-" + "0".repeat(24))).contains(Sequence.ZERO);
    assertThat(Sequence.parse("0".repeat(24))).contains(Sequence.ZERO);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "0", "-", "1-", "now", "-000000000000000000000000", "1-00000000000000000000000",
    "1-0000000000000000000000000", "a-000000000000000000000000", "1-00000000000000000000000g",
    "1--000000000000000000000000", " 1-000000000000000000000000"
  })
  void parse_whatIsNoSequence_isRefused(String text) {
    assertThat(Sequence.parse(text)).isEmpty();
  }
}
