package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;
import static io.divan.storage.fdb.simulation.Bench.commitCode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.KeySelector;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.ReadTransaction;
import com.apple.foundationdb.Transaction;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which reads conflict with which writes. */
class ConflictTest {

  private final Bench bench = new Bench();

  @BeforeEach
  void fill() {
    bench.db.run(
        tr -> {
          tr.clear(b(""), b("\u00FF"));
          return true;
        });
    bench.put("b", "1", "d", "2", "f", "3", "h", "4");
  }

  /** The result code of a commit after reads, if another transaction writes before it. */
  private int outcome(Consumer<Transaction> reads, Consumer<Transaction> writes) {
    fill();
    Transaction tr = bench.tr();
    tr.getReadVersion().join();
    reads.accept(tr);
    tr.set(b("zz"), b("v"));
    Transaction other = bench.tr();
    writes.accept(other);
    Bench.commit(other);
    return commitCode(tr);
  }

  private static Consumer<Transaction> set(String key) {
    return tr -> tr.set(b(key), b("new"));
  }

  private static Consumer<Transaction> range(
      KeySelector begin, KeySelector end, int limit, boolean reverse) {
    return tr -> tr.getRange(begin, end, limit, reverse).asList().join();
  }

  private static KeySelector at(String key) {
    return KeySelector.firstGreaterOrEqual(b(key));
  }

  @Test
  void get_conflictsWithItsKeyOnly() {
    assertThat(outcome(tr -> tr.get(b("d")).join(), set("d"))).isEqualTo(1020);
    assertThat(outcome(tr -> tr.get(b("d")).join(), set("d\0"))).isZero();
    assertThat(outcome(tr -> tr.get(b("c")).join(), set("c"))).isEqualTo(1020);
    assertThat(outcome(tr -> tr.get(b("d")).join(), tr -> tr.clear(b("a"), b("e"))))
        .isEqualTo(1020);
    assertThat(outcome(tr -> tr.get(b("d")).join(), tr -> tr.clear(b("a"), b("d")))).isZero();
  }

  @Test
  void set_sameValue_conflicts() {
    assertThat(outcome(tr -> tr.get(b("d")).join(), tr -> tr.set(b("d"), b("2"))))
        .isEqualTo(1020);
  }

  @Test
  void range_conflictsWithAllItsKeys() {
    assertThat(outcome(range(at("c"), at("g"), 0, false), set("c"))).isEqualTo(1020);
    assertThat(outcome(range(at("c"), at("g"), 0, false), set("fz"))).isEqualTo(1020);
    assertThat(outcome(range(at("c"), at("g"), 0, false), set("g"))).isZero();
    assertThat(outcome(range(at("c"), at("g"), 0, false), set("bz"))).isZero();
  }

  @Test
  void range_cutByItsLimit_conflictsOnlyWithKeysRead() {
    assertThat(outcome(range(at("c"), at("z"), 2, false), set("e"))).isEqualTo(1020);
    assertThat(outcome(range(at("c"), at("z"), 2, false), set("f"))).isEqualTo(1020);
    assertThat(outcome(range(at("c"), at("z"), 2, false), set("fa"))).isZero();
    assertThat(outcome(range(at("a"), at("g"), 2, true), set("fa"))).isEqualTo(1020);
    assertThat(outcome(range(at("a"), at("g"), 2, true), set("d"))).isEqualTo(1020);
    assertThat(outcome(range(at("a"), at("g"), 2, true), set("cz"))).isZero();
  }

  @Test
  void getKey_conflictsWithKeysWalkedOver() {
    Consumer<Transaction> forward =
        tr -> tr.getKey(KeySelector.firstGreaterThan(b("b")).add(1)).join();
    assertThat(outcome(forward, set("c"))).isEqualTo(1020);
    assertThat(outcome(forward, set("f"))).isEqualTo(1020);
    assertThat(outcome(forward, set("b"))).isZero();
    assertThat(outcome(forward, set("fa"))).isZero();
    Consumer<Transaction> backward = tr -> tr.getKey(KeySelector.lastLessThan(b("f"))).join();
    assertThat(outcome(backward, set("d"))).isEqualTo(1020);
    assertThat(outcome(backward, set("ez"))).isEqualTo(1020);
    assertThat(outcome(backward, set("f"))).isZero();
    assertThat(outcome(backward, set("cz"))).isZero();
  }

  @Test
  void selectorsOffTheEnds_conflictUpToTheEnd() {
    Consumer<Transaction> end = tr -> tr.getKey(KeySelector.firstGreaterThan(b("h"))).join();
    assertThat(outcome(end, set("y"))).isEqualTo(1020);
    Consumer<Transaction> begin = tr -> tr.getKey(KeySelector.lastLessThan(b("b"))).join();
    assertThat(outcome(begin, set("a"))).isEqualTo(1020);
    assertThat(outcome(begin, set("b"))).isZero();
    assertThat(outcome(
        range(KeySelector.lastLessThan(b("a")).add(-3), at("c"), 0, false), set("")))
        .isEqualTo(1020);
    assertThat(outcome(
        range(at("g"), KeySelector.firstGreaterOrEqual(b("z")).add(5), 0, false), set("zzz")))
        .isEqualTo(1020);
  }

