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
  void scrub_ofDroppedIndex_ends() {
    IndexHandle index = index(Kind.TAGS);
    write(transaction -> IndexCatalog.drop(transaction, TestThings.SPACE, index.number()));
    assertThat(new IndexScrub<>(store, TestThings.SPACE, index, things, true).step()).isEmpty();
  }
}
