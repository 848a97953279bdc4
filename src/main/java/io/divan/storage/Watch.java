package io.divan.storage;

import java.time.Duration;

/**
 * Waits for a change of one key. A watch may fire without a change, and may miss a change if the
 * old value was restored. It never misses any other committed change. Safe for use by several
 * threads.
 */
public interface Watch extends AutoCloseable {

  /**
   * Waits until the watch fires, is closed, or the time is over. It fires when the key has changed
   * since the snapshot that armed it, when its database is deleted and when the adapter is closed.
   *
   * @return whether the watch fired; once it has, every later call returns true at once
   * @throws InterruptedException if the waiting thread is interrupted
   */
  boolean await(Duration atMost) throws InterruptedException;

  /** Closes the watch. Threads that wait return false. */
  @Override
  void close();
}