  @Test
  void snapshotReads_doNotConflict() {
    Consumer<Transaction> reads =
        tr -> {
          ReadTransaction snapshot = tr.snapshot();
          snapshot.get(b("d")).join();
          snapshot.getKey(KeySelector.lastLessThan(b("f"))).join();
          snapshot.getRange(b("a"), b("z")).asList().join();
          assertThat(snapshot.addReadConflictKeyIfNotSnapshot(b("d"))).isFalse();
        };
    assertThat(outcome(reads, set("d"))).isZero();
  }

  @Test
  void ownWrites_readAgain_doNotConflict() {
    Consumer<Transaction> reads =
        tr -> {
          tr.set(b("d"), b("own"));
          tr.clear(b("e"), b("g"));
          tr.get(b("d")).join();
          tr.get(b("f")).join();
          tr.getRange(b("d"), b("f")).asList().join();
        };
    assertThat(outcome(reads, set("d"))).isZero();
    assertThat(outcome(reads, set("ea"))).isZero();
    assertThat(outcome(reads, set("da"))).isEqualTo(1020);
  }

  @Test
  void addedConflicts_count() {
    assertThat(outcome(tr -> tr.addReadConflictKey(b("x")), set("x"))).isEqualTo(1020);
    assertThat(outcome(tr -> tr.addReadConflictRange(b("x"), b("y")), set("xx"))).isEqualTo(1020);
    assertThat(outcome(tr -> tr.addReadConflictRange(b("x"), b("y")), set("y"))).isZero();
    assertThat(outcome(tr -> tr.get(b("x")).join(), tr -> tr.addWriteConflictKey(b("x"))))
        .isEqualTo(1020);
    assertThat(outcome(
        tr -> tr.get(b("x")).join(), tr -> tr.addWriteConflictRange(b("w"), b("y"))))
        .isEqualTo(1020);
  }

  @Test
  void nextWriteNoWriteConflictRange_holdsForOneWrite() {
    assertThat(outcome(
        tr -> tr.get(b("d")).join(),
        tr -> {
          tr.options().setNextWriteNoWriteConflictRange();
          tr.set(b("d"), b("v"));
        })).isZero();
    assertThat(outcome(
        tr -> tr.get(b("d")).join(),
        tr -> {
          tr.options().setNextWriteNoWriteConflictRange();
          tr.clear(b("c"), b("e"));
          tr.mutate(MutationType.ADD, b("d"), b("1"));
        })).isEqualTo(1020);
    assertThat(outcome(
        tr -> tr.get(b("d")).join(),
        tr -> {
          tr.options().setNextWriteNoWriteConflictRange();
          tr.clear(b("a"), b("z"));
        })).isZero();
  }

  @Test
  void withoutReadYourWrites_theSameRangesConflict() {
    Consumer<Transaction> reads =
        tr -> {
          tr.options().setReadYourWritesDisable();
          tr.getRange(b("c"), b("z"), 2).asList().join();
        };
    assertThat(outcome(reads, set("f"))).isEqualTo(1020);
    assertThat(outcome(reads, set("fa"))).isZero();
  }

  @Test
  void readOnly_andBlind_transactionsAlwaysCommit() {
    Transaction reader = bench.tr();
    reader.getRange(b("a"), b("z")).asList().join();
    Transaction blind = bench.tr();
    blind.getReadVersion().join();
    blind.set(b("d"), b("blind"));
    bench.put("d", "new");
    assertThat(commitCode(reader)).isZero();
    assertThat(commitCode(blind)).isZero();
    assertThat(bench.get("d")).isEqualTo("blind");
  }

  @Test
  void writeSkew_isPrevented() {
    Transaction first = bench.tr();
    Transaction second = bench.tr();
    first.get(b("b")).join();
    second.get(b("d")).join();
    first.set(b("d"), b("x"));
    second.set(b("b"), b("x"));
    assertThat(commitCode(first)).isZero();
    assertThat(commitCode(second)).isEqualTo(1020);
  }

  @Test
  void addReadConflictRange_inverted_throwsAtOnce() {
    Transaction tr = bench.tr();
    FDBException error =
        catchThrowableOfType(
            FDBException.class, () -> tr.addReadConflictRange(b("b"), b("a")));
    assertThat(error.getCode()).isEqualTo(2005);
    tr.addReadConflictRange(b("a"), b("a"));
    assertThat(commitCode(tr)).isZero();
  }
}
