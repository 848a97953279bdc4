package io.divan.storage.fdb.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.Transaction;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Atomic operations as the cluster applies them, and as the transaction itself reads them. */
class AtomicsTest {

  private static final byte[] KEY = Bench.b("k");

  private final Bench bench = new Bench();

  @ParameterizedTest(name = "{0} of {1} and {2} is {3}")
  @CsvSource({
    // '-' is a missing value, '' an empty one; all others are hexadecimal.
    "ADD, -, 0100, 0100",
    "ADD, '', 0100, 0100",
    "ADD, ff, 0100, 0001",
    "ADD, ffff, 01, 00",
    "ADD, ff00ff, 0101, 0002",
    "ADD, 05, '', ''",
    "AND, -, 0f, 0f",
    "AND, '', 0f0f, 0000",
    "AND, 3c, 0f0f, 0c00",
    "AND, 3c3c, 0f, 0c",
    "OR, -, 0f, 0f",
    "OR, 3c, 0f0f, 3f0f",
    "OR, 3c3c, 0f, 3f",
    "XOR, -, 0f, 0f",
    "XOR, 3c, 0f0f, 330f",
    "XOR, 3c3c, 0f, 33",
    "APPEND_IF_FITS, -, 0102, 0102",
    "APPEND_IF_FITS, 01, 0203, 010203",
    "APPEND_IF_FITS, 01, '', 01",
    "MAX, -, 05, 05",
    "MAX, '', 05, 05",
    "MAX, 06, 05, 06",
    "MAX, 0601, 05, 06",
    "MAX, 06, 0501, 0501",
    "MAX, 06, 0500, 0600",
    "MIN, -, 05, 05",
    "MIN, '', 05, 00",
    "MIN, 06, 05, 05",
    "MIN, 04, 05, 04",
    "MIN, 0601, 05, 05",
    "MIN, 0401, 05, 04",
    "MIN, 06, 0501, 0600",
    "BYTE_MIN, -, 05, 05",
    "BYTE_MIN, 0401, 05, 0401",
    "BYTE_MIN, '', 05, ''",
    "BYTE_MIN, 06, 05, 05",
    "BYTE_MAX, -, 05, 05",
    "BYTE_MAX, 0501, 05, 0501",
    "BYTE_MAX, 04, 05, 05",
    "COMPARE_AND_CLEAR, -, 05, -",
    "COMPARE_AND_CLEAR, 05, 05, -",
    "COMPARE_AND_CLEAR, 0500, 05, 0500",
    "COMPARE_AND_CLEAR, '', '', -",
  })
  void mutate_onStoredValue_followsTheRule(
      MutationType type, String old, String operand, String expected) {
    Transaction tr = bench.tr();
    if (!old.equals("-")) {
      tr.set(KEY, HexFormat.of().parseHex(old));
    }
    Bench.commit(tr);
    tr = bench.tr();
    tr.mutate(type, KEY, HexFormat.of().parseHex(operand));
    assertThat(text(tr.get(KEY).join())).as("read by the transaction").isEqualTo(expected);
    Bench.commit(tr);
    assertThat(text(bench.tr().get(KEY).join())).as("committed").isEqualTo(expected);

    Transaction own = bench.tr();
    own.clear(KEY);
    if (!old.equals("-")) {
      own.set(KEY, HexFormat.of().parseHex(old));
    }
    own.mutate(type, KEY, HexFormat.of().parseHex(operand));
    assertThat(text(own.get(KEY).join())).as("after a write of its own").isEqualTo(expected);
    Bench.commit(own);
    assertThat(text(bench.tr().get(KEY).join())).as("after a write of its own").isEqualTo(expected);
  }

  private static String text(byte @Nullable [] value) {
    return value == null ? "-" : HexFormat.of().formatHex(value);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"SET_VERSIONSTAMPED_KEY",
    "SET_VERSIONSTAMPED_VALUE"})
  void mutate_blind_doesNotConflict(MutationType type) {
    bench.put("k", "1");
    Transaction first = bench.tr();
    Transaction second = bench.tr();
    first.getReadVersion().join();
    second.getReadVersion().join();
    first.mutate(type, KEY, Bench.b("1"));
    second.mutate(type, KEY, Bench.b("1"));
    assertThat(Bench.commitCode(first)).isZero();
    assertThat(Bench.commitCode(second)).isZero();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"SET_VERSIONSTAMPED_KEY",
    "SET_VERSIONSTAMPED_VALUE"})
  void mutate_thenRead_conflictsWithAWriter(MutationType type) {
    bench.put("k", "1");
    Transaction tr = bench.tr();
    tr.mutate(type, KEY, Bench.b("1"));
    tr.get(KEY).join();
    bench.put("k", "2");
    assertThat(Bench.commitCode(tr)).isEqualTo(1020);
  }

  @Test
  void appendIfFits_beyondTheLimit_leavesTheValue() {
    byte[] large = new byte[100_000 - 1];
    Transaction tr = bench.tr();
    tr.set(KEY, large);
    Bench.commit(tr);
    tr = bench.tr();
    tr.mutate(MutationType.APPEND_IF_FITS, KEY, new byte[2]);
    assertThat(tr.get(KEY).join()).hasSize(large.length);
    Bench.commit(tr);
    assertThat(bench.tr().get(KEY).join()).hasSize(large.length);
    tr = bench.tr();
    tr.mutate(MutationType.APPEND_IF_FITS, KEY, new byte[1]);
    Bench.commit(tr);
    assertThat(bench.tr().get(KEY).join()).hasSize(100_000);
  }
}
