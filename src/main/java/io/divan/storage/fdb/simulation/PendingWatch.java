package io.divan.storage.fdb.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A watch: it is set in a transaction, and waits from its commit on until the key holds something
 * else than it did there. Compared by identity. Safe for use by many threads.
 */
final class PendingWatch {

  private final byte[] key;
  private final byte @Nullable [] value;
  private final CompletableFuture<Void> future;
  private final Executor executor;

  PendingWatch(
      byte[] key, byte @Nullable [] value, CompletableFuture<Void> future, Executor executor) {
    this.key = key;
    this.value = value;
    this.future = future;
    this.executor = executor;
  }

  byte[] key() {
    return key;
  }

  /** What the key held for the transaction that set the watch. */
  byte @Nullable [] value() {
    return value;
  }

  CompletableFuture<Void> future() {
    return future;
  }

  /** Tells the client. Not to be called with a lock held: its callbacks may run here. */
  void fire() {
    executor.execute(() -> future.complete(null));
  }

  void fail(int code) {
    executor.execute(() -> future.completeExceptionally(Errors.of(code)));
  }
}
