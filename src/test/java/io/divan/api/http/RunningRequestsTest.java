package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

class RunningRequestsTest {
  private final RunningRequests requests = new RunningRequests();

  @Test
  @Timeout(60)
  void stop_waitsForARequestThatRuns() throws Exception {
    requests.start();
    requests.began();
    CountDownLatch stopping = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    Thread request =
        Thread.startVirtualThread(
            () -> {
              try {
                stopping.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              ended.set(true);
              requests.ended();
            });
    Thread stop = Thread.startVirtualThread(requests::stop);
    while (requests.isRunning()) {
      Thread.onSpinWait();
    }
    assertThat(stop.isAlive()).isTrue();
    stopping.countDown();
    stop.join();

    assertThat(ended).isTrue();
    request.join();
  }

  @Test
  @Timeout(60)
  void stop_requestThatNeverEnds_returns() {
    requests.start();
    requests.began();

    requests.stop();

    assertThat(requests.isRunning()).isFalse();
  }

  @Test
  void phase_isBetweenTheGracefulWaitAndTheStopOfTheServer() {
    assertThat(requests.getPhase())
        .isLessThan(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE)
        .isGreaterThan(WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE);
  }
}
