package io.divan.operations;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Tells a person about once a second how far a walk has come and how fast it goes, on one line that
 * is written over again; tells nothing where nobody looks. For one thread.
 */
final class Progress {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final String ERASE = "\r\u001b[K";

  private final String what;
  private final PrintStream err;
  private final boolean shown;
  private final LongSupplier nanos;
  private final long startNanos;
  private long toldNanos;
  private boolean onLine;

  /**
   * Begins now.
   *
   * @param what what is walked
   * @param err where to tell
   * @param shown whether to tell at all
   * @param nanos the time
   */
  Progress(String what, PrintStream err, boolean shown, LongSupplier nanos) {
    this.what = what;
    this.err = err;
    this.shown = shown;
    this.nanos = nanos;
    this.startNanos = nanos.getAsLong();
    this.toldNanos = startNanos;
  }

  /** The walk has come so far. */
  void at(long rows) {
    if (!shown) {
      return;
    }
    long now = nanos.getAsLong();
    if (now - toldNanos >= INTERVAL_NANOS) {
      toldNanos = now;
      onLine = true;
      double seconds = (now - startNanos) / 1e9;
      err.print(
          ERASE
              + String.format(
                  Locale.ROOT, "%s: %,d rows, %,.0f a second", what, rows, rows / seconds));
      err.flush();
    }
  }

  /** Removes what was told, so that something else can be written. */
  void end() {
    if (onLine) {
      onLine = false;
      err.print(ERASE);
      err.flush();
    }
  }
}
