package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Work that waits for its turn at a {@link SingleWriter}. */
abstract sealed class QueuedWork<R> extends Handoff<R> {

  private QueuedWork() {}

  /** A task that runs between groups. */
  static final class Task<T> extends QueuedWork<T> {
    private final Supplier<T> task;

    Task(Supplier<T> task) {
      this.task = task;
    }

    void run() {
      T result;
      try {
        result = task.get();
      } catch (Throwable e) {
        fail(e);
        return;
      }
      complete(result);
    }
  }

  /**
   * A write transaction, which runs as a member of a group and keeps its outcome until the commit.
   */
  static final class Write<T> extends QueuedWork<Written<T>> {
    private final Function<WriteTransaction, T> work;
    private final boolean durable;
    private final LongSupplier nanoTime;
    private final Optional<Trace.Transaction> trace = Trace.nextTransaction();
    private final long queuedNanos;
    private long begunNanos;
    private long workedNanos;
    private long bytes;
    private int attempts;
    private @Nullable Written<T> written;
    private @Nullable Throwable failure;

    Write(Function<WriteTransaction, T> work, boolean durable, LongSupplier nanoTime) {
      this.work = work;
      this.durable = durable;
      this.nanoTime = nanoTime;
      this.queuedNanos = nanoTime.getAsLong();
    }

    /**
     * Runs the work and keeps or undoes what it wrote.
     *
     * @return false when the engine has undone the whole group
     * @throws RuntimeException when the engine failed
     */
    boolean run(WriterEngine.Group group) {
      attempts++;
      written = null;
      failure = null;
      bytes = 0;
      begunNanos = nanoTime.getAsLong();
      WriterEngine.Member member = group.begin();
      try {
        T result = work.apply(member.transaction());
        Optional<Versionstamp> stamp = member.keep();
        written = new Written<>(result, stamp);
        bytes = member.bytes();
        return true;
      } catch (Throwable e) {
        failure = e;
        return member.rollback();
      } finally {
        workedNanos = nanoTime.getAsLong() - begunNanos;
      }
    }

    /** Returns whether the caller waits until the writes are durable. */
    boolean isDurable() {
      return durable;
    }

    boolean wrote() {
      return written != null && written.versionstamp().isPresent();
    }

    long bytes() {
      return bytes;
    }

    /** Returns whether the work has run. Called by the caller after its wait. */
    boolean ran() {
      return attempts > 0;
    }

    /** Gives the caller the outcome of its own work. */
    void deliver(TransactionListener listener, int groupSize, long commitNanos) {
      Written<T> result = written;
      if (result != null) {
        report(listener, TransactionListener.Outcome.DONE, groupSize, commitNanos);
        complete(result);
        return;
      }
      Throwable thrown = failure;
      if (thrown == null) {
        throw new IllegalStateException("A member's outcome is delivered after it ran");
      }
      report(
          listener,
          thrown instanceof StorageException
              ? TransactionListener.Outcome.FAILED
              : TransactionListener.Outcome.ROLLED_BACK,
          groupSize,
          commitNanos);
      fail(thrown);
    }

    /** Fails the caller with its group's failure, unless it has an outcome already. */
    void fail(TransactionListener listener, Throwable cause, int groupSize, long commitNanos) {
      if (isEnded()) {
        return;
      }
      report(listener, TransactionListener.Outcome.FAILED, groupSize, commitNanos);
      fail(cause);
    }

    void report(
        TransactionListener listener,
        TransactionListener.Outcome outcome,
        int groupSize,
        long commitNanos) {
      try {
        long begun = ran() ? begunNanos : nanoTime.getAsLong();
        listener.finished(
            new TransactionListener.Report(
                trace,
                TransactionListener.Kind.WRITE,
                outcome,
                attempts,
                0,
                bytes,
                groupSize,
                Duration.ofNanos(begun - queuedNanos),
                Duration.ofNanos(workedNanos),
                Duration.ofNanos(commitNanos)));
      } catch (RuntimeException | Error e) {
        Failures.log(QueuedWork.class, "A transaction listener threw", e);
      }
    }
  }
}
