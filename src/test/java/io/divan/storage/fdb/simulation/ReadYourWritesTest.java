package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;
import static io.divan.storage.fdb.simulation.Bench.code;
import static io.divan.storage.fdb.simulation.Bench.get;
import static io.divan.storage.fdb.simulation.Bench.range;
import static io.divan.storage.fdb.simulation.Bench.s;
import static org.assertj.core.api.Assertions.assertThat;

import com.apple.foundationdb.KeySelector;
import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.StreamingMode;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.async.AsyncIterator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A transaction's reads of its own writes; key selectors; overloads and limits of range reads. */
class ReadYourWritesTest {

  private final Bench bench = new Bench();

  private static String key(Transaction tr, KeySelector selector) {
    return s(tr.getKey(selector).join());
  }

  @Test
  void reads_seeOwnWrites_inOrder() {
    bench.put("b", "1", "d", "2", "f", "3");
    Transaction tr = bench.tr();
    tr.set(b("a"), b("0"));
    tr.clear(b("b"));
    tr.set(b("d"), b("9"));
    tr.clear(b("e"), b("z"));
    tr.set(b("g"), b("4"));
    assertThat(range(tr, "", "\u00FF")).containsExactly("a=0", "d=9", "g=4");
    assertThat(get(tr, "b")).isNull();
    assertThat(get(tr, "f")).isNull();
    assertThat(get(tr, "g")).isEqualTo("4");
    List<KeyValue> reverse = tr.getRange(b("a"), b("z"), 2, true).asList().join();
    assertThat(Bench.rows(reverse)).containsExactly("g=4", "d=9");
    assertThat(range(bench.tr(), "", "\u00FF")).containsExactly("b=1", "d=2", "f=3");
    Bench.commit(tr);
    assertThat(range(bench.tr(), "", "\u00FF")).containsExactly("a=0", "d=9", "g=4");
  }

  @Test
  void snapshotReads_seeOwnWrites_unlessDisabled() {
    bench.put("k", "1");
    Transaction tr = bench.tr();
    tr.set(b("k"), b("2"));
    assertThat(get(tr.snapshot(), "k")).isEqualTo("2");
    tr.options().setSnapshotRywDisable();
    assertThat(get(tr.snapshot(), "k")).isEqualTo("1");
    assertThat(get(tr, "k")).isEqualTo("2");
    tr.options().setSnapshotRywEnable();
    assertThat(get(tr.snapshot(), "k")).isEqualTo("2");
  }

  @Test
  void snapshotRywDisable_onTheDatabase_appliesToNewTransactions() {
    bench.put("k", "1");
    bench.db.options().setSnapshotRywDisable();
    Transaction tr = bench.tr();
    tr.set(b("k"), b("2"));
    assertThat(get(tr.snapshot(), "k")).isEqualTo("1");
  }

  @Test
  void readYourWritesDisable_readsOnlyTheSnapshot() {
    bench.put("k", "1");
    Transaction tr = bench.tr();
    tr.options().setReadYourWritesDisable();
    tr.set(b("k"), b("2"));
    tr.set(b("l"), b("2"));
    tr.mutate(MutationType.ADD, b("n"), b("\u0001"));
    tr.clear(b("m"), b("n"));
    assertThat(get(tr, "k")).isEqualTo("1");
    assertThat(range(tr, "", "\u00FF")).containsExactly("k=1");
    Bench.commit(tr);
    assertThat(range(bench.tr(), "", "\u00FF")).containsExactly("k=2", "l=2", "n=\u0001");
  }

  @Test
  void readYourWritesDisable_afterARead_orAWrite_is2000() {
    Transaction read = bench.tr();
    get(read, "k");
    read.options().setReadYourWritesDisable();
    assertThat(code(read.commit())).isEqualTo(2000);
    Transaction written = bench.tr();
    written.set(b("k"), b("v"));
    written.options().setReadYourWritesDisable();
    assertThat(code(written.get(b("k")))).isEqualTo(2000);
  }

