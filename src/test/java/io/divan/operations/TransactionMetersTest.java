package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.TransactionListener.Kind;
import io.divan.storage.TransactionListener.Outcome;
import io.divan.storage.TransactionListener.Report;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TransactionMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final TransactionMeters meters = new TransactionMeters(registry, "redb");

  private static Report report(
      Kind kind,
      Outcome outcome,
      int attempts,
      int conflicts,
      long bytes,
      int group,
      Duration waited,
      Duration worked,
      Duration committed) {
    return new Report(
        Optional.empty(), kind, outcome, attempts, conflicts, bytes, group, waited, worked,
        committed);
  }

  @Test
  void write_finished_measuresAllPhases() {
    meters.finished(
        report(Kind.WRITE, Outcome.DONE, 3, 2, 700, 5, millis(1), millis(20), millis(300)));

    var total =
        registry.get("divan.transactions").tags("kind", "write", "outcome", "done").timer();
    assertThat(total.count()).isEqualTo(1);
    assertThat(total.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(321);
    assertThat(timeOf("divan.transactions.waited", "write")).isEqualTo(1);
    assertThat(registry.get("divan.transactions.committed").timer().totalTime(
        TimeUnit.MILLISECONDS)).isEqualTo(300);
    assertThat(countOf("divan.transactions.attempts", "write")).isEqualTo(3);
    assertThat(countOf("divan.transactions.retries", "write")).isEqualTo(2);
    assertThat(countOf("divan.transactions.conflicts", "write")).isEqualTo(2);
    assertThat(registry.get("divan.transactions.bytes").summary().totalAmount()).isEqualTo(700);
    assertThat(registry.get("divan.transactions.group.size").summary().max()).isEqualTo(5);
  }

  @Test
  void read_finished_notCountedAsWrite() {
    meters.finished(
        report(Kind.READ, Outcome.DONE, 1, 0, 0, 1, millis(4), millis(5), Duration.ZERO));

    var total = registry.get("divan.transactions").tags("kind", "read", "outcome", "done").timer();
    assertThat(total.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(9);
    assertThat(countOf("divan.transactions.attempts", "read")).isEqualTo(1);
    assertThat(countOf("divan.transactions.attempts", "write")).isZero();
    assertThat(registry.get("divan.transactions.bytes").summary().count()).isZero();
    assertThat(registry.get("divan.transactions.group.size").summary().count()).isZero();
  }

  @Test
  void unknownResult_counted() {
    meters.finished(
        new Report(
            Optional.empty(), Kind.WRITE, Outcome.DONE, 2, 0, 1, 10, 1, millis(1), millis(1),
            millis(1)));

    assertThat(registry.get("divan.transactions.unknown.results").counter().count()).isEqualTo(1);
  }

  @Test
  void outcomes_countedSeparately() {
    for (Outcome outcome : Outcome.values()) {
      meters.finished(
          report(Kind.WRITE, outcome, 1, 0, 1, 1, millis(1), millis(1), millis(1)));
    }

    for (String outcome : new String[] {"done", "rolled_back", "failed"}) {
      assertThat(
          registry
              .get("divan.transactions")
              .tags("kind", "write", "outcome", outcome)
              .timer()
              .count())
          .as(outcome)
          .isEqualTo(1);
    }
  }

  @Test
  void meters_beforeTheFirstTransaction_registered() {
    assertThat(registry.find("divan.transactions").timers())
        .hasSize(Kind.values().length * Outcome.values().length);
    assertThat(registry.find("divan.transactions.conflicts").counters()).hasSize(2);
  }

  private double timeOf(String name, String kind) {
    return registry.get(name).tags("kind", kind).timer().totalTime(TimeUnit.MILLISECONDS);
  }

  private double countOf(String name, String kind) {
    return registry.get(name).tags("kind", kind).counter().count();
  }

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }
}
