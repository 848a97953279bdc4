package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;
import static org.assertj.core.api.Assertions.assertThat;

import com.apple.foundationdb.Transaction;
import org.junit.jupiter.api.Test;

/** The memory that the cluster uses in addition to the data is bounded. */
class MemoryTest {

  private final Bench bench = new Bench();

  private void write(int i) {
    Transaction tr = bench.tr();
    tr.set(b("k" + i % 10), b("" + i));
    Bench.commit(tr);
    tr.close();
  }

  @Test
  void manyCommits_areRemovedAfterFiveSeconds() {
    for (int i = 0; i < 2_000; i++) {
      bench.timing.advanceSeconds(0.1);
      write(i);
    }
    assertThat(bench.cluster.keys()).isEqualTo(10);
    assertThat(bench.cluster.remembered()).isLessThan(120);
  }

  @Test
  void manyCommitsAtOnce_keepABoundedNumberOfVersions() {
    for (int i = 0; i < 20_000; i++) {
      write(i);
    }
    assertThat(bench.cluster.remembered()).isLessThan(4_200);
  }

  @Test
  void runningTransaction_readsItsVersion_afterItIsRemoved() {
    bench.put("k", "1");
    Transaction tr = bench.tr();
    Bench.get(tr, "other");
    for (int i = 0; i < 10_000; i++) {
      write(i);
    }
    bench.put("k", "2");
    assertThat(Bench.get(tr, "k")).isEqualTo("1");
  }

  @Test
  void closedWatches_areRemoved() {
    for (int i = 0; i < 1_000; i++) {
      Transaction tr = bench.tr();
      var watch = tr.watch(b("k" + i));
      Bench.commit(tr);
      tr.close();
      watch.cancel(true);
    }
    assertThat(bench.cluster.remembered()).isLessThan(10);
  }
}
