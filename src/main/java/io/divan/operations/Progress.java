package io.divan.operations;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Displays the number and rate of processed rows on a terminal, on one line that is rewritten about
 * once a second. For use by one thread.
 */
final class Progress {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final String ERASE = "\r\u001b[K";

  private final String what;
  private final PrintStream err;
  private final boolean shown;
  private final LongSupplier nanos;
  private final long startNanos;
  private long shownNanos;
  private boolean onLine;

  /**
   * Starts at zero rows.
   *
   * @param what the label of the line
   * @param err the terminal
   * @param shown whether to display progress at all
   * @param nanos the clock, in nanoseconds
   */
  Progress(String what, PrintStream err, boolean shown, LongSupplier nanos) {
    this.what = what;
    this.err = err;
    this.shown = shown;
    this.nanos = nanos;
    this.startNanos = nanos.getAsLong();
    this.shownNanos = startNanos;
  }

  /** Reports the total number of rows processed so far. */
  void at(long rows) {
    if (!shown) {
      return;
    }
    long now = nanos.getAsLong();
    if (now - shownNanos >= INTERVAL_NANOS) {
      shownNanos = now;
      onLine = true;
      double seconds = (now - startNanos) / 1e9;
      err.print(
          ERASE
              + String.format(
                  Locale.ROOT, "%s: %,d rows, %,.0f rows/s", what, rows, rows / seconds));
      err.flush();
    }
  }

  /** Erases the line, so that other output can follow. */
  void end() {
    if (onLine) {
      onLine = false;
      err.print(ERASE);
      err.flush();
    }
  }
}
