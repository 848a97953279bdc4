package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.maintenance.TestCompaction;
import io.divan.document.revision.Revision;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PurgesTest {
  private final Database database = TestDatabases.create();

  @AfterEach
  void check() {
    TestDatabases.check(database);
  }

  private List<String> purge(String id, String... revisions) {
    return database
        .purges()
        .purge(Map.of(id, List.of(revisions).stream().map(TestDatabases::revision).toList()))
        .getOrDefault(id, List.of())
        .stream()
        .map(Revision::toString)
        .toList();
  }

  private List<String> infos() {
    List<String> infos = new ArrayList<>();
    database.purges().infos().next().forEach(info -> infos.add(info.id() + info.revisions()));
    return infos;
  }

  @Test
  void purge_latestChange_movesSequences() {
    String revision = TestDatabases.saved(database, "{'_id':'a'}");
    DatabaseInfo before = database.info();
    assertThat(before.purgeSequence()).isEqualTo(Sequence.ZERO);
    assertThat(purge("a", revision)).containsExactly(revision);
    DatabaseInfo after = database.info();
    assertThat(after.updateSequence().isAfter(before.updateSequence())).isTrue();
    assertThat(after.purgeSequence().stamp()).isEqualTo(after.updateSequence().stamp());
    assertThat(after.docCount() + after.docDelCount() + after.sizeActive()).isZero();
    assertThat(purge("a", revision)).isEmpty();
    assertThat(database.info().purgeSequence().isAfter(after.purgeSequence())).isTrue();
    assertThat(TestDatabases.saved(database, "{'_id':'a'}")).isEqualTo(revision);
  }

  @Test
  void purge_moreThanTheLimit_remembersTheLatest() {
    database.settings().purgedInfosLimit(2);
    IntStream.range(0, 5).forEach(i -> purge("d" + i, "1-x"));
    assertThat(infos()).containsExactly("d3[1-x]", "d4[1-x]");
    database.settings().purgedInfosLimit(1);
    TestCompaction.compact(database);
    assertThat(infos()).containsExactly("d4[1-x]");
  }

  @Test
  void purge_moreRevisionsThanAValueHolds_isRememberedInParts() {
    String name = "r".repeat(120);
    String[] many =
        IntStream.range(0, 2_000).mapToObj(i -> "1-" + name + i).toArray(String[]::new);
    assertThat(purge("a", many)).isEmpty();
    assertThat(infos()).hasSizeGreaterThan(2).allMatch(info -> info.startsWith("a["));
  }

  @Test
  void purge_historyTooLargeToWeigh_isRemovedAndCountedAnewLater() {
    String large = "x".repeat(1_500_000);
    String revision = TestDatabases.saved(database, "{'_id':'a','v':'" + large + "'}");
    for (int i = 0; i < 5; i++) {
      String edit = "{'_id':'a','_rev':'" + revision + "','v':'" + large + i + "'}";
      revision = TestDatabases.saved(database, edit);
    }
    assertThat(oldBytes()).isGreaterThan(7_000_000);
    assertThat(isCounted()).isTrue();
    assertThat(purge("a", revision)).containsExactly(revision);
    assertThat(isCounted()).isFalse();
    TestCompaction.compact(database);
    assertThat(isCounted()).isTrue();
    assertThat(oldBytes()).isZero();
  }

  private long oldBytes() {
    return database.store().read(Stats::all)[6];
  }

  private boolean isCounted() {
    return database
        .store()
        .read(tx -> tx.get(Tables.METADATA, Tables.OLD_BYTES_KNOWN).isPresent());
  }
}
