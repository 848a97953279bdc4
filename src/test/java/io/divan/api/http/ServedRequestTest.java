package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

/** How the time of a request is counted. */
class ServedRequestTest {
  private static final long WAIT_NANOS = 20_000_000;

  private final long begun = System.nanoTime();
  private final ServedRequest request = new ServedRequest("mine", Map.of());

  private static boolean waitSome() {
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < WAIT_NANOS) {
      Thread.onSpinWait();
    }
    return true;
  }

  /** Returns the duration since the request began. */
  private long serve(ScopedValue.CallableOp<Boolean, Exception> work) throws Exception {
    request.serve(new MockHttpServletRequest(), work);
    return System.nanoTime() - begun;
  }

  @Test
  void ownTime_withoutWaits_isTheDuration() throws Exception {
    long duration = serve(ServedRequestTest::waitSome);

    assertThat(request.ownNanos()).isBetween(WAIT_NANOS, duration);
  }

  @Test
  void ownTime_ofAFeed_isItsLongestStretch() throws Exception {
    long duration =
        serve(
            () -> {
              waitSome();
              ServedRequest.waitForEvent(ServedRequestTest::waitSome);
              return waitSome();
            });

    assertThat(request.ownNanos()).isBetween(WAIT_NANOS, duration - 2 * WAIT_NANOS);
  }

  @Test
  void ownTime_doesNotContainWaitsForTheClient() throws Exception {
    long duration =
        serve(
            () -> {
              ServedRequest.send(ServedRequestTest::waitSome);
              request.waitedForBody(0);
              waitSome();
              ServedRequest.send(ServedRequestTest::waitSome);
              return true;
            });

    assertThat(request.ownNanos()).isBetween(WAIT_NANOS, duration - 2 * WAIT_NANOS);
  }

  @Test
  void outsideOfARequest_waitsAreNotCounted() throws Exception {
    assertThat(ServedRequest.waitForEvent(() -> "x")).isEqualTo("x");
    ServedRequest.send(() -> {});
  }

  @Test
  void transactions_areSummedUp() throws Exception {
    serve(
        () -> {
          for (int i = 0; i < 2; i++) {
            Trace.Transaction transaction = Trace.nextTransaction().orElseThrow();
            transaction.trace().listener().finished(
                new TransactionListener.Report(
                    Trace.nextTransaction(),
                    TransactionListener.Kind.WRITE,
                    TransactionListener.Outcome.DONE,
                    3,
                    2,
                    10,
                    1,
                    Duration.ofNanos(1),
                    Duration.ofNanos(2),
                    Duration.ofNanos(3)));
          }
          return true;
        });

    assertThat(request.totals()).isEqualTo(new ServedRequest.Totals(2, 6, 4, 2, 4, 6));
    assertThat(Trace.nextTransaction()).isEmpty();
  }
}
