package io.divan.storage.fdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.Transaction;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How often the cluster's status is fetched, and what is reported meanwhile. */
class ClusterStatusTest {

  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();
  private int asked;
  private final Database database =
      Watched.transactions(new SimulatedFoundationDb().open(), this::answering);
  private final ClusterStatus status =
      new ClusterStatus(database, () -> NOW, nanos::get);
  private String answer = "{}";

  private Transaction answering(Transaction transaction) {
    return Watched.by(
        (method, arguments, real) -> {
          if (!method.getName().equals("get")) {
            return real;
          }
          asked++;
          return answer.isEmpty()
              ? CompletableFuture.failedFuture(new FDBException("timed out", 1031))
              : CompletableFuture.completedFuture(answer.getBytes(UTF_8));
        },
        Transaction.class,
        transaction);
  }

  private String known() {
    return status.get().map(report -> new String(report.json(), UTF_8)).orElse("nothing");
  }

  @Test
  void get_repeatedWithinFresh_fetchesOnce() {
    for (int i = 0; i < 10; i++) {
      assertThat(known()).isEqualTo("{}");
    }
    assertThat(asked).isEqualTo(1);
    nanos.addAndGet(ClusterStatus.FRESH.toNanos());
    answer = "{1}";
    known();
    assertThat(known()).isEqualTo("{1}");
    assertThat(asked).isEqualTo(2);
    assertThat(status.get().orElseThrow().asOf()).isEqualTo(NOW);
  }

  @Test
  void get_afterExpire_fetchesAgain() {
    assertThat(known()).isEqualTo("{}");
    status.expire();
    answer = "{2}";
    assertThat(known()).isEqualTo("{2}");
  }

  @Test
  void get_fetchFails_isEmptyUntilTheNextFetch() {
    answer = "";
    assertThat(known()).isEqualTo("nothing");
    answer = "{3}";
    assertThat(known()).as("not fetched again yet").isEqualTo("nothing");
    nanos.addAndGet(ClusterStatus.FRESH.toNanos());
    assertThat(known()).isEqualTo("{3}");
  }
}
