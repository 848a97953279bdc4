package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;
import static io.divan.storage.fdb.simulation.Bench.code;
import static io.divan.storage.fdb.simulation.Bench.commitCode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.tuple.Tuple;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Limits, versions, states and options of transactions, and their error codes. */
class ErrorTest {

  private final Bench bench = new Bench();

  private static FDBException error(int code) {
    return new FDBException("test", code);
  }

  // Sizes

  @Test
  void keysAndValues_upToTheirLimits_areAccepted() {
    Transaction tr = bench.tr();
    tr.set(new byte[10_000], new byte[100_000]);
    assertThat(commitCode(tr)).isZero();
    assertThat(bench.tr().get(new byte[10_000]).join()).hasSize(100_000);
  }

  @Test
  void tooLargeKey_is2102_tooLargeValue_is2103_atTheNextResult() {
    Transaction key = bench.tr();
    key.set(new byte[10_001], b("v"));
    key.set(b("k"), b("v"));
    assertThat(code(key.get(b("k")))).isEqualTo(2102);
    assertThat(commitCode(key)).isEqualTo(2102);
    Transaction value = bench.tr();
    value.set(b("k"), new byte[100_001]);
    assertThat(commitCode(value)).isEqualTo(2103);
    assertThat(bench.get("k")).isNull();
  }

  @Test
  void get_ofTooLargeKey_isAbsent() {
    assertThat(bench.tr().get(new byte[10_009]).join()).isNull();
  }

  @Test
  void transactionBeyondTenMillionBytes_is2101() {
    Transaction tr = bench.tr();
    for (int i = 0; i < 101; i++) {
      tr.set(b(String.format("k%03d", i)), new byte[100_000]);
    }
    assertThat(tr.getApproximateSize().join()).isGreaterThan(10_000_000);
    assertThat(commitCode(tr)).isEqualTo(2101);
    assertThat(bench.cluster.keys()).isZero();
  }

  @Test
  void sizeLimit_lowersTheLimit_andIsCheckedItself() {
    Transaction tr = bench.tr();
    tr.options().setSizeLimit(1_000);
    tr.set(b("k"), new byte[1_000]);
    assertThat(commitCode(tr)).isEqualTo(2101);
    Transaction wrong = bench.tr();
    wrong.options().setSizeLimit(31);
    assertThat(commitCode(wrong)).isEqualTo(2006);
  }

  @Test
  void approximateSize_countsWritesAndConflicts() {
    Transaction tr = bench.tr();
    assertThat(tr.getApproximateSize().join()).isZero();
    tr.set(b("key"), b("value"));
    assertThat(tr.getApproximateSize().join()).isEqualTo(44 + 3 + 5 + 24 + 2 * 3 + 1);
    tr.get(b("other")).join();
    assertThat(tr.getApproximateSize().join()).isEqualTo(83 + 2 * 5 + 1 + 24);
  }

  // Versions

  @Test
  void readAfterFiveSeconds_is1007_andSoIsTheCommit() {
    bench.put("k", "1");
    Transaction tr = bench.tr();
    tr.get(b("k")).join();
    bench.timing.advanceSeconds(4.9);
    assertThat(code(tr.get(b("k")))).isZero();
    bench.timing.advanceSeconds(0.2);
    assertThat(code(tr.get(b("k")))).isEqualTo(1007);
    tr = bench.tr();
    tr.get(b("k")).join();
    tr.set(b("k"), b("2"));
    bench.timing.advanceSeconds(5.1);
    assertThat(commitCode(tr)).isEqualTo(1007);
    assertThat(bench.get("k")).isEqualTo("1");
  }

  @Test
  void ownWrites_needNoSnapshot() {
    Transaction tr = bench.tr();
    tr.getReadVersion().join();
    tr.set(b("k"), b("v"));
    bench.timing.advanceSeconds(6);
    assertThat(code(tr.get(b("k")))).isZero();
    assertThat(code(tr.get(b("l")))).isEqualTo(1007);
  }

  @Test
  void readOnlyCommit_afterFiveSeconds_succeeds() {
    Transaction tr = bench.tr();
    tr.get(b("k")).join();
    bench.timing.advanceSeconds(6);
    assertThat(commitCode(tr)).isZero();
  }

  @Test
  void setReadVersion_readsThePast_orIs1007_or1009() {
    bench.put("k", "1");
    long old = bench.tr().getReadVersion().join();
    bench.put("k", "2");
    Transaction tr = bench.tr();
    tr.setReadVersion(old);
    assertThat(Bench.get(tr, "k")).isEqualTo("1");
    assertThat(tr.getReadVersion().join()).isEqualTo(old);
    Transaction future = bench.tr();
    future.setReadVersion(old + 1_000_000_000);
    assertThat(code(future.get(b("k")))).isEqualTo(1009);
    bench.timing.advanceSeconds(6);
    Transaction late = bench.tr();
    late.setReadVersion(old);
    assertThat(code(late.get(b("k")))).isEqualTo(1007);
  }

