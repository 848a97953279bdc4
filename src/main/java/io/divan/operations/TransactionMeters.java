package io.divan.operations;

import io.divan.storage.TransactionListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The meters of transactions, which docs/monitoring.md lists. They are registered in advance, so
 * that a transaction only updates them.
 */
final class TransactionMeters implements TransactionListener {
  private static final String NAME = "divan.transactions";

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(10),
  };

  private record OfKind(
      Map<Outcome, Timer> total,
      Timer waited,
      Counter attempts,
      Counter retries,
      Counter conflicts) {}

  private final Map<Kind, OfKind> kinds = new EnumMap<>(Kind.class);
  private final Timer committed;
  private final Counter unknownResults;
  private final DistributionSummary bytes;
  private final DistributionSummary group;

  /**
   * Registers the meters.
   *
   * @param backend the name of the storage backend
   */
  TransactionMeters(MeterRegistry registry, String backend) {
    Tags common = Tags.of("backend", backend);
    for (Kind kind : Kind.values()) {
      kinds.put(kind, register(registry, common.and("kind", name(kind))));
    }
    committed =
        Timer.builder(NAME + ".committed")
            .description("Duration of commits with their sync")
            .tags(common)
            .register(registry);
    unknownResults =
        Counter.builder(NAME + ".unknown.results")
            .description("Commits whose result was unknown at first")
            .tags(common)
            .register(registry);
    bytes =
        DistributionSummary.builder(NAME + ".bytes")
            .description("Bytes that transactions wrote")
            .baseUnit("bytes")
            .tags(common)
            .register(registry);
    group =
        DistributionSummary.builder(NAME + ".group.size")
            .description("Writes that shared a commit")
            .tags(common)
            .register(registry);
  }

  private static OfKind register(MeterRegistry registry, Tags tags) {
    Map<Outcome, Timer> total = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      total.put(
          outcome,
          Timer.builder(NAME)
              .description("Duration of transactions: waiting, work and commit")
              .tags(tags.and("outcome", name(outcome)))
              .serviceLevelObjectives(BUCKETS)
              .register(registry));
    }
    return new OfKind(
        total,
        Timer.builder(NAME + ".waited")
            .description("Duration of the wait before the work of transactions began")
            .tags(tags)
            .register(registry),
        counter(registry, tags, "attempts", "Attempts at transactions"),
        counter(registry, tags, "retries", "Attempts at transactions after the first"),
        counter(registry, tags, "conflicts", "Attempts at transactions that ended in a conflict"));
  }

  private static Counter counter(
      MeterRegistry registry, Tags tags, String name, String description) {
    return Counter.builder(NAME + "." + name)
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void finished(Report report) {
    OfKind meters = Objects.requireNonNull(kinds.get(report.kind()));
    Duration total = report.waited().plus(report.worked()).plus(report.committed());
    Objects.requireNonNull(meters.total().get(report.outcome())).record(total);
    meters.waited().record(report.waited());
    meters.attempts().increment(report.attempts());
    if (report.attempts() > 1) {
      meters.retries().increment(report.attempts() - 1);
    }
    if (report.conflicts() > 0) {
      meters.conflicts().increment(report.conflicts());
    }
    if (report.unknownResults() > 0) {
      unknownResults.increment(report.unknownResults());
    }
    if (report.kind() == Kind.WRITE) {
      committed.record(report.committed());
      bytes.record((double) report.bytes());
      group.record(report.groupSize());
    }
  }
}
