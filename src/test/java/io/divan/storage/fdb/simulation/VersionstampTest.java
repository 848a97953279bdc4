package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;
import static io.divan.storage.fdb.simulation.Bench.code;
import static org.assertj.core.api.Assertions.assertThat;

import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.tuple.ByteArrayUtil;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Versionstamps, the keys they make unreadable, and the metadata version. */
class VersionstampTest {

  private static final byte[] METADATA_VERSION = b("\u00FF/metadataVersion");

  private final Bench bench = new Bench();

  private static byte[] operand(String prefix, String suffix, int offset) {
    return ByteArrayUtil.join(
        b(prefix), new byte[10], b(suffix),
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(offset).array());
  }

  private static void stampKey(Transaction tr, String prefix) {
    tr.mutate(MutationType.SET_VERSIONSTAMPED_KEY, operand(prefix, "x", prefix.length()), b("v"));
  }

  @Test
  void stampedKey_committed_containsTheCommitsStamp() {
    Transaction tr = bench.tr();
    stampKey(tr, "p");
    CompletableFuture<byte[]> stamp = tr.getVersionstamp();
    assertThat(stamp).isNotDone();
    Bench.commit(tr);
    List<KeyValue> rows = bench.tr().getRange(b("p"), b("q")).asList().join();
    assertThat(rows).singleElement()
        .extracting(KeyValue::getKey)
        .isEqualTo(ByteArrayUtil.join(b("p"), stamp.join(), b("x")));
    assertThat(ByteBuffer.wrap(stamp.join()).getLong()).isEqualTo(tr.getCommittedVersion());
  }