  @Test
  void setReadVersion_twice_is2010_andNotPositive_is2011() {
    Transaction tr = bench.tr();
    tr.getReadVersion().join();
    tr.setReadVersion(1);
    assertThat(code(tr.getReadVersion())).isEqualTo(2010);
    Transaction wrong = bench.tr();
    wrong.setReadVersion(0);
    assertThat(code(wrong.getReadVersion())).isEqualTo(2011);
  }

  @Test
  void readVersions_followTheClock_andEveryCommit() {
    long first = bench.tr().getReadVersion().join();
    bench.timing.advanceSeconds(1);
    long second = bench.tr().getReadVersion().join();
    assertThat(second - first).isBetween(1_000_000L, 1_000_100L);
    Transaction tr = bench.tr();
    tr.set(b("k"), b("v"));
    Bench.commit(tr);
    assertThat(tr.getCommittedVersion()).isGreaterThanOrEqualTo(second);
    assertThat(bench.tr().getReadVersion().join())
        .isGreaterThanOrEqualTo(tr.getCommittedVersion());
  }

  // States

  @Test
  void afterCommit_everythingIs2017() {
    Transaction tr = bench.tr();
    tr.set(b("k"), b("v"));
    Bench.commit(tr);
    assertThat(code(tr.get(b("k")))).isEqualTo(2017);
    assertThat(code(tr.getRange(b("a"), b("b")).asList())).isEqualTo(2017);
    assertThat(code(tr.watch(b("k")))).isEqualTo(2017);
    assertThat(commitCode(tr)).isEqualTo(2017);
    tr.set(b("l"), b("v"));
    assertThat(code(tr.getReadVersion())).isEqualTo(2017);
    assertThat(bench.get("l")).isNull();
  }

  @Test
  void cancelled_staysCancelled() {
    Transaction tr = bench.tr();
    tr.cancel();
    assertThat(code(tr.get(b("k")))).isEqualTo(1025);
    assertThat(commitCode(tr)).isEqualTo(1025);
    assertThat(code(tr.onError(error(1020)))).isEqualTo(1025);
  }

  @Test
  void closed_orTransferred_isIllegal() {
    Transaction closed = bench.tr();
    closed.close();
    closed.close();
    assertThatThrownBy(() -> closed.get(b("k"))).isInstanceOf(IllegalStateException.class);
    Transaction tr = bench.tr();
    Transaction next = tr.onError(error(1020)).join();
    assertThatThrownBy(() -> tr.set(b("k"), b("v"))).isInstanceOf(IllegalStateException.class);
    tr.close();
    next.set(b("k"), b("v"));
    assertThat(commitCode(next)).isZero();
  }

  @Test
  void failedRead_failsTheCommit_butOutsideOfTheLegalRangeDoesNot() {
    Transaction tr = bench.tr();
    tr.getReadVersion().join();
    bench.timing.advanceSeconds(6);
    assertThat(code(tr.get(b("k")))).isEqualTo(1007);
    assertThat(commitCode(tr)).isEqualTo(1007);
    Transaction legal = bench.tr();
    assertThat(code(legal.get(b("\u00FF")))).isEqualTo(2004);
    assertThat(commitCode(legal)).isZero();
  }

