package io.divan.api.tracing;

import io.divan.storage.TransactionListener;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes a span of each transaction of one request, from its report. A request that reads a whole
 * database or waits for changes runs any number of transactions, so only the first {@value
 * #SPANS_MAX} have spans.
 */
final class TransactionSpans implements TransactionListener {
  static final int SPANS_MAX = 128;

  private final Tracer tracer;
  private final TraceContext parent;
  private final AtomicInteger spans = new AtomicInteger();

  TransactionSpans(Tracer tracer, TraceContext parent) {
    this.tracer = tracer;
    this.parent = parent;
  }

  @Override
  public void finished(Report report) {
    if (!Boolean.TRUE.equals(parent.sampled()) || spans.incrementAndGet() > SPANS_MAX) {
      return;
    }
    Instant ended = Instant.now();
    Duration duration = report.waited().plus(report.worked()).plus(report.committed());
    Span span =
        tracer
            .spanBuilder()
            .setParent(parent)
            .name("transaction " + name(report.kind()))
            .startTimestamp(micros(ended.minus(duration)), TimeUnit.MICROSECONDS)
            .tag("divan.transaction.outcome", name(report.outcome()))
            .tag("divan.transaction.attempts", report.attempts())
            .tag("divan.transaction.conflicts", report.conflicts())
            .tag("divan.transaction.bytes", report.bytes())
            .tag("divan.transaction.group", report.groupSize())
            .tag("divan.transaction.waited", micros(report.waited()))
            .tag("divan.transaction.worked", micros(report.worked()))
            .tag("divan.transaction.committed", micros(report.committed()))
            .start();
    span.end(micros(ended), TimeUnit.MICROSECONDS);
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }

  private static long micros(Instant instant) {
    return TimeUnit.SECONDS.toMicros(instant.getEpochSecond()) + instant.getNano() / 1_000;
  }
}