  @Test
  void selectors_countFromTheirKey() {
    bench.put("b", "1", "d", "2", "f", "3");
    Transaction tr = bench.tr();
    assertThat(key(tr, KeySelector.firstGreaterOrEqual(b("b")))).isEqualTo("b");
    assertThat(key(tr, KeySelector.firstGreaterOrEqual(b("c")))).isEqualTo("d");
    assertThat(key(tr, KeySelector.firstGreaterThan(b("b")))).isEqualTo("d");
    assertThat(key(tr, KeySelector.lastLessOrEqual(b("d")))).isEqualTo("d");
    assertThat(key(tr, KeySelector.lastLessOrEqual(b("e")))).isEqualTo("d");
    assertThat(key(tr, KeySelector.lastLessThan(b("d")))).isEqualTo("b");
    assertThat(key(tr, KeySelector.firstGreaterOrEqual(b("b")).add(2))).isEqualTo("f");
    assertThat(key(tr, KeySelector.lastLessThan(b("f")).add(-1))).isEqualTo("b");
    assertThat(key(tr, KeySelector.firstGreaterOrEqual(b("d")).add(-1))).isEqualTo("b");
  }

  @Test
  void selectors_beyondTheEnds_resolveToTheEnds() {
    bench.put("b", "1", "d", "2");
    Transaction tr = bench.tr();
    assertThat(key(tr, KeySelector.firstGreaterThan(b("d")))).isEqualTo("\u00FF");
    assertThat(key(tr, KeySelector.firstGreaterThan(b("a")).add(100))).isEqualTo("\u00FF");
    assertThat(key(tr, KeySelector.lastLessThan(b("b")))).isEmpty();
    assertThat(key(tr, KeySelector.lastLessThan(b("d")).add(-100))).isEmpty();
    assertThat(key(tr, KeySelector.firstGreaterOrEqual(b("\u00FF")))).isEqualTo("\u00FF");
    assertThat(key(tr, KeySelector.lastLessThan(b("\u00FF")))).isEqualTo("d");
    assertThat(code(tr.getKey(KeySelector.lastLessThan(b("\u00FF\u00FF"))))).isEqualTo(2004);
  }

  @Test
  void selectors_countOwnWrites() {
    bench.put("b", "1", "d", "2", "f", "3");
    Transaction tr = bench.tr();
    tr.clear(b("d"));
    tr.set(b("e"), b("4"));
    tr.mutate(MutationType.ADD, b("g"), b("\u0001"));
    assertThat(key(tr, KeySelector.firstGreaterThan(b("b")))).isEqualTo("e");
    assertThat(key(tr, KeySelector.firstGreaterThan(b("b")).add(1))).isEqualTo("f");
    assertThat(key(tr, KeySelector.firstGreaterThan(b("b")).add(2))).isEqualTo("g");
    assertThat(key(tr, KeySelector.lastLessThan(b("e")))).isEqualTo("b");
  }

  @Test
  void selectors_asRangeBounds_includingInverted() {
    bench.put("b", "1", "d", "2", "f", "3", "h", "4");
    Transaction tr = bench.tr();
    assertThat(Bench.rows(tr.getRange(
        KeySelector.lastLessOrEqual(b("e")), KeySelector.firstGreaterThan(b("f"))).asList().join()))
        .containsExactly("d=2", "f=3");
    assertThat(Bench.rows(tr.getRange(
        KeySelector.lastLessThan(b("b")), KeySelector.firstGreaterThan(b("a")).add(1))
        .asList().join()))
        .containsExactly("b=1");
    assertThat(tr.getRange(b("f"), b("b")).asList().join()).isEmpty();
    assertThat(tr.getRange(
        KeySelector.firstGreaterOrEqual(b("g")), KeySelector.lastLessThan(b("d")))
        .asList().join()).isEmpty();
  }

  @Test
  void range_inEveryMode_andOverload_returnsTheSameRows() {
    List<String> expected = new ArrayList<>();
    Transaction tr = bench.tr();
    for (int i = 0; i < 400; i++) {
      String key = String.format("k%04d", i);
      tr.set(b(key), b("v".repeat(i % 60)));
      expected.add(key + "=" + "v".repeat(i % 60));
    }
    Bench.commit(tr);
    tr = bench.tr();
    tr.set(b("k0010"), b("own"));
    expected.set(10, "k0010=own");
    for (StreamingMode mode : StreamingMode.values()) {
      int limit = mode == StreamingMode.EXACT ? 1_000 : 0;
      List<String> rows = new ArrayList<>();
      for (KeyValue row : tr.getRange(b("k"), b("l"), limit, false, mode)) {
        rows.add(s(row.getKey()) + "=" + s(row.getValue()));
      }
      assertThat(rows).as("%s", mode).isEqualTo(expected);
      assertThat(Bench.rows(tr.getRange(b("k"), b("l"), limit, true, mode).asList().join()))
          .as("%s", mode).isEqualTo(expected.reversed());
      assertThat(Bench.rows(tr.getRange(b("k"), b("l"), 7, false, mode).asList().join()))
          .as("%s", mode).isEqualTo(expected.subList(0, 7));
    }
  }

