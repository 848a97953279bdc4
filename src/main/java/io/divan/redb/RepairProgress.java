package io.divan.redb;

import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Logs the progress of the verification of a file: at intervals, and at the end of a long one. */
final class RepairProgress {
  private static final System.Logger LOG = System.getLogger(RepairProgress.class.getName());
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** The clock is read once for this many pages. */
  private static final int PAGES_PER_LOOK = 256;

  private static final double MEGABYTE = 1e6;

  private final String name;
  private final long fileBytes;
  private final LongSupplier nanos;
  private final Consumer<String> log;
  private final long beganNanos;
  private long loggedNanos;
  private long bytes;
  private int pages;

  RepairProgress(String name, long fileBytes, LongSupplier nanos) {
    this(name, fileBytes, nanos, text -> LOG.log(Level.INFO, text));
  }

  RepairProgress(String name, long fileBytes, LongSupplier nanos, Consumer<String> log) {
    this.log = log;
    this.name = name;
    this.fileBytes = fileBytes;
    this.nanos = nanos;
    beganNanos = nanos.getAsLong();
    loggedNanos = beganNanos;
  }

  /** Counts a page that was read and verified. */
  void verified(long page) {
    bytes += PageNumber.bytes(page);
    pages++;
    if (pages % PAGES_PER_LOOK == 0 && nanos.getAsLong() - loggedNanos >= INTERVAL_NANOS) {
      log("Repairing");
    }
  }

  /** Logs the result if progress was logged before. */
  void end() {
    if (loggedNanos != beganNanos) {
      log("Repaired");
    }
  }

  private void log(String doing) {
    loggedNanos = nanos.getAsLong();
    double seconds = (loggedNanos - beganNanos) / 1e9;
    log.accept(
        String.format(
            Locale.ROOT,
            "%s %s, which was not closed: verified %.0f MB of a file of %.0f MB in %.0f s,"
                + " %.1f MB/s",
            doing,
            name,
            bytes / MEGABYTE,
            fileBytes / MEGABYTE,
            seconds,
            bytes / MEGABYTE / Math.max(seconds, 1e-3)));
  }
}
