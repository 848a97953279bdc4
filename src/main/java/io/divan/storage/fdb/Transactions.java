package io.divan.storage.fdb;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.Transaction;
import io.divan.storage.StorageException;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.Written;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs the transactions of one instance. Retries them after errors that FoundationDB's {@code
 * onError} considers retryable, within a time limit and a number of retries. Thread-safe.
 *
 * <ol>
 *   <li>The result of an attempt counts only once its commit is certain: because the commit
 *       succeeded, or because the next attempt found the id.
 *   <li>After an attempt with an unknown commit result, its result is kept until the next attempt
 *       has read the id. That attempt reads the id with a conflict, so if the lost commit takes
 *       effect later after all, that attempt fails.
 *   <li>Once closed, no transaction begins; running ones finish or are cancelled.
 * </ol>
 */
final class Transactions implements AutoCloseable {

  /** How long {@link #close} waits for running transactions before it cancels them. */
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(10);

  private final Database database;
  private final Duration timeout;
  private final int retriesMax;
  private final TransactionListener listener;
  private final Consumer<List<FdbWatch>> watchesFailed;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Set<Transaction> open = ConcurrentHashMap.newKeySet();
  private int running;
  private volatile boolean closed;

  /**
   * Creates a runner of transactions.
   *
   * @param watchesFailed closes the watches of failed attempts
   */
  Transactions(
      Database database,
      Duration timeout,
      int retriesMax,
      TransactionListener listener,
      Consumer<List<FdbWatch>> watchesFailed) {
    this.database = database;
    this.timeout = timeout;
    this.retriesMax = retriesMax;
    this.listener = listener;
    this.watchesFailed = watchesFailed;
  }

  <T> T read(Function<Attempt, T> work) {
    return new TransactionRun<>(TransactionListener.Kind.READ, work, timeout, null, listener)
        .run()
        .result();
  }

  /** Reads with another time limit. */
  <T> T read(Duration atMost, Function<Attempt, T> work) {
    return new TransactionRun<>(TransactionListener.Kind.READ, work, atMost, null, listener)
        .run()
        .result();
  }

  /**
   * Reads, and leaves the transaction open for the result of the work, which ends it with {@link
   * #release}. {@link #close} does not wait for that.
   */
  <T> T readKeepingOpen(Function<Attempt, T> work) {
    TransactionRun<T> run =
        new TransactionRun<>(TransactionListener.Kind.READ, work, timeout, null, listener);
    run.staysOpen = true;
    return run.run().result();
  }

  /**
   * Runs the work and commits what it writes, exactly once.
   *
   * @param ids give the transaction an id, which shows whether a commit with an unknown result
   *     succeeded
   */
  <T> Written<T> write(TransactionIds ids, Function<Attempt, T> work) {
    return new TransactionRun<>(
        TransactionListener.Kind.WRITE, work, timeout, ids, listener)
        .run();
  }

  /** Runs internal reads or idempotent writes, which are not reported to the listener. */
  <T> T runUnreported(Function<Attempt, T> work) {
    return new TransactionRun<>(
        TransactionListener.Kind.WRITE, work, timeout, null, TransactionListener.NONE)
        .run()
        .result();
  }

  /** A transaction that the caller ends with {@link #release}. {@link #close} cancels it. */
  Transaction open() {
    Transaction transaction = create(timeout);
    if (closed) { // checked after the addition, so that close() either cancels it or we refuse it
      release(transaction);
      throw closedException();
    }
    return transaction;
  }

  /** Ends a transaction of {@link #open()}. */
  void release(Transaction transaction) {
    open.remove(transaction);
    transaction.close();
  }

  /**
   * Restarts a transaction after an error, when {@code onError} allows it.
   *
   * @throws FdbFailure if the error is not retryable, or the deadline has passed
   */
  Transaction restart(Transaction transaction, FDBException reason, long deadlineNanos) {
    open.remove(transaction);
    CompletableFuture<Transaction> restarted = transaction.onError(reason);
    try {
      Transaction next = new Attempt(transaction, deadlineNanos).await(restarted);
      open.add(next);
      return next;
    } catch (FdbFailure e) {
      restarted.thenAccept(Transaction::close); // if it completes after the deadline
      throw e;
    }
  }

