package io.divan.storage;

import java.time.Duration;

/**
 * Waits for a change of one key. It may fire without a change and may miss one that was undone; it
 * never misses a change that lasts. Safe for use by several threads.
 */
public interface Watch extends AutoCloseable {

  /**
   * Waits until the key has changed since the snapshot that armed this watch, its database is
   * deleted or the adapter closed, the watch itself is closed, or the time is over.
   *
   * @return whether it fired, which only the last two are not; once it has, it answers so at once
   * @throws InterruptedException when the waiting thread is interrupted
   */
  boolean await(Duration atMost) throws InterruptedException;

  /** Gives the watch back. Whoever waits returns false. */
  @Override
  void close();
}
