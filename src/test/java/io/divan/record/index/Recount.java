package io.divan.record.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.index.TestThings.Kind;
import io.divan.record.index.TestThings.Thing;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.Versionstamp;
import io.divan.storage.tuple.TupleText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Compares all rows of indexes with what the stored things contribute now. */
final class Recount {
  private final ReadTransaction transaction;
  private final IndexHandle index;
  private final Map<String, Thing> things = new TreeMap<>();

  private Recount(ReadTransaction transaction, IndexHandle index) {
    this.transaction = transaction;
    this.index = index;
    TestThings all = new TestThings(Integer.MAX_VALUE);
    all.after(transaction, new byte[0], Integer.MAX_VALUE, Integer.MAX_VALUE).items()
        .forEach(item -> things.put(TupleText.hex(item.primaryKey()), item.record()));
  }

  /** Compares all readable indexes. */
  static int compare(Store store) {
    return store.read(
        transaction -> {
          int compared = 0;
          for (IndexHandle index : IndexCatalog.load(transaction, TestThings.SPACE).all()) {
            if (index.readable()) {
              new Recount(transaction, index).compare();
              compared++;
            }
          }
          return compared;
        });
  }

  /** All rows of an index. */
  static List<String> rows(Store store, int number) {
    return store.read(
        transaction -> {
          List<String> rows = new ArrayList<>();
          for (IndexRows kind : IndexRows.values()) {
            Range range = TestThings.SPACE.rows(kind, number);
            transaction.scan(range).rows()
                .forEach(row -> rows.add(kind + " " + TupleText.hex(row.key())));
          }
          return rows;
        });
  }

  private Map<String, byte[]> rows(IndexRows kind) {
    Range range = TestThings.SPACE.rows(kind, index.number());
    Map<String, byte[]> rows = new TreeMap<>();
    Page page = transaction.scan(range);
    assertThat(page.stop()).isEqualTo(Page.Stop.END);
    for (KeyValue row : page.rows()) {
      rows.put(
          TupleText.hex(
              Arrays.copyOfRange(row.key(), range.begin().length, row.key().length)),
          row.value());
    }
    return rows;
  }

  private void compare() {
    Kind kind = Kind.of(index);
    Map<String, String> rows = new TreeMap<>();
    Map<String, String> unique = new TreeMap<>();
    Map<String, Long> sums = new TreeMap<>();
    Map<String, byte[]> best = new TreeMap<>();
    things.forEach(
        (id, thing) -> {
          byte[] primaryKey = HexFormat.of().parseHex(id.substring(2));
          for (Contribution each : kind.contributions(primaryKey, thing)) {
            switch (each) {
              case Contribution.Row row ->
                  rows.put(TupleText.hex(row.key()), TupleText.hex(row.value()));
              case Contribution.Unique one ->
                  assertThat(unique.put(TupleText.hex(one.key()), TupleText.hex(one.owner())))
                      .as("owner of %s", TupleText.print(one.key()))
                      .isNull();
              case Contribution.Add add ->
                  sums.merge(TupleText.hex(add.key()), add.delta(), Long::sum);
              case Contribution.Ever ever ->
                  best.merge(
                      TupleText.hex(ever.group()),
                      ever.value(),
                      (one, other) -> Differences.isBetter(other, one, ever.max()) ? other : one);
              case Contribution.Feed feed -> {}
            }
          }
        });
    sums.values().removeIf(sum -> sum == 0);
    assertThat(hex(rows(IndexRows.VALUES))).as("rows of %s", kind).isEqualTo(rows);
    assertThat(hex(rows(IndexRows.UNIQUE))).as("owners of %s", kind).isEqualTo(unique);
    Map<String, Long> counters = new TreeMap<>();
    rows(IndexRows.COUNTERS)
        .forEach((group, value) -> counters.put(group, IndexScan.counter(value)));
    counters.values().removeIf(sum -> sum == 0);
    assertThat(counters).as("counters of %s", kind).isEqualTo(sums);
    best.forEach((group, value) -> kept(kind, group, value));
    if (kind == Kind.FEED || kind == Kind.HISTORY) {
      feed(kind);
    }
  }

  private static Map<String, String> hex(Map<String, byte[]> rows) {
    Map<String, String> hex = new TreeMap<>();
    rows.forEach((key, value) -> hex.put(key, TupleText.hex(value)));
    return hex;
  }

  private void kept(Kind kind, String group, byte[] value) {
    boolean max = kind == Kind.OLDEST_BY_CITY;
    byte[] key =
        IndexSpace.concat(
            TestThings.SPACE.key(5, index.number(), max ? 1 : 0),
            HexFormat.of().parseHex(group.substring(2)));
    Range range = TestThings.SPACE.below(key);
    KeyValue row = transaction.scan(max ? range.reversed() : range).rows().getFirst();
    byte[] kept = Arrays.copyOfRange(row.key(), key.length, row.key().length);
    assertThat(Differences.isBetter(value, kept, max))
        .as("%s is better than %s", TupleText.print(value), TupleText.print(kept))
        .isFalse();
  }

  private void feed(Kind kind) {
    IndexFeed.Slice slice =
        IndexFeed.since(
            transaction, TestThings.SPACE, index.number(), Versionstamp.ZERO, 1_000_000);
    assertThat(slice.end()).isTrue();
    Map<String, IndexFeed.Entry> last = new HashMap<>();
    for (IndexFeed.Entry entry : slice.entries()) {
      Optional<IndexFeed.Entry> earlier =
          Optional.ofNullable(last.put(TupleText.hex(entry.owner()), entry));
      if (kind == Kind.FEED) {
        assertThat(earlier.map(Object::toString)).as("earlier row in the feed").isEmpty();
      }
    }
    things.forEach(
        (id, thing) -> assertThat(last.get(id).value()).as("feed of %s", id).isEqualTo(thing
            .toBytes()));
    last.forEach(
        (id, entry) -> {
          if (!things.containsKey(id)) {
            assertThat(entry.value()).as("feed of deleted %s", id).isEmpty();
          }
        });
    Map<String, String> places = new TreeMap<>();
    last.forEach((id, entry) -> places.put(id, TupleText.hex(entry.stamp().toBytes())));
    assertThat(hex(rows(IndexRows.FEED_PLACES))).as("places in %s", kind).isEqualTo(places);
    if (!slice.entries().isEmpty()) {
      assertThat(IndexFeed.last(transaction, TestThings.SPACE, index.number()))
          .as("last of %s", kind)
          .hasValueSatisfying(
              stamp -> assertThat(stamp)
                  .isGreaterThanOrEqualTo(slice.entries().getLast().stamp()));
    }
  }
}
