package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;
import static io.divan.storage.fdb.simulation.Bench.code;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.Transaction;
import io.divan.storage.fdb.simulation.Faults.Fault;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When watches fire and fail, and what they conflict with. */
class WatchTest {

  private final Bench bench = new Bench();

  private CompletableFuture<Void> watch(String key) {
    Transaction tr = bench.tr();
    CompletableFuture<Void> watch = tr.watch(b(key));
    Bench.commit(tr);
    tr.close();
    return watch;
  }

  @Test
  void watch_valueChanges_byAnyWrite_fires() {
    bench.put("k", "1");
    CompletableFuture<Void> bySet = watch("k");
    bench.put("other", "v", "k", "1");
    assertThat(bySet).isNotDone();
    bench.put("k", "2");
    assertThat(bySet).isCompleted();

    CompletableFuture<Void> byAdd = watch("k");
    bench.db.run(
        tr -> {
          tr.mutate(MutationType.ADD, b("k"), b("\u0001"));
          return true;
        });
    assertThat(byAdd).isCompleted();

    final CompletableFuture<Void> byClear = watch("k");
    final CompletableFuture<Void> absent = watch("kk");
    bench.db.run(
        tr -> {
          tr.clear(b("a"), b("z"));
          return true;
        });
    assertThat(byClear).isCompleted();
    assertThat(absent).isNotDone();
    bench.put("kk", "");
    assertThat(absent).isCompleted();
  }

  @Test
  void watch_changedBetweenReadAndCommit_conflicts_orFiresAtOnce() {
    bench.put("k", "1");
    Transaction writer = bench.tr();
    CompletableFuture<Void> failed = writer.watch(b("k"));
    writer.set(b("x"), b("v"));
    bench.put("k", "2");
    assertThat(Bench.commitCode(writer)).as("a watch reads its key").isEqualTo(1020);
    assertThat(code(failed)).isEqualTo(1020);
    Transaction reader = bench.tr();
    CompletableFuture<Void> fired = reader.watch(b("k"));
    bench.put("k", "3");
    assertThat(Bench.commitCode(reader)).isZero();
    assertThat(fired).isCompleted();
  }

  @Test
  void watch_onOwnWrite_waitsForTheNextChange() {
    Transaction tr = bench.tr();
    tr.set(b("k"), b("1"));
    final CompletableFuture<Void> after = tr.watch(b("k"));
    Bench.commit(tr);
    assertThat(after).isNotDone();
    bench.put("k", "2");
    assertThat(after).isCompleted();

    Transaction changed = bench.tr();
    final CompletableFuture<Void> before = changed.watch(b("k"));
    changed.set(b("k"), b("2"));
    assertThat(before).as("the same value").isNotDone();
    changed.set(b("k"), b("3"));
    assertThat(before).isCompleted();
  }

  @Test
  void watch_ofAbandonedTransaction_is1025() {
    Transaction closed = bench.tr();
    final CompletableFuture<Void> first = closed.watch(b("k"));
    closed.close();
    assertThat(code(first)).isEqualTo(1025);
    Transaction retried = bench.tr();
    final CompletableFuture<Void> second = retried.watch(b("k"));
    retried.onError(new FDBException("test", 1020)).join();
    assertThat(code(second)).isEqualTo(1025);
  }

  @Test
  void watch_outlivesItsTransaction_notItsDatabase() {
    Database other = bench.cluster.open();
    Transaction tr = other.createTransaction();
    CompletableFuture<Void> watch = tr.watch(b("k"));
    Bench.commit(tr);
    tr.close();
    assertThat(watch).isNotDone();
    other.close();
    assertThat(code(watch)).isEqualTo(1101);
    assertThatThrownBy(other::createTransaction).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void watches_beyondTheLimit_are1032_untilOneIsClosed() {
    bench.db.options().setMaxWatches(2);
    CompletableFuture<Void> first = watch("a");
    watch("b");
    Transaction tr = bench.tr();
    assertThat(code(tr.watch(b("c")))).isEqualTo(1032);
    tr.close();
    assertThat(first.cancel(true)).isTrue();
    assertThat(watch("c")).isNotDone();
    int kept = bench.cluster.remembered();
    bench.put("b", "v", "c", "v");
    assertThat(bench.cluster.remembered()).isLessThanOrEqualTo(kept + 6);
  }

  @Test
  void watch_withoutReadYourWrites_is1034_ofForbiddenKey_is2004_ofLargeKey_is2102() {
    Transaction tr = bench.tr();
    tr.options().setReadYourWritesDisable();
    assertThat(code(tr.watch(b("k")))).isEqualTo(1034);
    assertThat(code(bench.tr().watch(b("\u00FF/x")))).isEqualTo(2004);
    assertThat(code(bench.tr().watch(new byte[10_001]))).isEqualTo(2102);
    assertThat(code(bench.tr().get(b("\u00FF/metadataVersion")))).isZero();
  }

  @Test
  void watch_survivesARestart() {
    bench.put("k", "1");
    CompletableFuture<Void> watch = watch("k");
    bench.cluster.restart();
    assertThat(watch).isNotDone();
    bench.put("k", "2");
    assertThat(watch).isCompleted();
  }

  @Test
  void faults_loseWatches_orFireThemSpuriously() {
    bench.cluster.faults().window(Fault.LOST_WATCH, 0, 1);
    CompletableFuture<Void> lost = watch("k");
    bench.put("k", "1");
    assertThat(lost).isNotDone();
    bench.cluster.faults().window(Fault.SPURIOUS_WATCH, 0, 1);
    assertThat(watch("k")).isCompleted();
    assertThat(watch("k")).isNotDone();
  }
}
