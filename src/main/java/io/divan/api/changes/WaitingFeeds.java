package io.divan.api.changes;

import io.divan.api.http.ApiException;
import io.divan.api.http.HttpProperties;
import io.divan.storage.Watch;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The feeds that wait for changes: how many there may be, and how they end when the service stops.
 * Stopped before the web server is, so that it finds no request that would keep it waiting. Safe
 * for use by many threads.
 */
@Component
final class WaitingFeeds implements SmartLifecycle {
  private static final int FILTER_BYTES_PER_PLACE = 4 * 1024;

  private final int all;
  private final Semaphore places;
  private final Set<Watch> waiting = ConcurrentHashMap.newKeySet();
  private volatile boolean running;
  private volatile boolean stopping;

  WaitingFeeds(HttpProperties limits) {
    this.all = limits.feeds();
    this.places = new Semaphore(all);
  }

  /** What a feed takes while it may wait. */
  @FunctionalInterface
  interface Place {

    /** Gives it back; once only. */
    void leave();
  }

  /**
   * Takes a place among the feeds that may wait; a feed with a large filter takes several, so that
   * all filters together are bounded as well.
   *
   * @param filterBytes how long the filter was in the request
   * @throws ApiException when there are too many
   */
  Place enter(int filterBytes) {
    int taken = Math.min(all, 1 + filterBytes / FILTER_BYTES_PER_PLACE);
    if (!places.tryAcquire(taken)) {
      throw new ApiException(
          503,
          "service_unavailable",
          "Too many feeds are waiting for changes.",
          Map.of("Retry-After", "10"));
    }
    return () -> places.release(taken);
  }

  /** Waits on a watch; returns at once when the service stops. */
  boolean await(Watch watch, Duration atMost) throws InterruptedException {
    waiting.add(watch);
    try {
      return !stopping && watch.await(atMost);
    } finally {
      waiting.remove(watch);
    }
  }

  boolean isStopping() {
    return stopping;
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
    return DEFAULT_PHASE; // the last to start and so the first to stop
  }
}