  @Test
  void invertedClear_is2005_andNullArguments_areRefusedAtOnce() {
    Transaction tr = bench.tr();
    tr.clear(b("b"), b("a"));
    assertThat(commitCode(tr)).isEqualTo(2005);
    assertThatThrownBy(() -> bench.tr().clear(b("b"), null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void specialKeys_areAbsent_exceptTheStatus() {
    assertThat(code(bench.tr().get(b("\u00FF\u00FF/x")))).isEqualTo(2113);
    assertThat(bench.get("\u00FF\u00FF/status/json")).contains("\"database_available\":true");
  }

  @Test
  void unsupported_throws() {
    assertThatThrownBy(() -> bench.db.openTenant(Tuple.from("t")))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("Tenants are not simulated.");
    assertThatThrownBy(() -> bench.tr().getBlobGranuleRanges(b("a"), b("b"), 1))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  // Retries

  @Test
  void onError_retriesRetryableErrors() {
    List<Integer> retried = List.of(1007, 1009, 1020, 1021, 1037, 1038, 1039, 1042, 1051, 1213);
    for (int code : retried) {
      assertThat(code(bench.tr().onError(error(code)))).as("%s", code).isZero();
    }
    for (int code : List.of(1025, 1031, 1036, 1101, 2000, 2004, 2017, 2101, 2102, 2103)) {
      assertThat(code(bench.tr().onError(error(code)))).as("%s", code).isEqualTo(code);
    }
    assertThat(code(bench.tr().onError(error(0)))).isEqualTo(2000);
  }

  @Test
  void onError_unwrapsFutures_andRethrowsOtherErrors() {
    assertThat(code(bench.tr().onError(new CompletionException(error(1020))))).isZero();
    IllegalStateException other = new IllegalStateException("mine");
    Transaction tr = bench.tr();
    CompletableFuture<Transaction> failed = tr.onError(other);
    assertThatThrownBy(failed::join).hasCause(other);
    assertThat(code(tr.get(b("k")))).as("the transaction is still usable").isZero();
  }

  @Test
  void onError_resetsWritesReadsAndOptions() {
    Transaction tr = bench.tr();
    tr.options().setReadSystemKeys();
    tr.set(b("k"), b("v"));
    tr.set(b("l"), new byte[100_001]);
    tr = tr.onError(error(1020)).join();
    assertThat(Bench.get(tr, "k")).isNull();
    assertThat(code(tr.get(b("\u00FF/x")))).isEqualTo(2004);
    assertThat(commitCode(tr)).isZero();
  }

  @Test
  void onError_waitsLonger_upToAMaximum() {
    Transaction tr = bench.tr();
    tr.options().setMaxRetryDelay(40);
    long longest = 0;
    for (int i = 0; i < 50; i++) {
      long before = bench.timing.nanos();
      tr = tr.onError(error(1020)).join();
      longest = Math.max(longest, bench.timing.nanos() - before);
    }
    assertThat(longest).isBetween(20_000_000L, 41_000_000L);
  }

  @Test
  void retryLimit_endsTheTransaction_acrossAttempts() {
    Transaction tr = bench.tr();
    tr.options().setRetryLimit(2);
    tr = tr.onError(error(1020)).join();
    tr = tr.onError(error(1021)).join();
    assertThat(code(tr.onError(error(1020)))).isEqualTo(1020);
    bench.db.options().setTransactionRetryLimit(0);
    assertThat(code(bench.tr().onError(error(1020)))).isEqualTo(1020);
  }

  @Test
  void timeout_is1031_countedFromCreation_acrossAttempts() {
    Transaction tr = bench.tr();
    tr.options().setTimeout(1_000);
    bench.timing.advanceSeconds(0.7);
    assertThat(code(tr.get(b("k")))).isZero();
    tr = tr.onError(error(1007)).join();
    bench.timing.advanceSeconds(0.4);
    assertThat(code(tr.get(b("k")))).isEqualTo(1031);
    assertThat(commitCode(tr)).isEqualTo(1031);
    assertThat(code(tr.onError(error(1031)))).isEqualTo(1031);
    bench.db.options().setTransactionTimeout(100);
    Transaction byDefault = bench.tr();
    bench.timing.advanceSeconds(0.2);
    assertThat(commitCode(byDefault)).isEqualTo(1031);
  }

  @Test
  void run_retriesUntilItCommits() {
    bench.put("k", "0");
    AtomicInteger attempts = new AtomicInteger();
    String seen =
        bench.db.run(
            tr -> {
              String value = Bench.get(tr, "k");
              if (attempts.incrementAndGet() <= 2) {
                bench.put("k", "" + attempts);
              }
              tr.set(b("l"), b("v"));
              return value;
            });
    assertThat(seen).isEqualTo("2");
    assertThat(attempts).hasValue(3);
    attempts.set(0);
    CompletableFuture<String> later =
        bench.db.runAsync(
            tr -> tr.get(b("k")).thenApply(
                value -> {
                  if (attempts.incrementAndGet() <= 2) {
                    bench.put("k", "x" + attempts);
                  }
                  tr.set(b("l"), b("v"));
                  return Bench.s(value);
                }));
    assertThat(later.join()).isEqualTo("x2");
  }

  @Test
  void run_throwingSomethingElse_endsIt() {
    assertThatThrownBy(
        () -> bench.db.run(
            tr -> {
              tr.set(b("k"), b("v"));
              throw new IllegalStateException("mine");
            }))
        .hasRootCauseMessage("mine");
    assertThat(bench.get("k")).isNull();
  }

  @Test
  void unknownOptions_areAccepted() {
    Transaction tr = bench.tr();
    tr.options().setPriorityBatch();
    tr.options().setDebugTransactionIdentifier("id");
    tr.options().setLockAware();
    tr.options().setUseGrvCache();
    bench.db.options().setLocationCacheSize(10);
    tr.set(b("k"), b("v"));
    assertThat(commitCode(tr)).isZero();
    Transaction readOnly = bench.tr();
    readOnly.options().setReadLockAware();
    readOnly.set(b("k"), b("w"));
    assertThat(commitCode(readOnly)).isEqualTo(2023);
  }
}
