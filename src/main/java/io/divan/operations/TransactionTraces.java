package io.divan.operations;

import io.divan.storage.TransactionListener;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the transactions of traced requests, then passes every report to the next listener. */
record TransactionTraces(TransactionListener next) implements TransactionListener {
  private static final Logger LOG = LoggerFactory.getLogger(TransactionTraces.class);

  @Override
  public void finished(Report report) {
    report.trace().ifPresent(trace -> log(trace, report));
    next.finished(report);
  }

  private static void log(String trace, Report report) {
    LOG.info(
        "Transaction {}: {} {}, attempts {}, conflicts {}, bytes {}, group {}, waited {} ms,"
            + " worked {} ms, committed {} ms",
        trace,
        report.kind().name().toLowerCase(Locale.ROOT),
        report.outcome().name().toLowerCase(Locale.ROOT),
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