  @Test
  void range_exactWithoutLimit_is2210_andNegativeLimit_is2012() {
    Transaction tr = bench.tr();
    assertThat(code(tr.getRange(b("a"), b("b"), 0, false, StreamingMode.EXACT).asList()))
        .isEqualTo(2210);
    assertThat(code(tr.getRange(b("a"), b("b"), -5, false, StreamingMode.WANT_ALL).asList()))
        .isEqualTo(2012);
    assertThat(code(tr.commit())).isZero();
  }

  @Test
  void iterator_fetchesAhead_laterWritesShowOnlyInLaterChunks() {
    Transaction tr = bench.tr();
    for (int i = 0; i < 40; i++) {
      tr.set(b(String.format("k%02d", i)), b("v".repeat(100)));
    }
    Bench.commit(tr);
    tr = bench.tr();
    AsyncIterator<KeyValue> rows =
        tr.getRange(b("k"), b("l"), 0, false, StreamingMode.SMALL).iterator();
    assertThat(rows.hasNext()).isTrue();
    tr.clear(b("k"), b("l"));
    List<String> seen = new ArrayList<>();
    rows.forEachRemaining(row -> seen.add(s(row.getKey())));
    // 256 bytes hold three rows of 111 bytes; the second chunk was fetched after the clear.
    assertThat(seen).containsExactly("k00", "k01", "k02");
  }

  @Test
  void iterator_remove_clearsTheRow() {
    bench.put("a", "1", "b", "2");
    Transaction tr = bench.tr();
    AsyncIterator<KeyValue> rows = tr.getRange(b("a"), b("z")).iterator();
    rows.next();
    rows.remove();
    assertThat(range(tr, "a", "z")).containsExactly("b=2");
  }

  @Test
  void systemKeys_needAccess_toBeReadAndWritten() {
    Transaction tr = bench.tr();
    assertThat(code(tr.get(b("\u00FF/x")))).isEqualTo(2004);
    assertThat(code(tr.getRange(b("a"), b("\u00FF/x")).asList())).isEqualTo(2004);
    tr.set(b("\u00FF/x"), b("v"));
    assertThat(code(tr.commit())).isEqualTo(2004);
    tr = bench.tr();
    tr.options().setAccessSystemKeys();
    tr.set(b("\u00FF/x"), b("v"));
    assertThat(get(tr, "\u00FF/x")).isEqualTo("v");
    Bench.commit(tr);
    tr = bench.tr();
    tr.options().setReadSystemKeys();
    assertThat(range(tr, "\u00FF", "\u00FF\u00FF")).containsExactly("\u00FF/x=v");
    assertThat(key(tr, KeySelector.firstGreaterThan(b("\u00FE")))).isEqualTo("\u00FF/x");
    tr.set(b("\u00FF/y"), b("v"));
    assertThat(code(tr.commit())).isEqualTo(2004);
  }

  @Test
  void callersArrays_areCopied() {
    byte[] key = b("k");
    byte[] value = b("v");
    Transaction tr = bench.tr();
    tr.set(key, value);
    key[0] = 'x';
    value[0] = 'x';
    tr.get(b("k")).join()[0] = 'y';
    Bench.commit(tr);
    Transaction other = bench.tr();
    other.get(b("k")).join()[0] = 'z';
    other.getRange(b("a"), b("z")).asList().join().getFirst().getKey()[0] = 'z';
    assertThat(range(bench.tr(), "", "\u00FF")).containsExactly("k=v");
  }

  @Test
  void estimatedSize_andSplitPoints_matchTheData() {
    Transaction tr = bench.tr();
    for (int i = 0; i < 100; i++) {
      tr.set(b(String.format("k%03d", i)), new byte[996]);
    }
    Bench.commit(tr);
    tr = bench.tr();
    assertThat(tr.getEstimatedRangeSizeBytes(b("k"), b("l")).join()).isEqualTo(100_000);
    assertThat(tr.getEstimatedRangeSizeBytes(b("k050"), b("k060")).join()).isEqualTo(10_000);
    assertThat(tr.getRangeSplitPoints(b("k"), b("l"), 25_000).join().getKeys())
        .extracting(Bench::s)
        .containsExactly("k", "k025", "k050", "k075", "l");
  }
}
