package io.divan.storage.fdb;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.Transaction;
import io.divan.storage.StatusReport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's own status: the JSON under the special key {@code \xff\xff/status/json}, as {@code
 * fdbcli}'s {@code status json} prints it. Producing it takes work on the whole cluster, so it is
 * fetched on demand and at most once in {@link #FRESH}. While the cluster is unavailable, the
 * client still returns what it knows of the coordinators. Thread-safe.
 *
 * @see <a href="https://apple.github.io/foundationdb/mr-status.html">machine-readable status</a>
 */
final class ClusterStatus {
  static final Duration FRESH = Duration.ofSeconds(15);

  private static final byte[] KEY =
      "\u00FF\u00FF/status/json".getBytes(StandardCharsets.ISO_8859_1);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration WAIT_MAX = Duration.ofSeconds(1);
  private final Database database;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private Optional<StatusReport> latest = Optional.empty();
  private @Nullable CompletableFuture<?> asking;
  private long askedNanos;
  private boolean asked;

  ClusterStatus(Database database, InstantSource clock, LongSupplier nanoTime) {
    this.database = database;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** The latest status; empty if the client returns none within {@link #WAIT_MAX}. */
  Optional<StatusReport> get() {
    CompletableFuture<?> awaited = ask();
    if (awaited != null) {
      try {
        awaited.get(WAIT_MAX.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (TimeoutException | ExecutionException e) {
        // The next caller tries again.
      }
    }
    synchronized (this) {
      return latest;
    }
  }

  /** Discards the latest status, because a failed health check has contradicted it. */
  synchronized void expire() {
    latest = Optional.empty();
    asked = false;
  }

  /** Starts a fetch if one is due. Returns the fetch to wait for if no status is known yet. */
  private synchronized @Nullable CompletableFuture<?> ask() {
    boolean due = !asked || nanoTime.getAsLong() - askedNanos >= FRESH.toNanos();
    if (due && (asking == null || asking.isDone())) {
      asked = true;
      askedNanos = nanoTime.getAsLong();
      Transaction transaction = database.createTransaction();
      transaction.options().setTimeout(TIMEOUT.toMillis());
      asking =
          transaction
              .get(KEY)
              .thenAccept(this::learn)
              .whenComplete((nothing, e) -> transaction.close());
    }
    return latest.isEmpty() ? asking : null;
  }

  private synchronized void learn(byte[] json) {
    latest = Optional.of(new StatusReport(clock.instant(), json));
  }
}
