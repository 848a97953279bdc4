package io.divan.configuration;

import io.divan.storage.StorageException;
import io.divan.storage.Watch;
import java.time.Duration;
import java.util.Optional;

/** Waits for the changes that other instances make, on a thread of its own. */
final class Follower implements AutoCloseable {

  /**
   * The bounds of its waits.
   *
   * @param watch how long a watch is trusted; the settings are then read again
   * @param retry the delay after a failure; it doubles with each further failure
   * @param retryMax the longest delay after a failure
   */
  record Delays(Duration watch, Duration retry, Duration retryMax) {
    static final Delays DEFAULTS =
        new Delays(Duration.ofSeconds(30), Duration.ofMillis(250), Duration.ofSeconds(15));
  }

  private static final System.Logger LOG = System.getLogger(Follower.class.getName());

  private final RuntimeConfiguration configuration;
  private final Delays delays;
  private final Thread thread;
  private volatile boolean closed;

  Follower(RuntimeConfiguration configuration, Delays delays) {
    this.configuration = configuration;
    this.delays = delays;
    this.thread = Thread.ofVirtual().name("configuration").unstarted(this::run);
  }

  void start() {
    if (!closed) {
      thread.start();
    }
  }

  private void run() {
    int failures = 0;
    try {
      while (!closed) {
        try {
          follow();
          failures = 0;
        } catch (RuntimeException e) { // of the storage, which may recover
          failures++;
          report(failures, e);
          Thread.sleep(delay(failures));
        }
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private void follow() throws InterruptedException {
    Optional<Watch> watch = configuration.watch();
    if (watch.isPresent()) {
      try (Watch armed = watch.get()) {
        armed.await(delays.watch());
      }
    }
    configuration.refresh();
  }

  private void report(int failures, RuntimeException failure) {
    if (closed) {
      return;
    }
    System.Logger.Level level =
        failures == 1 ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG;
    String message =
        "Changes of settings by other instances cannot be read now; trying again until the"
            + " storage is available: " + failure.getMessage();
    if (failure instanceof StorageException) {
      LOG.log(level, message);
    } else {
      LOG.log(level, message, failure);
    }
  }

  private Duration delay(int failures) {
    Duration delay = delays.retry().multipliedBy(1L << Math.min(failures - 1, 16));
    return delay.compareTo(delays.retryMax()) < 0 ? delay : delays.retryMax();
  }

  @Override
  public void close() {
    closed = true;
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
