package io.divan.storage.redb;

import io.divan.redb.ReaderStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Warns if a long reader makes the file of a database grow: a reader open for more than a minute
 * that keeps more than 64 MB from being reused. Warns at most once a minute. For one thread.
 */
final class LongReaderWarning {
  private static final Duration AGE_MAX = Duration.ofMinutes(1);
  private static final long WAITING_BYTES_MAX = 64_000_000;
  private static final Duration SILENCE = Duration.ofMinutes(1);

  private final String database;
  private final Path file;
  private final LongSupplier nanos;
  private final Consumer<String> warning;
  private boolean warned;
  private long warnedNanos;

  /** Warns in the log. */
  LongReaderWarning(String database, Path file) {
    this(
        database,
        file,
        System::nanoTime,
        text -> System.getLogger(LongReaderWarning.class.getName())
            .log(System.Logger.Level.WARNING, text));
  }

  /**
   * Warns elsewhere, for tests.
   *
   * @param nanos the clock
   */
  LongReaderWarning(String database, Path file, LongSupplier nanos, Consumer<String> warning) {
    this.database = database;
    this.file = file;
    this.nanos = nanos;
    this.warning = warning;
  }

  /** Warns if these readers keep too much. */
  void look(ReaderStats readers) {
    if (readers.age().compareTo(AGE_MAX) <= 0
        || readers.waitingBytes() <= WAITING_BYTES_MAX) {
      return;
    }
    long now = nanos.getAsLong();
    if (!warned || now - warnedNanos >= SILENCE.toNanos()) {
      warned = true;
      warnedNanos = now;
      warning.accept(text(readers));
    }
  }

  private String text(ReaderStats readers) {
    return String.format(
        Locale.ROOT,
        "A reader of the database %s has been open for %d s and keeps %,d bytes of %s from being"
            + " reused, so the file grows with each write: close the snapshot or end the requests"
            + " that read the database (readers now: %d); a restart of Divan ends them all",
        database,
        readers.age().toSeconds(),
        readers.waitingBytes(),
        file,
        readers.open());
  }
}
