package io.divan.storage.fdb.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A watch. A transaction sets it, and after the commit it fires once the key no longer has the
 * value that the transaction saw. Compared by identity. Thread-safe.
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

  /** The value that the transaction saw. */
  byte @Nullable [] value() {
    return value;
  }

  CompletableFuture<Void> future() {
    return future;
  }

  /** Notifies the client. Must be called without any lock: the client's callbacks may run here. */
  void fire() {
    executor.execute(() -> future.complete(null));
  }

  void fail(int code) {
    executor.execute(() -> future.completeExceptionally(Errors.of(code)));
  }
}
