package io.divan.record.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.index.TestThings.Kind;
import io.divan.record.index.TestThings.Thing;
import io.divan.storage.KeyValue;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Store;
import io.divan.storage.Versionstamp;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.tuple.TupleWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class IndexWriterTest {
  private final Store store =
      new CheckedAdapter(new ReferenceAdapter()).create("db", transaction -> {});
  private final TestThings things = new TestThings(2);

  private static Thing coded(String code) {
    return new Thing(Optional.of("Oslo"), 7, List.of(), Optional.of(code));
  }

  private static Thing aged(long age) {
    return new Thing(Optional.of("Oslo"), age, List.of(), Optional.empty());
  }

  private void change(SequencedMap<String, Optional<Thing>> changes) {
    store.write(
        transaction -> {
          things.change(transaction, changes);
          return true;
        });
  }

  private void put(String id, Thing thing) {
    SequencedMap<String, Optional<Thing>> changes = new LinkedHashMap<>();
    changes.put(id, Optional.of(thing));
    change(changes);
  }

  private IndexHandle readable(Kind kind) {
    IndexHandle index = TestThings.create(store, kind);
    assertThat(things.build(store, index)).isInstanceOf(IndexBuild.Step.Done.class);
    return store.read(things::catalog).find(index.number()).orElseThrow();
  }

  @Test
  void unique_takenByAnother_isRefusedAndNothingIsWritten() {
    IndexHandle index = readable(Kind.UNIQUE_CODE);
    put("a", coded("x"));
    assertThatThrownBy(() -> put("b", coded("x")))
        .isInstanceOfSatisfying(
            IndexException.NotUnique.class,
            e -> {
              assertThat(e.number()).isEqualTo(index.number());
              assertThat(e.key()).isEqualTo(TupleWriter.pack("x"));
              assertThat(e.owner()).isEqualTo(TestThings.primaryKey("a"));
            });
    assertThat(Recount.compare(store)).isEqualTo(1);
  }

  @Test
  void unique_exchangedInOneCall_inEitherOrder() {
    readable(Kind.UNIQUE_CODE);
    put("a", coded("x"));
    put("b", coded("y"));
    SequencedMap<String, Optional<Thing>> exchange = new LinkedHashMap<>();
    exchange.put("a", Optional.of(coded("y")));
    exchange.put("b", Optional.of(coded("x")));
    change(exchange);
    change(exchange.reversed());
    assertThat(Recount.compare(store)).isEqualTo(1);
  }

  @Test
  void unique_takenTwiceInOneCall_isRefused() {
    readable(Kind.UNIQUE_CODE);
    SequencedMap<String, Optional<Thing>> both = new LinkedHashMap<>();
    both.put("a", Optional.of(coded("x")));
    both.put("b", Optional.of(coded("x")));
    assertThatThrownBy(() -> change(both)).isInstanceOf(IndexException.NotUnique.class);
  }

  @Test
  void unique_givenUpWhileBuilding_keepsTheRowOfAnotherOwner() {
    put("a", coded("x"));
    IndexHandle index = TestThings.create(store, Kind.UNIQUE_CODE);
    put("b", coded("x")); // the build has yet to find that both have it
    put("a", coded("y"));
    assertThat(things.build(store, index)).isInstanceOf(IndexBuild.Step.Done.class);
    assertThat(Recount.compare(store)).isEqualTo(1);
    assertThatThrownBy(() -> put("c", coded("x"))).isInstanceOf(IndexException.NotUnique.class);
  }

  @Test
  void ever_greater_replacesTheSmallerRows() {
    IndexHandle index = readable(Kind.OLDEST_BY_CITY);
    put("a", aged(5));
    put("b", aged(-3));
    put("a", aged(9));
    put("a", aged(1));
    assertThat(Recount.rows(store, index.number())).hasSize(1);
    List<KeyValue> rows =
        store.read(
            transaction -> transaction.scan(TestThings.SPACE.rows(IndexRows.EVER, index.number()))
                .rows());
    assertThat(rows.getFirst().key())
        .isEqualTo(TestThings.SPACE.key(5, index.number(), 1, "Oslo", 9));
  }

  @Test
  void feed_changedTwiceInOneTransaction_hasTheLastValueOnce() {
    IndexHandle index = readable(Kind.FEED);
    store.write(
        transaction -> {
          IndexWriter writer = new IndexWriter(transaction, TestThings.SPACE);
          byte[] key = TestThings.primaryKey("a");
          for (Thing thing : List.of(aged(1), aged(2))) {
            writer.change(
                List.of(
                    new IndexWriter.Change(
                        index, key, List.of(), Kind.FEED.contributions(key, thing))),
                List.of());
          }
          transaction.put(
              TestThings.TABLE, TestThings.key(key), aged(2).toBytes());
          return true;
        });
    assertThat(Recount.compare(store)).isEqualTo(1);
    put("b", aged(3));
    put("a", aged(4));
    IndexFeed.Slice slice =
        store.read(
            transaction -> IndexFeed.since(
                transaction, TestThings.SPACE, index.number(), Versionstamp.ZERO, 1));
    assertThat(slice.end()).isFalse();
    assertThat(slice.entries().getFirst().owner()).isEqualTo(TestThings.primaryKey("b"));
    Versionstamp first = slice.entries().getFirst().stamp();
    slice =
        store.read(
            transaction -> IndexFeed.since(transaction, TestThings.SPACE, index.number(), first,
                5));
    assertThat(slice.end()).isTrue();
    assertThat(slice.entries()).hasSize(1);
    assertThat(slice.entries().getFirst().value()).isEqualTo(aged(4).toBytes());
    Optional<Versionstamp> last =
        store.read(
            transaction -> IndexFeed.last(transaction, TestThings.SPACE, index.number()));
    assertThat(last)
        .contains(slice.entries().getFirst().stamp());
  }

  @Test
  void pages_ofAnotherNumber_areRefused() {
    IndexHandle index = readable(Kind.UNIQUE_CODE);
    byte[] key = TestThings.primaryKey("a");
    List<IndexWriter.Change> changes =
        List.of(
            new IndexWriter.Change(
                index, key, List.of(), Kind.UNIQUE_CODE.contributions(key, coded("x"))));
    assertThatThrownBy(
        () -> store.write(
            transaction -> {
              IndexWriter writer = new IndexWriter(transaction, TestThings.SPACE);
              writer.change(
                  changes,
                  transaction.scanAll(
                      List.of(
                          writer.needed(changes).getFirst(),
                          TestThings.SPACE.below(0, "state"))));
              return true;
            }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The changes need 1 pages, not 2");
  }
}
