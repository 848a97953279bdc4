package io.divan.record.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.index.TestThings.Kind;
import io.divan.record.index.TestThings.Thing;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.fdb.CountingDatabase;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What indexed updates cost on FoundationDB, in round trips before the commit and keys written. */
class FdbIndexCountTest {
  private static final int THINGS = 100;

  private final CountingDatabase counting =
      new CountingDatabase(new SimulatedFoundationDb().open());
  private final StorageAdapter adapter = counting.adapter();
  private final Store store = adapter.create("db", transaction -> {});
  private final TestThings things = new TestThings(1_000);

  @BeforeEach
  void fill() {
    change(1);
    change(2); // what a new handle asks once
    counting.take();
  }

  @AfterEach
  void close() {
    adapter.close();
  }

  /** Changes the ages of all things, and nothing else. */
  private CountingDatabase.Counts change(long age) {
    SequencedMap<String, Optional<Thing>> changes = new LinkedHashMap<>();
    for (int i = 0; i < THINGS; i++) {
      Thing thing = new Thing(Optional.of("Oslo"), age, List.of("a", "b"), Optional.of("c" + i));
      changes.put("" + i, Optional.of(thing));
    }
    counting.take();
    store.write(
        transaction -> {
          things.change(transaction, changes);
          return true;
        });
    return counting.take();
  }

  private void create(Kind... kinds) {
    for (Kind kind : kinds) {
      assertThat(things.build(store, TestThings.create(store, kind)))
          .isInstanceOf(IndexBuild.Step.Done.class);
    }
    store.read(things::catalog);
  }

  private void assertAsked(CountingDatabase.Counts counts, int reads, int writes) {
    assertThat(counts.readVersions()).isEqualTo(1);
    assertThat(counts.rounds()).isEqualTo(1);
    assertThat(counts.reads()).isEqualTo(reads);
    assertThat(counts.writes()).isEqualTo(writes);
    assertThat(counts.commits()).isEqualTo(1);
  }

  @Test
  void update_withoutIndex() {
    int writes = change(3).writes();
    assertAsked(change(4), THINGS, writes);
  }

  @Test
  void update_withIndexesOfEveryKind_isOneRoundTrip() {
    int plain = change(3).writes();
    create(Kind.values());
    CountingDatabase.Counts counts = change(5);
    // Reads: each thing, its unique key and its place in two feeds; a group of each extreme.
    // Writes for each thing: two rows with the age, the covered age, three rows of the feed and
    // two of the one with history. Once: a sum, the end of both feeds, the greatest value twice.
    assertAsked(counts, 4 * THINGS + 2, plain + 8 * THINGS + 5);
  }

  @Test
  void update_ofAFieldThatNoIndexHas_touchesNoRow() {
    int plain = change(3).writes();
    create(Kind.TAGS, Kind.UNIQUE_CODE, Kind.COUNT, Kind.COUNT_BY_TAG);
    assertAsked(change(4), 2 * THINGS, plain);
  }

  @Test
  void update_ofAColumn_touchesTwoRows() {
    int plain = change(3).writes();
    create(Kind.CITY_AND_AGE_DOWN, Kind.TAGS);
    assertAsked(change(4), THINGS, plain + 2 * THINGS);
  }

  @Test
  void update_whileACounterIsBuilt_isOneRoundTrip() {
    int plain = change(3).writes();
    IndexHandle index = TestThings.create(store, Kind.SUM_BY_CITY);
    store.read(things::catalog);
    assertAsked(change(4), THINGS + 1, plain);
    assertThat(things.build(store, index)).isInstanceOf(IndexBuild.Step.Done.class);
    assertThat(Recount.compare(store)).isEqualTo(1);
  }
}
