package io.divan.operations;

import io.divan.logging.LogContext;
import io.divan.logging.LogLine;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Passes the report of each transaction to the next listener and to the request that it belongs to.
 * Logs slow transactions to {@code divan.slow}, and those of detailed traces to its own logger. The
 * lines carry the id of the request, also on the threads of an adapter.
 */
final class TransactionTraces implements TransactionListener {
  private static final Logger LOG = LoggerFactory.getLogger(TransactionTraces.class);
  private static final Logger SLOW = LoggerFactory.getLogger("divan.slow");

  private final TransactionListener next;
  private volatile Supplier<Duration> slowAfter = () -> Duration.ZERO;

  TransactionTraces(TransactionListener next) {
    this.next = next;
  }

  /** Sets the least duration of a slow transaction; zero if none is slow. */
  void slowAfter(Supplier<Duration> least) {
    slowAfter = least;
  }

  @Override
  public void finished(Report report) {
    next.finished(report);
    Optional<Trace.Transaction> origin = report.trace();
    if (origin.isPresent()) {
      origin.get().trace().listener().finished(report);
      Optional<String> identifier = origin.get().identifier();
      if (identifier.isPresent()) {
        inRequest(report, () -> log(identifier.get(), report));
      }
    }
    long least = slowAfter.get().toNanos();
    if (least > 0 && total(report).toNanos() >= least) {
      inRequest(report, () -> logSlow(report));
    }
  }

  private static Duration total(Report report) {
    return report.waited().plus(report.worked()).plus(report.committed());
  }

  private static void inRequest(Report report, Runnable logging) {
    report
        .trace()
        .ifPresentOrElse(
            origin -> LogContext.run(origin.trace().request(), logging), logging);
  }

  private static void logSlow(Report report) {
    LogLine line =
        LogLine.at(SLOW, Level.WARN)
            .text("Slow transaction:")
            .add("kind", name(report.kind()))
            .add("outcome", name(report.outcome()));
    report.trace().ifPresent(origin -> line.add("transaction", "number", origin.number()));
    line.millis("millis", total(report))
        .add("attempts", report.attempts())
        .add("conflicts", report.conflicts())
        .add("bytes", report.bytes())
        .add("group", "group_size", report.groupSize())
        .millis("waited_millis", report.waited())
        .millis("worked_millis", report.worked())
        .millis("committed_millis", report.committed())
        .log();
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static void log(String identifier, Report report) {
    LOG.info(
        "Transaction {}: {} {}, attempts {}, conflicts {}, bytes {}, group {}, waited {} ms,"
            + " worked {} ms, committed {} ms",
        identifier,
        name(report.kind()),
        name(report.outcome()),
        report.attempts(),
        report.conflicts(),
        report.bytes(),
        report.groupSize(),
        millis(report.waited()),
        millis(report.worked()),
        millis(report.committed()));
  }

  private static String millis(Duration duration) {
    return String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e6);
  }
}
