package io.divan.storage;

import static io.divan.storage.Capabilities.openSnapshot;
import static io.divan.storage.ContractFixture.bytes;
import static io.divan.storage.ContractFixture.get;
import static io.divan.storage.ContractFixture.meanwhile;
import static io.divan.storage.ContractFixture.number;
import static io.divan.storage.ContractFixture.put;
import static io.divan.storage.ContractFixture.range;
import static io.divan.storage.ContractFixture.result;
import static io.divan.storage.ContractFixture.rows;
import static io.divan.storage.ContractFixture.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Transactions are serializable, and a read transaction sees one state. */
interface IsolationContract extends ContractFixture {

  /** Every operation that can read the rows of {@link Change}. */
  enum Reading {
    GET(t -> get(t, "row").toString()),
    GET_ALL(t -> t.getAll(ROWS, List.of(bytes("x"), bytes("row"))).get(1).isPresent() + ""),
    SCAN(t -> rows(t.scan(range("a", "z"))).toString()),
    SCAN_REVERSE(t -> rows(t.scan(range("a", "z").reversed())).toString()),
    SCAN_FIRST(t -> rows(t.scan(range("a", "z").limit(1))).toString()),
    SCAN_LAST(t -> rows(t.scan(range("a", "rox").reversed().limit(1))).toString()),
    SCAN_ALL(t -> rows(t.scanAll(List.of(range("x", "z"), range("r", "s"))).get(1)).toString()),
    CONFIG(t -> t.configVersion().toString());

    final Function<ReadTransaction, String> read;

    Reading(Function<ReadTransaction, String> read) {
      this.read = read;
    }
  }

  /** Every operation that can change the rows of {@link Reading#SCAN}. */
  enum Change {
    PUT(t -> put(t, "row", "1")),
    DELETE(t -> t.delete(ROWS, bytes("other"))),
    DELETE_RANGE(t -> t.deleteRange(range("o", "p"))),
    ADD(t -> t.add(ROWS, bytes("sum"), 1)),
    STAMPED_KEY(t -> t.putStampedKey(ROWS, bytes("row"), t.stamp(), bytes(""), bytes(""))),
    STAMPED_VALUE(t -> t.putStampedValue(ROWS, bytes("row"), bytes(""), t.stamp(), bytes("")));

    final Consumer<WriteTransaction> write;

    Change(Consumer<WriteTransaction> write) {
      this.write = write;
    }
  }

