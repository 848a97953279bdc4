package io.divan.api.http;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Counts the requests that run, and lets the last complete when the service stops. Spring Boot
 * waits for requests that a servlet serves already. One that Tomcat has just read is not among
 * them, and would lose its connection while its body is read. So after Spring Boot has closed the
 * connectors and waited, and before it stops them, this waits until no request has run for a
 * moment.
 */
@Component
final class RunningRequests implements SmartLifecycle {

  /** Between Spring Boot's wait and its stop of the web server. */
  static final int PHASE = WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE - 512;

  private static final Duration QUIET = Duration.ofMillis(100);
  private static final Duration WAIT_MAX = Duration.ofSeconds(2);
  private static final Duration STEP = Duration.ofMillis(10);

  private final LongAdder running = new LongAdder();
  private volatile boolean started;

  void began() {
    running.increment();
  }

  void ended() {
    running.decrement();
  }

  /** The requests that run now, feeds included. */
  long count() {
    return running.sum();
  }

  @Override
  public void start() {
    started = true;
  }

  @Override
  public void stop() {
    started = false;
    long begun = System.nanoTime();
    long quietSince = begun;
    try {
      while (System.nanoTime() - quietSince < QUIET.toNanos()
          && System.nanoTime() - begun < WAIT_MAX.toNanos()) {
        Thread.sleep(STEP);
        if (count() > 0) {
          quietSince = System.nanoTime();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return started;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