  @Test
  void stampedValue_committed_containsTheCommitsStamp() {
    Transaction tr = bench.tr();
    tr.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, b("k"), operand("a", "b", 1));
    CompletableFuture<byte[]> stamp = tr.getVersionstamp();
    Bench.commit(tr);
    assertThat(bench.tr().get(b("k")).join())
        .isEqualTo(ByteArrayUtil.join(b("a"), stamp.join(), b("b")));
  }

  @Test
  void stamps_ofLaterCommits_areGreater_evenInOneVersion() {
    long readVersion = bench.tr().getReadVersion().join();
    byte[] last = {};
    boolean shared = false;
    for (int i = 0; i < 200; i++) {
      Transaction tr = bench.tr();
      tr.setReadVersion(readVersion);
      tr.set(b("k"), b("v"));
      CompletableFuture<byte[]> stamp = tr.getVersionstamp();
      Bench.commit(tr);
      assertThat(Arrays.compareUnsigned(last, stamp.join())).isNegative();
      last = stamp.join();
      shared |= last[9] != 0;
    }
    assertThat(shared).as("some commits share a version").isTrue();
  }

  @Test
  void read_ofStampedValue_is1036_andTheCommitFailsToo() {
    Transaction tr = bench.tr();
    tr.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, b("k"), operand("", "", 0));
    assertThat(code(tr.get(b("k")))).isEqualTo(1036);
    assertThat(code(tr.snapshot().get(b("k")))).isEqualTo(1036);
    assertThat(code(tr.getRange(b("a"), b("z")).asList())).isEqualTo(1036);
    assertThat(code(tr.get(b("other")))).isZero();
    assertThat(code(tr.commit())).isEqualTo(1036);
  }

  @Test
  void read_whereAStampedKeyMayEndUp_is1036() {
    bench.put("pa", "1", "z", "2");
    Transaction tr = bench.tr();
    stampKey(tr, "p");
    assertThat(code(tr.getRange(b("p"), b("q")).asList())).isEqualTo(1036);
    assertThat(code(tr.get(b("pa")))).isEqualTo(1036);
    assertThat(code(tr.get(b("z")))).isZero();
    assertThat(Bench.range(tr, "q", "zz")).containsExactly("z=2");
    assertThat(Bench.range(tr, "", "p")).isEmpty();
  }

  @Test
  void stampedKey_afterTheReadVersionIsKnown_leavesOlderStampsReadable() {
    Transaction first = bench.tr();
    stampKey(first, "p");
    Bench.commit(first);
    Transaction same = bench.tr();
    same.getReadVersion().join();
    stampKey(same, "p");
    assertThat(code(same.getRange(b("p"), b("q"), 1).asList()))
        .as("at the read version itself")
        .isEqualTo(1036);
    bench.timing.advanceSeconds(0.3);
    Transaction tr = bench.tr();
    tr.getReadVersion().join();
    stampKey(tr, "p");
    assertThat(tr.getRange(b("p"), b("q"), 1).asList().join()).hasSize(1);
    assertThat(code(tr.getRange(b("p"), b("q"), 2).asList())).isEqualTo(1036);
  }

  @Test
  void set_overStampedValue_staysUnreadable_untilCleared() {
    Transaction tr = bench.tr();
    tr.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, b("k"), operand("", "", 0));
    tr.set(b("k"), b("v"));
    tr.options().setNextWriteNoWriteConflictRange();
    Transaction cleared = bench.tr();
    cleared.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, b("k"), operand("", "", 0));
    cleared.clear(b("k"));
    assertThat(Bench.get(cleared, "k")).isNull();
    Bench.commit(tr);
    assertThat(bench.get("k")).isEqualTo("v");
    assertThat(code(readAfterSet())).isEqualTo(1036);
  }

  private CompletableFuture<byte[]> readAfterSet() {
    Transaction tr = bench.tr();
    tr.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, b("k"), operand("", "", 0));
    tr.set(b("k"), b("v"));
    return tr.get(b("k"));
  }

  @Test
  void write_whereAStampedKeyMayEndUp_isCommittedInOrder() {
    Transaction tr = bench.tr();
    tr.set(b("pzz"), b("before"));
    stampKey(tr, "p");
    tr.set(b("pz"), b("after"));
    Bench.commit(tr);
    assertThat(Bench.range(bench.tr(), "pa", "q")).containsExactly("pz=after", "pzz=before");
  }

  @Test
  void bypassUnreadable_readsThePlaceholder() {
    Transaction tr = bench.tr();
    tr.options().setBypassUnreadable();
    tr.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, b("k"), operand("ab", "", 0));
    assertThat(tr.get(b("k")).join()).isEqualTo(operand("ab", "", 0));
  }

  @Test
  void operand_tooShort_orOffsetOutside_is2000() {
    List<byte[]> wrong = new ArrayList<>();
    wrong.add(new byte[3]);
    wrong.add(new byte[13]);
    wrong.add(operand("a", "", 2));
    wrong.add(operand("", "", -1));
    wrong.add(operand("", "", Integer.MAX_VALUE));
    for (byte[] operand : wrong) {
      Transaction key = bench.tr();
      key.mutate(MutationType.SET_VERSIONSTAMPED_KEY, operand, b("v"));
      assertThat(code(key.commit())).isEqualTo(2000);
      Transaction value = bench.tr();
      value.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, b("k"), operand);
      assertThat(code(value.commit())).isEqualTo(2000);
    }
  }

  @Test
  void stampedKey_isAWriteConflict_atItsFinalKey() {
    Transaction reader = bench.tr();
    reader.getRange(b("p"), b("q")).asList().join();
    reader.set(b("other"), b("v"));
    Transaction tr = bench.tr();
    stampKey(tr, "p");
    Bench.commit(tr);
    assertThat(code(reader.commit())).isEqualTo(1020);
  }

  @Test
  void getVersionstamp_ofReadOnly_is2021_andAfterCommit_is2017() {
    Transaction tr = bench.tr();
    CompletableFuture<byte[]> stamp = tr.getVersionstamp();
    tr.get(b("k")).join();
    Bench.commit(tr);
    assertThat(code(stamp)).isEqualTo(2021);
    assertThat(tr.getCommittedVersion()).isEqualTo(-1);
    assertThat(code(tr.getVersionstamp())).isEqualTo(2017);
  }

  @Test
  void getVersionstamp_ofFailedCommit_is2020_andOfAbandoned_is1025() {
    bench.put("k", "1");
    Transaction tr = bench.tr();
    tr.get(b("k")).join();
    tr.set(b("l"), b("v"));
    bench.put("k", "2");
    final CompletableFuture<byte[]> failed = tr.getVersionstamp();
    assertThat(code(tr.commit())).isEqualTo(1020);
    assertThat(code(failed)).isEqualTo(2020);
    Transaction abandoned = bench.tr();
    final CompletableFuture<byte[]> never = abandoned.getVersionstamp();
    abandoned.close();
    assertThat(code(never)).isEqualTo(1025);
  }

  @Test
  void metadataVersion_isReadWithoutSystemAccess_andChangedByStampOnly() {
    assertThat(bench.tr().get(METADATA_VERSION).join()).isNull();
    Transaction tr = bench.tr();
    tr.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, METADATA_VERSION, new byte[14]);
    final CompletableFuture<byte[]> stamp = tr.getVersionstamp();
    assertThat(code(tr.snapshot().get(METADATA_VERSION))).isEqualTo(1036);
    tr.close();
    tr = bench.tr();
    tr.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, METADATA_VERSION, new byte[14]);
    CompletableFuture<byte[]> changed = tr.getVersionstamp();
    Bench.commit(tr);
    assertThat(bench.tr().get(METADATA_VERSION).join()).isEqualTo(changed.join());
    assertThat(code(stamp)).isEqualTo(1025);
  }

  @Test
  void metadataVersion_setOtherwise_is2000() {
    Transaction set = bench.tr();
    set.set(METADATA_VERSION, b("v"));
    assertThat(code(set.commit())).isEqualTo(2000);
    Transaction add = bench.tr();
    add.mutate(MutationType.ADD, METADATA_VERSION, new byte[14]);
    assertThat(code(add.commit())).isEqualTo(2000);
    Transaction longer = bench.tr();
    longer.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, METADATA_VERSION, new byte[15]);
    assertThat(code(longer.commit())).isEqualTo(2000);
    Transaction other = bench.tr();
    byte[] notZero = new byte[14];
    notZero[0] = 1;
    other.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, METADATA_VERSION, notZero);
    assertThat(code(other.commit())).isEqualTo(2000);
    Transaction clear = bench.tr();
    clear.clear(METADATA_VERSION);
    assertThat(code(clear.commit())).isEqualTo(2004);
  }

  @Test
  void metadataVersion_readBySnapshot_doesNotConflict() {
    for (boolean snapshot : new boolean[] {true, false}) {
      Transaction tr = bench.tr();
      (snapshot ? tr.snapshot() : tr).get(METADATA_VERSION).join();
      tr.set(b("k"), b("v"));
      Transaction change = bench.tr();
      change.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, METADATA_VERSION, new byte[14]);
      Bench.commit(change);
      assertThat(code(tr.commit())).isEqualTo(snapshot ? 0 : 1020);
    }
  }
}
