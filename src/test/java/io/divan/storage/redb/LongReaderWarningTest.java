package io.divan.storage.redb;

import static io.divan.storage.Capabilities.openSnapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.redb.ReaderStats;
import io.divan.redb.Redb;
import io.divan.redb.SharedPageCache;
import io.divan.storage.Snapshot;
import io.divan.storage.TransactionListener;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is told of readers that do not end. */
@Timeout(60)
class LongReaderWarningTest {
  private static final String EXPECTED =
      "A reader of the database places has been open for 75 s and keeps 200,000,000 bytes of %s"
          + " from being reused, so the file grows with each write: close the snapshot or end the"
          + " requests that read the database (readers now: 3); a restart of Divan ends them all";

  @TempDir Path directory;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final List<String> warnings = new ArrayList<>();
  private final LongReaderWarning readers =
      new LongReaderWarning("places", Path.of("places.redb"), nanos::get, warnings::add);

  private static ReaderStats readers(long seconds, long bytes) {
    return new ReaderStats(3, 7, Duration.ofSeconds(seconds), bytes / 4_096, bytes);
  }

  private void pass(long seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  @Test
  void look_longReaderOfMuch_warnsInOneSentence() {
    readers.look(readers(75, 200_000_000));
    assertThat(warnings).containsExactly(EXPECTED.formatted("places.redb"));
  }

  @Test
  void look_youngOrCheap_isQuiet() {
    readers.look(readers(60, 200_000_000));
    readers.look(readers(100_000, 64_000_000));
    readers.look(new ReaderStats(0, 7, Duration.ZERO, 0, 0));
    assertThat(warnings).isEmpty();
  }

  @Test
  void look_againAndAgain_warnsOnceAMinute() {
    for (int second = 0; second < 150; second++) {
      readers.look(readers(75 + second, 200_000_000));
      pass(1);
    }
    assertThat(warnings)
        .extracting(warning -> warning.replaceAll(".* (\\d+) s.*", "$1"))
        .containsExactly("75", "135", "195");
  }

  /** Opens files; that of the database {@code places} has readers that cost too much. */
  private static Redb open(Path file, SharedPageCache cache) {
    Redb redb = Redb.open(file, new Redb.Options(false, cache));
    if (!file.getFileName().toString().startsWith("places~")) {
      return redb;
    }
    return (Redb) Proxy.newProxyInstance(
        LongReaderWarningTest.class.getClassLoader(),
        new Class<?>[] {Redb.class},
        (proxy, method, arguments) -> method.getName().equals("readers")
            ? readers(75, 200_000_000)
            : method.invoke(redb, arguments));
  }

  @Test
  void adapter_longReader_warnsInTheLog() throws Exception {
    LinkedBlockingQueue<LogRecord> records = new LinkedBlockingQueue<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            records.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(LongReaderWarning.class.getName());
    logger.addHandler(handler);
    RedbAdapter.Options options =
        new RedbAdapter.Options(
            directory, 1_000_000, 2, 200, Duration.ofMillis(20), InstantSource.system());
    try (RedbAdapter adapter =
        new RedbAdapter(options, TransactionListener.NONE, LongReaderWarningTest::open)) {
      Snapshot keptOpen = openSnapshot(adapter.create("places", t -> {}));
      LogRecord record = records.poll(30, TimeUnit.SECONDS);
      assertThat(record).isNotNull();
      assertThat(record.getLevel()).isEqualTo(Level.WARNING);
      assertThat(record.getMessage())
          .matches(EXPECTED.replaceAll("[()]", ".").formatted(".*places~[0-9a-f]{8}\\.redb"));
      keptOpen.close();
    } finally {
      logger.removeHandler(handler);
    }
  }
}