  @ParameterizedTest
  @EnumSource
  default void write_readRowChanged_ordersAfterTheChange(Reading reading) {
    assertNoCycle(
        reading.read,
        t -> {
          if (reading == Reading.CONFIG) {
            t.bumpConfigVersion();
          } else {
            put(t, "row", "1");
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  default void write_scannedRangeChanged_ordersAfterTheChange(Change change) {
    put(store(), "other=1");
    assertNoCycle(Reading.SCAN.read, change.write);
  }

  /**
   * Runs two transactions: the first one reads rows and sets a flag; the second one reads the flag
   * and changes the rows. In every serial order, at most one of them sees the old state.
   */
  private void assertNoCycle(
      Function<ReadTransaction, String> read,
      Consumer<WriteTransaction> change) {
    String before = store().read(read);
    AtomicReference<Future<Boolean>> other = new AtomicReference<>();
    String seen =
        store()
            .write(
                t -> {
                  String answer = read.apply(t);
                  if (other.get() == null) {
                    other.set(meanwhile(() -> changeUnlessFlagged(change)));
                  }
                  t.put(OTHERS, bytes("flag"), bytes("set"));
                  return answer;
                })
            .result();
    boolean otherWasFirst = !result(other.get());
    assertThat(seen.equals(before)).isEqualTo(!otherWasFirst);
    assertThat(store().read(read)).isNotEqualTo(before);
  }

  /** Changes the rows. Returns whether the flag was set. */
  private boolean changeUnlessFlagged(Consumer<WriteTransaction> change) {
    return store()
        .write(
            t -> {
              boolean flagged = t.get(OTHERS, bytes("flag")).isPresent();
              change.accept(t);
              return flagged;
            })
        .result();
  }

  @Test
  default void write_lostUpdate_prevented() {
    AtomicReference<Future<Long>> other = new AtomicReference<>();
    store()
        .write(
            t -> {
              long before = number(t.get(ROWS, bytes("n")));
              if (other.get() == null) {
                other.set(meanwhile(this::increment));
              }
              t.put(ROWS, bytes("n"), number(before + 1));
              return before;
            });
    result(other.get());
    assertThat(increment()).isEqualTo(3);
  }

  private long increment() {
    return store()
        .write(
            t -> {
              long next = number(t.get(ROWS, bytes("n"))) + 1;
              t.put(ROWS, bytes("n"), number(next));
              return next;
            })
        .result();
  }

  @Test
  default void write_manyIncrements_noneLost() {
    List<Future<Boolean>> writers = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      writers.add(
          start(
              () -> {
                for (int i = 0; i < 10; i++) {
                  increment();
                }
                return true;
              }));
    }
    writers.forEach(ContractFixture::result);
    assertThat(increment()).isEqualTo(41);
  }

  @Test
  default void write_writeSkew_prevented() {
    put(store(), "a=on duty", "b=on duty");
    AtomicReference<Future<Boolean>> other = new AtomicReference<>();
    store()
        .write(
            t -> {
              boolean bothOn = bothOnDuty(t);
              if (other.get() == null) {
                other.set(
                    meanwhile(() -> store().write(u -> goOff(u, "b", bothOnDuty(u))).result()));
              }
              return goOff(t, "a", bothOn);
            });
    result(other.get());
    assertThat(rows(store())).containsAnyOf("a=on duty", "b=on duty");
    assertThat(rows(store())).containsAnyOf("a=off", "b=off");
  }

  private static boolean bothOnDuty(ReadTransaction transaction) {
    return get(transaction, "a").equals(get(transaction, "b"));
  }

  private static boolean goOff(WriteTransaction transaction, String who, boolean may) {
    if (may) {
      put(transaction, who, "off");
    }
    return may;
  }

  @Test
  default void snapshot_whatItReadWasChanged_isNoConflict() {
    put(store(), "a=1", "b=2");
    AtomicInteger attempts = new AtomicInteger();
    AtomicReference<Future<Written<Boolean>>> other = new AtomicReference<>();
    store()
        .write(
            t -> {
              attempts.incrementAndGet();
              get(t.snapshot(), "a");
              t.snapshot().scan(Range.all(ROWS));
              t.snapshot().getAll(ROWS, List.of(bytes("a")));
              t.snapshot().scanAll(List.of(Range.all(ROWS)));
              t.scan(Range.all(ROWS).withoutConflict());
              t.scanAll(
                  List.of(
                      Range.of(ROWS, bytes("x"), bytes("y")),
                      Range.all(ROWS).withoutConflict()));
              if (other.get() == null) {
                other.set(meanwhile(() -> put(store(), "a=changed")));
              }
              put(t, "c", "3");
              return true;
            });
    result(other.get());
    assertThat(attempts).hasValue(1);
    assertThat(rows(store())).containsExactly("a=changed", "b=2", "c=3");
  }

  @Test
  default void read_writerCommits_seesOneMoment() {
    put(store(), "a=1", "b=1");
    AtomicReference<Future<Written<Boolean>>> writer = new AtomicReference<>();
    store()
        .read(
            t -> {
              assertThat(get(t, "a")).hasValue("1");
              Future<Written<Boolean>> writing = start(() -> put(store(), "a=2", "b=2", "c=2"));
              writer.set(writing);
              result(writing);
              assertThat(rows(store(), t)).containsExactly("a=1", "b=1");
              assertThat(get(t, "b")).hasValue("1");
              assertThat(get(t, "c")).isEmpty();
              assertThat(t.getAll(ROWS, List.of(bytes("c")))).containsExactly(Optional.empty());
              return true;
            });
    assertThat(result(writer.get()).versionstamp()).isPresent();
    assertThat(rows(store())).containsExactly("a=2", "b=2", "c=2");
  }

  private static List<String> rows(Store store, ReadTransaction transaction) {
    List<String> scanned = ContractFixture.rows(transaction.scan(Range.all(ROWS)));
    assertThat(ContractFixture.rows(transaction.scanAll(List.of(Range.all(ROWS))).getFirst()))
        .as(store.name())
        .isEqualTo(scanned);
    return scanned;
  }

  private static List<String> rows(Store store) {
    return ContractFixture.rows(store);
  }

  private static List<String> rows(Page page) {
    return ContractFixture.rows(page);
  }

  @Test
  default void read_concurrentWriters_neverSeesPartOfAWrite() {
    put(store(), "a=500", "b=500");
    Future<Boolean> writers =
        start(
            () -> {
              for (int i = 0; i < 60; i++) {
                int amount = i;
                store()
                    .write(
                        t -> {
                          put(t, "a", String.valueOf(500 - amount));
                          put(t, "b", String.valueOf(500 + amount));
                          return true;
                        });
              }
              return true;
            });
    List<Function<ReadTransaction, Integer>> sums =
        List.of(
            t -> sum(List.of(get(t, "a"), get(t, "b"))),
            t -> sum(text(t.getAll(ROWS, List.of(bytes("a"), bytes("b"))))),
            t -> sum(values(t.scan(Range.all(ROWS)).rows())),
            t -> sum(
                t.scanAll(List.of(range("a", "b"), range("b", "c"))).stream()
                    .flatMap(page -> values(page.rows()).stream())
                    .toList()));
    for (int i = 0; !writers.isDone() || i < 20; i++) {
      assertThat(store().read(sums.get(i % sums.size()))).isEqualTo(1000);
    }
    assertThat(result(writers)).isTrue();
  }

  private static int sum(List<Optional<String>> values) {
    return values.stream().mapToInt(value -> Integer.parseInt(value.orElseThrow())).sum();
  }

  private static List<Optional<String>> text(List<Optional<byte[]>> values) {
    return values.stream().map(value -> value.map(ContractFixture::text)).toList();
  }

  private static List<Optional<String>> values(List<KeyValue> rows) {
    return rows.stream().map(row -> Optional.of(ContractFixture.text(row.value()))).toList();
  }

  @Test
  default void openSnapshot_laterWrites_invisible() {
    put(store(), "a=1");
    try (Snapshot snapshot = openSnapshot(store())) {
      put(store(), "a=2", "b=2");
      assertThat(get(snapshot, "a")).hasValue("1");
      try (Snapshot later = openSnapshot(store())) {
        put(store(), "a=3", "c=3");
        assertThat(rows(store(), later)).containsExactly("a=2", "b=2");
      }
      assertThat(result(start(() -> rows(store(), snapshot)))).containsExactly("a=1");
      assertThat(snapshot.getAll(ROWS, List.of(bytes("a"), bytes("b"))).get(1)).isEmpty();
    }
    assertThat(rows(store())).containsExactly("a=3", "b=2", "c=3");
  }

  @Test
  default void openSnapshot_closed_refused() {
    Snapshot snapshot = openSnapshot(store());
    snapshot.close();
    snapshot.close();
    assertThatIllegalStateException().isThrownBy(() -> get(snapshot, "a"));
    assertThatIllegalStateException().isThrownBy(() -> snapshot.scan(Range.all(ROWS)));
  }

  @Test
  default void openSnapshot_manyInSequence_noLeak() {
    for (int i = 0; i < 300; i++) {
      try (Snapshot snapshot = openSnapshot(store())) {
        assertThat(get(snapshot, "a")).isEmpty();
      }
    }
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () -> {
              try (Snapshot snapshot = openSnapshot(store())) {
                throw new IllegalArgumentException(get(snapshot, "a").toString());
              }
            });
    put(store(), "a=1");
    assertThat(rows(store())).containsExactly("a=1");
  }
}
