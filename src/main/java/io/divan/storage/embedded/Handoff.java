package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A caller's wait for work that a worker thread does for it. Created by the caller.
 *
 * <ol>
 *   <li>Either a worker begins the work or the caller withdraws it, never both.
 *   <li>The caller waits for the end of begun work without limit, also when interrupted: otherwise
 *       it could not learn the outcome. Its interrupt status is restored.
 *   <li>Result and failure are written before the state that publishes them.
 * </ol>
 *
 * <pre>
 *   WAITING   --begin-->          BEGUN   --complete, fail--> ENDED
 *   WAITING   --await, in time--> WITHDRAWN
 * </pre>
 */
class Handoff<T> {

  private enum State {
    WAITING,
    BEGUN,
    ENDED,
    WITHDRAWN
  }

  private final Thread caller = Thread.currentThread();
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private @Nullable T result;
  private @Nullable Throwable failure;

  /** Begins the work. Returns false if it was withdrawn or another worker has begun it. */
  final boolean begin() {
    return state.compareAndSet(State.WAITING, State.BEGUN);
  }

  /** Ends begun work with its result. */
  final void complete(@Nullable T value) {
    result = value;
    end();
  }

  /** Ends begun work with an exception. */
  final void fail(Throwable cause) {
    failure = cause;
    end();
  }

  /** Fails begun work that has no outcome yet. Called by the worker that began it. */
  final void failUnlessEnded(Throwable cause) {
    if (!isEnded()) {
      fail(cause);
    }
  }

  final boolean isEnded() {
    return state.get() == State.ENDED;
  }

  /** Fails the work unless a worker has begun it. */
  final void refuse(StorageException cause) {
    if (begin()) {
      fail(cause);
    }
  }

  private void end() {
    if (!state.compareAndSet(State.BEGUN, State.ENDED)) {
      throw new IllegalStateException("Work ends once, after it has begun");
    }
    LockSupport.unpark(caller);
  }

  /**
   * Waits for the end. Called by the thread that created this.
   *
   * @param waitMaxNanos how long the work may wait to be begun
   * @return false if the work was withdrawn, because no worker began it in that time
   */
  final boolean await(long waitMaxNanos) {
    long deadline = System.nanoTime() + waitMaxNanos;
    boolean interrupted = false;
    try {
      while (true) {
        State now = state.get();
        if (now == State.ENDED) {
          return true;
        }
        if (now == State.BEGUN) {
          LockSupport.park(this);
        } else {
          long left = deadline - System.nanoTime();
          if (left > 0) {
            LockSupport.parkNanos(this, left);
          } else if (state.compareAndSet(State.WAITING, State.WITHDRAWN)) {
            return false;
          }
        }
        interrupted |= Thread.interrupted();
      }
    } finally {
      if (interrupted) {
        caller.interrupt();
      }
    }
  }

  /** Returns the result of the work, or throws its exception. */
  @SuppressWarnings("NullAway") // where T is a nullable type, null is a result
  final T result() {
    return switch (failure) {
      case null -> result;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException("Work threw a checked exception", failure);
    };
  }
}