  Duration timeout() {
    return timeout;
  }

  int retriesMax() {
    return retriesMax;
  }

  private Transaction create(Duration atMost) {
    Transaction transaction;
    try {
      transaction = database.createTransaction();
    } catch (IllegalStateException e) {
      throw closed ? closedException() : e;
    }
    open.add(transaction);
    transaction.options().setTimeout(Math.max(1, atMost.toMillis()));
    return transaction;
  }

  void requireOpen() {
    if (closed) {
      throw closedException();
    }
  }

  private static StorageException closedException() {
    return new StorageException.StoreUnavailable("The storage is closed");
  }

  private void enter() {
    lock.lock();
    try {
      requireOpen();
      running++;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      running--;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses new transactions, waits for running ones, then cancels those that remain. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      long left = CLOSE_WAIT_MAX.toNanos();
      while (running > 0 && left > 0) {
        left = ended.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    open.forEach(Transaction::cancel);
  }

  /** One transaction, with all its attempts. */
  private final class TransactionRun<T> {
    private final TransactionListener.Kind kind;
    private final Function<Attempt, T> work;
    private final @Nullable TransactionIds transactionIds;
    private final TransactionListener runListener;
    private final Duration atMost;
    private final long deadlineNanos;
    private final Optional<Trace.Transaction> trace;
    private TransactionListener.Outcome outcome = TransactionListener.Outcome.FAILED;
    private int attempts;
    private int conflicts;
    private int unknownResults;
    private long bytes;
    private long waitedNanos;
    private long workedNanos;
    private long committedNanos;

    /** The transaction's id, assigned by the first attempt that writes. */
    private TransactionIds.@Nullable Id id;

    /** The result of an attempt that may have been committed. */
    private @Nullable Optional<T> uncertain;

    private boolean committing;

    /** Whether the transaction of the successful attempt is left open. */
    private boolean staysOpen;

    TransactionRun(
        TransactionListener.Kind kind,
        Function<Attempt, T> work,
        Duration atMost,
        @Nullable TransactionIds transactionIds,
        TransactionListener runListener) {
      this.kind = kind;
      this.work = work;
      this.atMost = atMost;
      this.transactionIds = transactionIds;
      this.runListener = runListener;
      this.deadlineNanos = System.nanoTime() + atMost.toNanos();
      this.trace =
          runListener == TransactionListener.NONE ? Optional.empty() : Trace.nextTransaction();
    }

    Written<T> run() {
      enter();
      Transaction transaction = null;
      try {
        transaction = traced(create(atMost));
        while (true) {
          Attempt attempt = new Attempt(transaction, deadlineNanos);
          FDBException reason;
          try {
            Written<T> written = attempt(attempt);
            outcome = TransactionListener.Outcome.DONE;
            transaction = staysOpen ? null : transaction;
            return written;
          } catch (RuntimeException | Error e) {
            watchesFailed.accept(attempt.watches());
            reason = retriable(attempt, e);
          }
          transaction = retry(transaction, attempt, reason);
        }
      } finally {
        if (transaction != null) {
          release(transaction);
        }
        if (id != null && transactionIds != null) {
          transactionIds.finished(id);
        }
        leave();
        runListener.finished(report());
      }
    }

    /** Enables the client's log of this transaction if its trace is detailed. */
    private Transaction traced(Transaction transaction) {
      trace
          .flatMap(Trace.Transaction::identifier)
          .ifPresent(
              identifier -> {
                transaction.options().setDebugTransactionIdentifier(identifier);
                transaction.options().setLogTransaction();
              });
      return transaction;
    }

    /** The error to retry after, if FoundationDB caused the failure; otherwise throws it. */
    private FDBException retriable(Attempt attempt, Throwable thrown) {
      FDBException failure = attempt.failure();
      if (failure != null) {
        return failure;
      }
      if (closed && thrown instanceof IllegalStateException) {
        throw closedException(); // fdb-java throws IllegalStateException if objects are closed
      }
      if (!(thrown instanceof StorageException)) {
        outcome = TransactionListener.Outcome.ROLLED_BACK;
      }
      if (thrown instanceof Error e) {
        throw e;
      }
      throw (RuntimeException) thrown;
    }

    private Transaction retry(Transaction transaction, Attempt attempt, FDBException reason) {
      if (reason.getCode() == FdbErrors.NOT_COMMITTED) {
        conflicts++;
      }
      boolean maybeCommitted =
          committing
              && (FdbErrors.isMaybeCommitted(reason)
                  || reason.getCode() == FdbErrors.TRANSACTION_TIMED_OUT
                  || reason.getCode() == FdbErrors.TRANSACTION_CANCELLED);
      if (maybeCommitted) {
        unknownResults++;
      }
      if (!maybeCommitted && committing) {
        uncertain = null;
      }
      committing = false;
      boolean enough = attempts > retriesMax || System.nanoTime() > deadlineNanos;
      if (enough || closed) {
        throw giveUp(attempt, reason);
      }
      try {
        return traced(restart(transaction, reason, deadlineNanos));
      } catch (FdbFailure e) {
        // If only the time limit was reached, the previous error is more informative.
        boolean late = e.reason().getCode() == FdbErrors.TRANSACTION_TIMED_OUT;
        throw giveUp(attempt, late ? reason : e.reason());
      }
    }

    private RuntimeException giveUp(Attempt attempt, FDBException reason) {
      if (closed && uncertain == null) {
        return closedException();
      }
      RuntimeException last =
          FdbErrors.of(reason, attempts, attempt.transactionBytes(), uncertain != null);
      if (!(last instanceof StorageException)) {
        outcome = TransactionListener.Outcome.ROLLED_BACK;
      }
      return last;
    }

    private Written<T> attempt(Attempt attempt) {
      attempts++;
      long begun = System.nanoTime();
      attempt.begin();
      Optional<Written<T>> before = committedBefore(attempt);
      long working = System.nanoTime();
      waitedNanos += working - begun;
      if (before.isPresent()) {
        return before.get();
      }
      T result;
      try {
        result = work.apply(attempt);
      } finally {
        workedNanos += System.nanoTime() - working;
      }
      FDBException failure = attempt.failure();
      if (failure != null) {
        throw new FdbFailure(failure);
      }
      bytes = attempt.writtenBytes();
      return commit(attempt, result);
    }

    /** The result of the previous attempt, if that attempt has committed after all. */
    private Optional<Written<T>> committedBefore(Attempt attempt) {
      if (uncertain == null || id == null) {
        return Optional.empty();
      }
      byte[] stamp = attempt.await(attempt.transaction().get(id.key()));
      if (stamp == null) {
        uncertain = null;
        return Optional.empty();
      }
      return Optional.of(new Written<>(uncertain.orElseThrow(), Optional.of(versionstamp(stamp))));
    }

    private Written<T> commit(Attempt attempt, T result) {
      Transaction transaction = attempt.transaction();
      if (!attempt.hasWritten()) {
        if (!attempt.watches().isEmpty()) {
          attempt.await(transaction.commit()); // arms the watches, without a round trip
        }
        return new Written<>(result, Optional.empty());
      }
      if (transactionIds != null) {
        if (id == null) {
          id = transactionIds.next();
        }
        byte[] place = new byte[Attempt.STAMP_BYTES + Attempt.OFFSET_BYTES];
        transaction.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, id.key(), place);
      }
      CompletableFuture<byte[]> stamp = transaction.getVersionstamp();
      long begun = System.nanoTime();
      uncertain = transactionIds == null ? null : Optional.of(result);
      committing = true;
      try {
        // One wait instead of two: each wakes this thread.
        byte[] committed = attempt.await(transaction.commit().thenCompose(nothing -> stamp));
        return new Written<>(result, Optional.of(versionstamp(committed)));
      } finally {
        committedNanos += System.nanoTime() - begun;
      }
    }

    private TransactionListener.Report report() {
      return new TransactionListener.Report(
          trace,
          kind,
          outcome,
          attempts,
          conflicts,
          unknownResults,
          bytes,
          1,
          Duration.ofNanos(waitedNanos),
          Duration.ofNanos(workedNanos),
          Duration.ofNanos(committedNanos));
    }
  }

  private static Versionstamp versionstamp(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Versionstamp(buffer.getLong(), buffer.getShort() & 0xFFFF, 0);
  }
}
