package io.divan.api.changes;

import io.divan.api.http.ApiException;
import io.divan.api.http.HttpProperties;
import io.divan.api.http.ServedRequest;
import io.divan.storage.Watch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Limits the number of feeds that wait for changes, and ends them when the service stops. Spring
 * stops this bean before the web server, which would otherwise wait for these requests.
 * Thread-safe.
 */
@Component
final class WaitingFeeds implements SmartLifecycle {

  private static final int FILTER_BYTES_PER_PERMIT = 4 * 1024;

  private final ApplicationContext context;
  private final int permitsMax;
  private final Semaphore permits;
  private final Counter refused;

  /** The watches that feeds wait on, with the time since when, by {@link System#nanoTime}. */
  private final Map<Watch, Long> waiting = new ConcurrentHashMap<>();
  private volatile boolean running;
  private volatile boolean stopping;
  private volatile int endings;

  WaitingFeeds(ApplicationContext context, HttpProperties limits, MeterRegistry registry) {
    this.context = context;
    this.permitsMax = limits.feeds();
    this.permits = new Semaphore(permitsMax);
    this.refused =
        Counter.builder("divan.feeds.refused")
            .description("Feeds that were refused because too many were open")
            .register(registry);
    Gauge.builder("divan.feeds.open", permits, free -> permitsMax - free.availablePermits())
        .description("Feeds of changes that may wait; one with a large filter counts as several")
        .register(registry);
    Gauge.builder("divan.feeds.limit", () -> permitsMax)
        .description("The most feeds that may be open")
        .register(registry);
    Gauge.builder("divan.feeds.longest.wait", this, WaitingFeeds::longestWait)
        .description("How long the feed waits that has waited longest for a change")
        .baseUnit("seconds")
        .register(registry);
  }

  private double longestWait() {
    long now = System.nanoTime();
    long longest = 0;
    for (long since : waiting.values()) {
      longest = Math.max(longest, now - since);
    }
    return longest / 1e9;
  }

  /** The right to wait for changes. */
  interface Permit {

    /** A permit for feeds that do not wait. */
    Permit NONE =
        new Permit() {
          @Override
          public boolean await(Watch watch, Duration timeout) {
            throw new IllegalStateException("This feed does not wait");
          }

          @Override
          public boolean isEnded() {
            return false;
          }

          @Override
          public void release() {}
        };

    /**
     * Waits on a watch. Returns false immediately if the feed must end. After the last call, {@link
     * #awaited} must follow.
     */
    boolean await(Watch watch, Duration timeout) throws InterruptedException;

    /** Whether the feed must end, because the service stops or will stop soon. */
    boolean isEnded();

    /** Returns the permit. Must be called exactly once. */
    void release();
  }

  private final class Acquired implements Permit {
    private final int count;
    private final int begun = endings;

    Acquired(int count) {
      this.count = count;
    }

    @Override
    public boolean await(Watch watch, Duration timeout) throws InterruptedException {
      waiting.putIfAbsent(watch, System.nanoTime());
      return !isEnded() && ServedRequest.waitForEvent(() -> watch.await(timeout));
    }

    @Override
    public boolean isEnded() {
      return stopping || endings != begun;
    }

    @Override
    public void release() {
      permits.release(count);
    }
  }

  /**
   * Acquires a permit. A large filter counts as several feeds, which bounds the total size of
   * the filters.
   *
   * @param filterBytes the size of the filter in the request
   * @throws ApiException if too many feeds are waiting
   */
  Permit acquire(int filterBytes) {
    int count = Math.min(permitsMax, 1 + filterBytes / FILTER_BYTES_PER_PERMIT);
    if (!permits.tryAcquire(count)) {
      refused.increment();
      throw new ApiException(
          503,
          "service_unavailable",
          "Too many feeds are waiting for changes.",
          Map.of("Retry-After", "10"));
    }
    return new Acquired(count);
  }

  /**
   * Ends the feeds that wait when the service begins to stop, so that their clients go elsewhere.
   * Feeds that begin later, while the service drains, wait until it stops: clients that are sent
   * here again do not reconnect in a loop.
   */
  @EventListener
  @Order(Ordered.HIGHEST_PRECEDENCE)
  void endWaiting(ContextClosedEvent event) {
    if (event.getApplicationContext() == context) {
      endings++;
      waiting.keySet().forEach(Watch::close);
    }
  }

  /** A feed no longer waits on a watch. */
  void awaited(Watch watch) {
    waiting.remove(watch);
  }

  @Override
  public void start() {
    stopping = false;
    running = true;
  }

  @Override
  public void stop() {
    stopping = true;
    waiting.keySet().forEach(Watch::close);
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return DEFAULT_PHASE; // the last phase to start, and the first to stop
  }
}
