package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;
import static io.divan.storage.fdb.simulation.Bench.code;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.apple.foundationdb.Transaction;
import io.divan.storage.fdb.simulation.Faults.Dial;
import io.divan.storage.fdb.simulation.Faults.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The effect of each fault and each dial. */
class FaultsTest {

  private final Bench bench = new Bench();
  private final Faults faults = bench.cluster.faults();

  private int write(String value) {
    Transaction tr = bench.tr();
    tr.get(b("k")).join();
    tr.set(b("k"), b(value));
    return code(tr.commit());
  }

  @ParameterizedTest
  @CsvSource({
    "CONFLICT, 1020, false",
    "UNKNOWN_COMMITTED, 1021, true",
    "UNKNOWN_NOT_COMMITTED, 1021, false",
    "TOO_OLD_COMMIT, 1007, false",
    "CLUSTER_VERSION_CHANGED, 1039, false",
    "RESTART, 1007, false"
  })
  void commitFault_strikesOnce_andOnlyThen(Fault fault, int code, boolean committed) {
    faults.window(fault, 1, 1);
    assertThat(write("1")).isZero();
    assertThat(write("2")).isEqualTo(code);
    assertThat(bench.get("k")).isEqualTo(committed ? "2" : "1");
    assertThat(write("3")).isZero();
    assertThat(bench.get("k")).isEqualTo("3");
    assertThat(faults.struck(fault)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"TOO_OLD_READ, 1007", "PROCESS_BEHIND, 1037"})
  void readFault_failsReads_andOwnWritesAreReadAllTheSame(Fault fault, int code) {
    faults.chance(fault, 1);
    Transaction tr = bench.tr();
    assertThat(code(tr.get(b("k")))).isEqualTo(code);
    assertThat(code(bench.tr().getRange(b("a"), b("z")).asList())).isEqualTo(code);
    Transaction own = bench.tr();
    own.set(b("k"), b("v"));
    assertThat(code(own.get(b("k")))).isZero();
    faults.clear();
    assertThat(code(own.commit())).isZero();
  }

  @Test
  void unknownCommitted_failsTheVersionstamp_andFiresWatchesOfOthers() {
    Transaction watcher = bench.tr();
    final var watch = watcher.watch(b("k"));
    Bench.commit(watcher);
    faults.window(Fault.UNKNOWN_COMMITTED, 0, 1);
    Transaction tr = bench.tr();
    tr.set(b("k"), b("v"));
    final var stamp = tr.getVersionstamp();
    final var own = tr.watch(b("k"));
    assertThat(code(tr.commit())).isEqualTo(1021);
    assertThat(code(stamp)).isEqualTo(2020);
    assertThat(code(own)).isEqualTo(1021);
    assertThat(watch).isCompleted();
  }

  @Test
  void run_underEveryFault_commitsItsWrite() {
    for (Fault fault : Fault.values()) {
      faults.chance(fault, 0.2);
    }
    for (int i = 0; i < 300; i++) {
      byte[] value = b("" + i);
      bench.db.run(
          tr -> {
            tr.get(b("k")).join();
            tr.set(b("k"), value);
            return true;
          });
    }
    faults.clear();
    assertThat(bench.get("k")).isEqualTo("299");
    for (Fault fault : Fault.values()) {
      if (fault != Fault.LOST_WATCH && fault != Fault.SPURIOUS_WATCH) {
        assertThat(faults.struck(fault)).as("%s", fault).isPositive();
      }
    }
  }

  @Test
  void restart_keepsOnlyCommittedData() {
    write("1");
    Transaction open = bench.tr();
    open.get(b("k")).join();
    open.set(b("k"), b("2"));
    long before = bench.tr().getReadVersion().join();
    bench.cluster.restart();
    assertThat(code(open.get(b("other")))).isEqualTo(1007);
    assertThat(code(open.commit())).isEqualTo(1007);
    assertThat(bench.get("k")).isEqualTo("1");
    assertThat(bench.tr().getReadVersion().join())
        .isGreaterThanOrEqualTo(before + 100_000_000);
    Transaction past = bench.tr();
    past.setReadVersion(before);
    assertThat(code(past.get(b("k")))).isEqualTo(1007);
  }

  @Test
  void dials_outOfRange_areRefused() {
    assertThatThrownBy(() -> new Dial.Chance(1.1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Dial.Window(-1, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
