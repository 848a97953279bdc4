package io.divan.storage;

import static io.divan.storage.Capabilities.openSnapshot;
import static io.divan.storage.ContractFixture.bytes;
import static io.divan.storage.ContractFixture.number;
import static io.divan.storage.ContractFixture.put;
import static io.divan.storage.ContractFixture.rows;
import static io.divan.storage.ContractFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Versionstamps and config versions follow the order of commits. */
interface StampContract extends ContractFixture {

  private static Written<Boolean> write(Store store, Consumer<WriteTransaction> work) {
    return store.write(
        t -> {
          work.accept(t);
          return true;
        });
  }

  private static Versionstamp stampNow(Store store) {
    return put(store, "any=1").versionstamp().orElseThrow();
  }

  @Test
  default void versionstamp_nothingWritten_absent() {
    assertThat(store().write(t -> t.get(ROWS, bytes("a"))).versionstamp()).isEmpty();
    assertThat(store().write(WriteTransaction::stamp).versionstamp()).isEmpty();
    assertThat(store().write(t -> t.scan(Range.all(ROWS))).versionstamp()).isEmpty();
  }

  @Test
  default void versionstamp_anyWritingMethod_presentAndGreater() {
    List<Consumer<WriteTransaction>> writes =
        List.of(
            t -> t.put(ROWS, bytes("a"), bytes("1")),
            t -> t.delete(ROWS, bytes("a")),
            t -> t.delete(ROWS, bytes("absent")),
            t -> t.deleteRange(Range.all(ROWS)),
            t -> t.add(ROWS, bytes("n"), 1),
            t -> t.putStampedKey(ROWS, bytes("k"), t.stamp(), bytes(""), bytes("")),
            t -> t.putStampedValue(ROWS, bytes("v"), bytes(""), t.stamp(), bytes("")),
            WriteTransaction::bumpConfigVersion);
    List<Versionstamp> stamps = new ArrayList<>();
    for (Consumer<WriteTransaction> work : writes) {
      stamps.add(write(store(), work).versionstamp().orElseThrow());
    }
    assertThat(stamps).isSorted().doesNotHaveDuplicates();
    assertThat(stamps).extracting(Versionstamp::position).containsOnly(0);
  }

  @Test
  default void putStamped_afterTheCommit_readableAtItsStamp() {
    byte[] place = new TupleWriter().add("feed").addStampPlace().toBytes();
    byte[] suffix = new TupleWriter().add("x").toBytes();
    List<Stamp> stamps = new ArrayList<>();
    Written<Boolean> written =
        write(
            store(),
            t -> {
              stamps.clear();
              for (int i = 0; i < 3; i++) {
                stamps.add(t.stamp());
              }
              t.putStampedKey(ROWS, place, stamps.get(2), suffix, bytes("third"));
              t.putStampedKey(ROWS, place, stamps.get(0), suffix, bytes("first"));
              t.putStampedValue(OTHERS, bytes("a"), bytes("<"), stamps.get(1), bytes(">"));
              t.putStampedValue(OTHERS, bytes("b"), bytes(""), stamps.get(1), bytes(""));
            });

    List<KeyValue> feed = store().read(t -> t.scan(Range.all(ROWS)).rows());
    assertThat(feed)
        .extracting(KeyValue::key)
        .containsExactly(
            TupleWriter.pack("feed", written.at(stamps.get(0)), "x"),
            TupleWriter.pack("feed", written.at(stamps.get(2)), "x"));
    assertThat(feed).extracting(row -> text(row.value())).containsExactly("first", "third");
    String stamp = text(written.at(stamps.get(1)).toBytes());
    assertThat(rows(store(), Range.all(OTHERS))).containsExactly("a=<" + stamp + ">", "b=" + stamp);
    assertThat(stamps).extracting(Stamp::position).containsExactly(0, 1, 2);
  }

  @Test
  default void stamps_maximumNumber_keepTheirOrder() {
    Written<Stamp> written =
        store()
            .write(
                t -> {
                  Stamp first = t.stamp();
                  Stamp last = first;
                  for (int i = 1; i < WriteTransaction.STAMPS_MAX; i++) {
                    last = t.stamp();
                  }
                  t.putStampedKey(ROWS, bytes("k"), last, bytes(""), bytes("last"));
                  t.putStampedKey(ROWS, bytes("k"), first, bytes(""), bytes("first"));
                  assertThatIllegalStateException().isThrownBy(t::stamp);
                  return last;
                });
    assertThat(written.result().position()).isEqualTo(65_534);
    List<KeyValue> rows = store().read(t -> t.scan(Range.all(ROWS)).rows());
    assertThat(rows).extracting(row -> text(row.value())).containsExactly("first", "last");
    assertThat(Versionstamp.fromBytes(rows.getLast().key(), 1))
        .isEqualTo(written.at(written.result()));
  }

  @Test
  default void stamps_reopenedOrRecreated_increase() {
    List<Versionstamp> stamps = new ArrayList<>();
    stamps.add(stampNow(store()));
    Store reopened = reopen();
    stamps.add(stampNow(reopened));
    adapter().delete("db");
    Consumer<WriteTransaction> initial =
        t -> t.putStampedValue(ROWS, bytes("created"), bytes(""), t.stamp(), bytes(""));
    Store again = adapter().create("db", initial);
    stamps.add(stampAt(again, "created"));
    stamps.add(stampNow(again));
    adapter().delete("db");
    reopenWithout();
    Store third = adapter().create("db", initial);
    stamps.add(stampAt(third, "created"));
    stamps.add(stampNow(reopen()));
    assertThat(stamps).isSorted().doesNotHaveDuplicates();
  }

