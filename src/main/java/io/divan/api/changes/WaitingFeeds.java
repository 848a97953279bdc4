package io.divan.api.changes;

import io.divan.api.http.ApiException;
import io.divan.api.http.HttpProperties;
import io.divan.storage.Watch;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
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
  private final Set<Watch> waiting = ConcurrentHashMap.newKeySet();
  private volatile boolean running;
  private volatile boolean stopping;
  private volatile int endings;

  WaitingFeeds(ApplicationContext context, HttpProperties limits) {
    this.context = context;
    this.permitsMax = limits.feeds();
    this.permits = new Semaphore(permitsMax);
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

    /** Waits on a watch. Returns false immediately if the feed must end. */
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
      waiting.add(watch);
      try {
        return !isEnded() && watch.await(timeout);
      } finally {
        waiting.remove(watch);
      }
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
      waiting.forEach(Watch::close);
    }
  }

  @Override
  public void start() {
    stopping = false;
    running = true;
  }

  @Override
  public void stop() {
    stopping = true;
    waiting.forEach(Watch::close);
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
