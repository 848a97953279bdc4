package io.divan.operations;

import io.divan.storage.TransactionListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The meters of the storage. They are registered in advance, so that a transaction only updates
 * them:
 *
 * <ul>
 *   <li>{@code divan.transactions}, a timer by kind and outcome: the sum of waiting, work and
 *       commit
 *   <li>{@code divan.transactions.waited} and {@code .committed}, timers by kind
 *   <li>{@code divan.transactions.attempts} and {@code .conflicts}, counters by kind
 *   <li>{@code divan.transactions.bytes}, written bytes of a write
 *   <li>{@code divan.transactions.group}, the number of writes that shared a commit
 * </ul>
 */
final class TransactionMeters implements TransactionListener {
  private static final String NAME = "divan.transactions";

  private record OfKind(
      Map<Outcome, Timer> total,
      Timer waited,
      Timer committed,
      Counter attempts,
      Counter conflicts) {}

  private final Map<Kind, OfKind> kinds = new EnumMap<>(Kind.class);
  private final DistributionSummary bytes;
  private final DistributionSummary group;

  TransactionMeters(MeterRegistry registry) {
    for (Kind kind : Kind.values()) {
      String tag = kind.name().toLowerCase(Locale.ROOT);
      Map<Outcome, Timer> total = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        total.put(
            outcome,
            Timer.builder(NAME)
                .tag("kind", tag)
                .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                .description("Duration of transactions, from the request to the end")
                .register(registry));
      }
      kinds.put(
          kind,
          new OfKind(
              total,
              registry.timer(NAME + ".waited", "kind", tag),
              registry.timer(NAME + ".committed", "kind", tag),
              registry.counter(NAME + ".attempts", "kind", tag),
              registry.counter(NAME + ".conflicts", "kind", tag)));
    }
    bytes = DistributionSummary.builder(NAME + ".bytes").baseUnit("bytes").register(registry);
    group = registry.summary(NAME + ".group");
  }

  @Override
  public void finished(Report report) {
    OfKind meters = Objects.requireNonNull(kinds.get(report.kind()));
    Duration total = report.waited().plus(report.worked()).plus(report.committed());
    Objects.requireNonNull(meters.total().get(report.outcome())).record(total);
    meters.waited().record(report.waited());
    meters.attempts().increment(report.attempts());
    if (report.conflicts() > 0) {
      meters.conflicts().increment(report.conflicts());
    }
    if (report.kind() == Kind.WRITE) {
      meters.committed().record(report.committed());
      bytes.record((double) report.bytes());
      group.record(report.groupSize());
    }
  }
}