  private void reopenWithout() {
    adapter().create("db", t -> {});
    reopen();
    adapter().delete("db");
  }

  private static Versionstamp stampAt(Store store, String key) {
    return store.read(
        t -> Versionstamp.fromBytes(t.get(ROWS, bytes(key)).orElseThrow(), 0));
  }

  @Test
  default void putStampedValue_andOtherWrites_theLastWins() {
    Written<Boolean> written =
        write(
            store(),
            t -> {
              Stamp stamp = t.stamp();
              for (String key : List.of("put", "deleted", "cleared", "stamped", "again")) {
                t.putStampedValue(ROWS, bytes(key), bytes(""), stamp, bytes("old"));
              }
              t.put(ROWS, bytes("put"), bytes("new"));
              t.delete(ROWS, bytes("deleted"));
              t.deleteRange(Range.prefix(ROWS, bytes("cleared")));
              t.delete(ROWS, bytes("stamped"));
              t.putStampedValue(ROWS, bytes("stamped"), bytes(""), stamp, bytes(""));
              t.putStampedValue(ROWS, bytes("again"), bytes(""), t.stamp(), bytes(""));
            });
    String first = text(written.at(new Stamp(0)).toBytes());
    String second = text(written.at(new Stamp(1)).toBytes());
    assertThat(rows(store()))
        .containsExactly("again=" + second, "put=new", "stamped=" + first);
  }

  @Test
  default void putStampedKey_andDeleteRange_theLastWins() {
    put(store(), "old=1");
    Written<Boolean> written =
        write(
            store(),
            t -> {
              t.deleteRange(Range.all(ROWS));
              t.putStampedKey(ROWS, bytes("gone"), t.stamp(), bytes(""), bytes(""));
              t.putStampedKey(ROWS, bytes("stays"), t.stamp(), bytes("!"), bytes("1"));
              t.deleteRange(Range.prefix(ROWS, bytes("gone")));
            });
    String stamp = text(written.at(new Stamp(1)).toBytes());
    assertThat(rows(store())).containsExactly("stays" + stamp + "!=1");
  }

  @Test
  default void stamped_sameTransaction_unreadable() {
    put(store(), "k=0", "k1=1", "l=2", "v=3");
    write(
        store(),
        t -> {
          Stamp stamp = t.stamp();
          t.putStampedKey(ROWS, bytes("k"), stamp, bytes(""), bytes(""));
          t.putStampedValue(ROWS, bytes("v"), bytes(""), stamp, bytes(""));
          for (ReadTransaction reads : List.of(t, t.snapshot())) {
            for (String key : List.of("k", "k1", "v")) {
              assertThatIllegalStateException().isThrownBy(() -> reads.get(ROWS, bytes(key)));
            }
            assertThatIllegalStateException().isThrownBy(() -> reads.scan(Range.all(ROWS)));
            assertThat(reads.get(ROWS, bytes("l")).map(ContractFixture::text)).hasValue("2");
          }
          assertThatIllegalStateException().isThrownBy(() -> t.add(ROWS, bytes("v"), 1));
          t.add(ROWS, bytes("n"), 1);
          assertThat(number(t.get(ROWS, bytes("n")))).isEqualTo(1);
        });
    assertThat(rows(store())).hasSize(6);
  }

  @Test
  default void configVersion_bumped_neverAnOldOne() {
    List<Versionstamp> versions = new ArrayList<>();
    Store store = store();
    versions.add(configVersion(store));
    for (int i = 0; i < 3; i++) {
      write(store, WriteTransaction::bumpConfigVersion);
      versions.add(configVersion(store));
    }
    store = reopen();
    assertThat(versions.subList(0, 3)).doesNotContain(configVersion(store));
    write(store, WriteTransaction::bumpConfigVersion);
    versions.add(configVersion(store));
    assertThat(versions).doesNotHaveDuplicates();
  }

  @Test
  default void configVersion_notBumped_unchanged() {
    write(store(), WriteTransaction::bumpConfigVersion);
    Versionstamp before = configVersion(store());
    put(store(), "a=1");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> write(
                store(),
                t -> {
                  t.bumpConfigVersion();
                  throw new IllegalStateException("rolled back");
                }));
    assertThat(configVersion(store())).isEqualTo(before);
    assertThat(store().write(ReadTransaction::configVersion).result()).isEqualTo(before);
    assertThat(store().write(t -> t.snapshot().configVersion()).result()).isEqualTo(before);
  }

  @Test
  default void configVersion_olderSnapshot_olderVersion() {
    Versionstamp before = configVersion(store());
    try (Snapshot snapshot = openSnapshot(store())) {
      assertThat(snapshot.configVersion()).isEqualTo(before);
      write(store(), WriteTransaction::bumpConfigVersion);
      assertThat(snapshot.configVersion()).isEqualTo(before);
    }
    assertThat(configVersion(store())).isNotEqualTo(before);
  }

  @Test
  default void configVersion_bumpedInTheTransaction_unreadable() {
    Versionstamp before = configVersion(store());
    write(
        store(),
        t -> {
          assertThat(t.configVersion()).isEqualTo(before);
          t.bumpConfigVersion();
          assertThatIllegalStateException().isThrownBy(t::configVersion);
          assertThatIllegalStateException().isThrownBy(() -> t.snapshot().configVersion());
        });
    assertThat(configVersion(store())).isNotEqualTo(before);
  }

  private static Versionstamp configVersion(Store store) {
    return store.read(ReadTransaction::configVersion);
  }
}
