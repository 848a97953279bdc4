package io.divan.record.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.index.IndexScrub.Found;
import io.divan.record.index.TestThings.Kind;
import io.divan.record.index.TestThings.Thing;
import io.divan.storage.KeyValue;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.checked.CheckedAdapter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IndexScrubTest {
  private final Store store =
      new CheckedAdapter(new ReferenceAdapter()).create("db", transaction -> {});
  private TestThings things = new TestThings(3);

  private void write(Consumer<WriteTransaction> work) {
    store.write(
        transaction -> {
          work.accept(transaction);
          return true;
        });
  }

  private IndexHandle index(Kind kind) {
    for (int i = 0; i < 7; i++) {
      put("" + i, i);
    }
    IndexHandle index = TestThings.create(store, kind);
    assertThat(things.build(store, index)).isInstanceOf(IndexBuild.Step.Done.class);
    return store.read(things::catalog).find(index.number()).orElseThrow();
  }

  private void put(String id, int age) {
    SequencedMap<String, Optional<Thing>> changes = new LinkedHashMap<>();
    changes.put(
        id,
        Optional.of(
            new Thing(
                Optional.of("c" + age % 2), age, List.of("t"), Optional.of("code" + id))));
    write(transaction -> things.change(transaction, changes));
  }

  private KeyValue row(IndexHandle index, IndexRows kind, int ordinal) {
    return store.read(
        transaction -> transaction.scan(TestThings.SPACE.rows(kind, index.number())).rows().get(
            ordinal));
  }

  private void delete(KeyValue row) {
    write(transaction -> transaction.delete(TestThings.SPACE.table(), row.key()));
  }

  private void put(byte[] key, byte[] value) {
    write(transaction -> transaction.put(TestThings.SPACE.table(), key, value));
  }

  /** Compares without and with repair, and once more. */
  private void assertFound(IndexHandle index, long missing, long dangling, long wrong) {
    Found found = things.scrub(store, index, false);
    assertThat(found)
        .isEqualTo(new Found(found.checked(), missing, dangling, wrong, 0, false));
    found = things.scrub(store, index, true);
    assertThat(found.repaired()).isEqualTo(missing + dangling + wrong);
    assertThat(Recount.compare(store)).isEqualTo(1);
    found = things.scrub(store, index, false);
    assertThat(found).isEqualTo(new Found(found.checked(), 0, 0, 0, 0, false));
  }

  @ParameterizedTest
  @EnumSource
  void scrub_whole_findsNothing(Kind kind) {
    assertFound(index(kind), 0, 0, 0);
  }

  @Test
  void scrub_missingAndDanglingRows_areRepaired() {
    IndexHandle index = index(Kind.CITY_AND_AGE_DOWN);
    delete(row(index, IndexRows.VALUES, 2));
    delete(row(index, IndexRows.VALUES, 4));
    byte[] columns = new IndexColumns.Writer().add("gone", false).add(1L, true).toBytes();
    for (String id : List.of("0", "nothing has this id")) {
      put(
          TestThings.SPACE.key(
              IndexRows.VALUES,
              index.number(),
              IndexSpace.concat(columns, TestThings.primaryKey(id))),
          new byte[0]);
    }
    assertFound(index, 2, 2, 0);
  }

  @Test
  void scrub_wrongCoveredValue_isRepaired() {
    IndexHandle index = index(Kind.COVERING);
    put(row(index, IndexRows.VALUES, 1).key(), new byte[] {1});
    assertFound(index, 1, 0, 0);
  }

  @Test
  void scrub_uniqueRowOfAnotherOwner_isRepaired() {
    IndexHandle index = index(Kind.UNIQUE_CODE);
    put(row(index, IndexRows.UNIQUE, 1).key(), TestThings.primaryKey("6"));
    delete(row(index, IndexRows.UNIQUE, 3));
    assertFound(index, 2, 1, 0);
  }

  @Test
  void scrub_wrongCounters_areRepaired() {
    IndexHandle index = index(Kind.SUM_BY_CITY);
    write(
        transaction -> {
          transaction.add(
              TestThings.SPACE.table(), TestThings.SPACE.key(4, index.number(), "c1"), 5);
          transaction.add(
              TestThings.SPACE.table(), TestThings.SPACE.key(4, index.number(), "new"), 5);
          transaction.delete(
              TestThings.SPACE.table(), TestThings.SPACE.key(4, index.number(), "c0"));
        });
    assertFound(index, 0, 0, 3);
    assertThat(Recount.rows(store, index.number())).hasSize(2);
  }

  @Test
  void scrub_lostGreatestValue_isRepaired() {
    things = new TestThings(100); // a lost value counts once in each batch
    IndexHandle index = index(Kind.OLDEST_BY_CITY);
    delete(row(index, IndexRows.EVER, 0));
    put(TestThings.SPACE.key(5, index.number(), 1, "c1", 2), new byte[0]);
    delete(row(index, IndexRows.EVER, 1));
    assertFound(index, 2, 0, 0);
  }

  @Test
  void scrub_feedWithoutRowAndPlace_isRepaired() {
    IndexHandle index = index(Kind.FEED);
    delete(row(index, IndexRows.FEED, 1));
    delete(row(index, IndexRows.FEED_PLACES, 4));
    Found found = things.scrub(store, index, true);
    assertThat(found).isEqualTo(new Found(found.checked(), 2, 1, 0, 3, false));
    assertFound(index, 0, 0, 0);
  }

  @Test
  void scrub_ofChangingCounters_comparesInOneTransaction() {
    IndexHandle index = index(Kind.COUNT);
    IndexScrub<Thing> scrub =
        new IndexScrub<>(store, TestThings.SPACE, index, things, false);
    Found found = Found.NOTHING;
    Optional<Found> step = scrub.step();
    int age = 0;
    while (step.isPresent()) {
      found = found.plus(step.get());
      put("more " + age, age++);
      step = scrub.step();
    }
    assertThat(found.uncertain()).isFalse();
    assertThat(found.wrong()).isZero();
  }

  @Test
  void scrub_strayPlacesInAFeed_areRemoved() {
    IndexHandle index = index(Kind.FEED);
    byte[] stamp = row(index, IndexRows.FEED_PLACES, 2).value();
    put(place(index, "nothing has this id"), stamp);
    put(place(index, "nor this one"), new byte[3]);
    assertFound(index, 0, 2, 0);
  }

  private static byte[] place(IndexHandle index, String id) {
    return TestThings.SPACE.key(
        IndexRows.FEED_PLACES, index.number(), TestThings.primaryKey(id));
  }

  /** Creates an index of more things than a few batches. */
  private IndexHandle large() {
    things = new TestThings(10_000);
    IndexHandle index = index(Kind.COUNT_BY_TAG);
    SequencedMap<String, Optional<Thing>> many = new LinkedHashMap<>();
    for (int i = 0; i < 6_000; i++) {
      many.put(
          "many " + i, Optional.of(new Thing(Optional.empty(), i, List.of("t"), Optional.empty())));
    }
    write(transaction -> things.change(transaction, many));
    return index;
  }

  /** Scrubs while things change, all of them with one tag. */
  private Found scrubChanging(IndexHandle index, LongSupplier clock) {
    IndexScrub<Thing> scrub =
        new IndexScrub<>(store, TestThings.SPACE, index, things, true, clock);
    Found found = Found.NOTHING;
    int age = 0;
    for (Optional<Found> step = scrub.step(); step.isPresent(); step = scrub.step()) {
      found = found.plus(step.get());
      put("more " + age, age++);
    }
    return found;
  }

  @Test
  void scrub_ofManyChangingThings_repairsCounters() {
    IndexHandle index = large();
    byte[] key = TestThings.SPACE.key(4, index.number(), "t");
    write(transaction -> transaction.add(TestThings.SPACE.table(), key, 5));
    Found found = scrubChanging(index, System::nanoTime);
    assertThat(found).isEqualTo(new Found(found.checked(), 0, 0, 1, 1, false));
    assertThat(Recount.compare(store)).isEqualTo(1);
  }

  @Test
  void scrub_ofMoreChangingThingsThanASnapshotCanRead_isUncertain() {
    IndexHandle index = large();
    long[] seconds = {0};
    Found found = scrubChanging(index, () -> 3_000_000_000L * seconds[0]++);
    assertThat(found).isEqualTo(new Found(found.checked(), 0, 0, 0, 0, true));
  }

  @Test
  void repair_ofCountersByTwoScrubs_takesEffectOnce() {
    IndexHandle index = index(Kind.COUNT);
    byte[] key = TestThings.SPACE.key(4, index.number());
    write(transaction -> transaction.add(TestThings.SPACE.table(), key, 5));
    ScrubCounters<Thing> counters =
        new ScrubCounters<>(
            TestThings.SPACE, index, things, Optional.empty(), System::nanoTime);
    ScrubCounters.Comparison first = store.read(counters::compare);
    ScrubCounters.Comparison second = store.read(counters::compare);
    put("another", 1);
    assertThat(store.write(transaction -> counters.repair(transaction, first)).result())
        .isEqualTo(new Found(1, 0, 0, 1, 1, false));
    assertThat(store.write(transaction -> counters.repair(transaction, second)).result())
        .isEqualTo(new Found(1, 0, 0, 1, 0, false));
    assertThat(Recount.compare(store)).isEqualTo(1);
  }

  @Test
  void scrub_ofDroppedIndex_ends() {
    IndexHandle index = index(Kind.TAGS);
    write(transaction -> IndexCatalog.drop(transaction, TestThings.SPACE, index.number()));
    assertThat(new IndexScrub<>(store, TestThings.SPACE, index, things, true).step()).isEmpty();
  }
}
