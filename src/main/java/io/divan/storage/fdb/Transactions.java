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
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs transactions of one instance: again after errors that FoundationDB's {@code onError} calls
 * retryable, but only so often and so long. Safe for use by many threads.
 *
 * <ol>
 *   <li>What an attempt returned counts only when its commit is known: by its answer, or because
 *       the next attempt found its id.
 *   <li>An attempt whose commit is unknown leaves its result until the next attempt has looked for
 *       the id. That one reads the id with a conflict, so if the lost commit comes later after all,
 *       it is the one that fails.
 *   <li>Once closed, no transaction begins; those under way end or are cancelled.
 * </ol>
 */
final class Transactions implements AutoCloseable {

  /** How long closing waits for transactions under way before it cancels them. */
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(10);

  private final Database database;
  private final Duration timeout;
  private final int retriesMax;
  private final TransactionListener listener;
  private final AtomicReference<TransactionIds> ids = new AtomicReference<>();
  private volatile Consumer<List<FdbWatch>> watchesFailed = watches -> {};
  private volatile Runnable idsWaiting = () -> {};

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Set<Transaction> open = ConcurrentHashMap.newKeySet();
  private int running;
  private volatile boolean closed;

  Transactions(
      Database database, Duration timeout, int retriesMax, TransactionListener listener) {
    this.database = database;
    this.timeout = timeout;
    this.retriesMax = retriesMax;
    this.listener = listener;
  }

  /**
   * Gives what is known only after the first transaction.
   *
   * @param watches ends the watches of attempts that failed
   * @param waiting told when many ids wait to be cleared
   */
  void use(TransactionIds transactionIds, Consumer<List<FdbWatch>> watches, Runnable waiting) {
    ids.set(transactionIds);
    watchesFailed = watches;
    idsWaiting = waiting;
  }

  <T> T read(Function<Attempt, T> work) {
    return new Run<>(TransactionListener.Kind.READ, work, timeout, null, listener)
        .run()
        .result();
  }

  /** A read that is not to wait as long as others. */
  <T> T read(Duration atMost, Function<Attempt, T> work) {
    return new Run<>(TransactionListener.Kind.READ, work, atMost, null, listener)
        .run()
        .result();
  }

  /**
   * Reads; the transaction stays open for what the work returns, which ends it with {@link
   * #release}. Closing does not wait for that.
   */
  <T> T begin(Function<Attempt, T> work) {
    Run<T> run =
        new Run<>(TransactionListener.Kind.READ, work, timeout, null, listener);
    run.staysOpen = true;
    return run.run().result();
  }

  /** Commits what the work writes, once. */
  <T> Written<T> write(Function<Attempt, T> work) {
    return new Run<>(TransactionListener.Kind.WRITE, work, timeout, ids.get(), listener).run();
  }

  /** Reads, or writes what may be written twice; nobody's transaction, so nobody is told of it. */
  <T> T maintain(Function<Attempt, T> work) {
    return new Run<>(
            TransactionListener.Kind.WRITE, work, timeout, null, TransactionListener.NONE)
        .run()
        .result();
  }

  /** A transaction that the caller ends with {@link #release}; closing does not wait for it. */
  Transaction open() {
    Transaction transaction = create(timeout);
    if (closed) { // looked at after it was added, so that closing either sees or refuses it
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
   * Begins a transaction again, when {@code onError} says.
   *
   * @throws FdbFailure when the error is not one to be tried again, or it is too late
   */
  Transaction again(Transaction transaction, FDBException reason, long deadlineNanos) {
    open.remove(transaction);
    CompletableFuture<Transaction> again = transaction.onError(reason);
    try {
      Transaction next = new Attempt(transaction, deadlineNanos).await(again);
      open.add(next);
      return next;
    } catch (FdbFailure e) {
      again.thenAccept(Transaction::close); // where it comes too late
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

  private void begin() {
    lock.lock();
    try {
      requireOpen();
      running++;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      running--;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses new transactions and waits for those under way; then cancels them. */
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

  /** One transaction, from its first attempt to its end. */
  private final class Run<T> {
    private final TransactionListener.Kind kind;
    private final Function<Attempt, T> work;
    private final @Nullable TransactionIds transactionIds;
    private final TransactionListener told;
    private final Duration atMost;
    private final long deadlineNanos;
    private final Optional<String> trace;
    private TransactionListener.Outcome outcome = TransactionListener.Outcome.FAILED;
    private int attempts;
    private int conflicts;
    private long bytes;
    private long waitedNanos;
    private long workedNanos;
    private long committedNanos;

    /** The id that this writes, from the first attempt that does. */
    private TransactionIds.@Nullable Id id;

    /** What an attempt returned that may have been committed. */
    private @Nullable Optional<T> unknown;

    private boolean committing;

    /** Whether the transaction of the attempt that succeeds is not ended. */
    private boolean staysOpen;

    Run(
        TransactionListener.Kind kind,
        Function<Attempt, T> work,
        Duration atMost,
        @Nullable TransactionIds transactionIds,
        TransactionListener told) {
      this.kind = kind;
      this.work = work;
      this.atMost = atMost;
      this.transactionIds = transactionIds;
      this.told = told;
      this.deadlineNanos = System.nanoTime() + atMost.toNanos();
      this.trace =
          told == TransactionListener.NONE ? Optional.empty() : Trace.nextTransaction();
    }

    Written<T> run() {
      begin();
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
        if (id != null && transactionIds != null && transactionIds.finished(id)) {
          idsWaiting.run();
        }
        end();
        told.finished(report());
      }
    }

    /** The client logs what a traced transaction does, where it has a trace directory. */
    private Transaction traced(Transaction transaction) {
      trace.ifPresent(
          identifier -> {
            transaction.options().setDebugTransactionIdentifier(identifier);
            transaction.options().setLogTransaction();
          });
      return transaction;
    }

    /** The error that may be retried, where that is what went wrong; else throws what did. */
    private FDBException retriable(Attempt attempt, Throwable thrown) {
      FDBException failure = attempt.failure();
      if (failure != null) {
        return failure;
      }
      if (closed && thrown instanceof IllegalStateException) {
        throw closedException(); // what fdb-java throws of objects that are closed
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
      if (!maybeCommitted && committing) {
        unknown = null;
      }
      committing = false;
      boolean enough = attempts > retriesMax || System.nanoTime() > deadlineNanos;
      if (enough || closed) {
        throw giveUp(attempt, reason);
      }
      try {
        return traced(again(transaction, reason, deadlineNanos));
      } catch (FdbFailure e) {
        // Where only the time was over, what it was spent on says more.
        boolean late = e.reason().getCode() == FdbErrors.TRANSACTION_TIMED_OUT;
        throw giveUp(attempt, late ? reason : e.reason());
      }
    }

    private RuntimeException giveUp(Attempt attempt, FDBException reason) {
      if (closed && unknown == null) {
        return closedException();
      }
      RuntimeException last =
          FdbErrors.of(reason, attempts, attempt.size(), unknown != null);
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
      bytes = attempt.bytes();
      return commit(attempt, result);
    }

    /** Whether the attempt before this one has committed although it was not known. */
    private Optional<Written<T>> committedBefore(Attempt attempt) {
      if (unknown == null || id == null) {
        return Optional.empty();
      }
      byte[] stamp = attempt.await(attempt.transaction().get(id.key()));
      if (stamp == null) {
        unknown = null;
        return Optional.empty();
      }
      return Optional.of(new Written<>(unknown.orElseThrow(), Optional.of(versionstamp(stamp))));
    }

    private Written<T> commit(Attempt attempt, T result) {
      Transaction transaction = attempt.transaction();
      if (!attempt.hasWritten()) {
        if (!attempt.watches().isEmpty()) {
          attempt.await(transaction.commit()); // arms them, without asking anybody
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
      unknown = transactionIds == null ? null : Optional.of(result);
      committing = true;
      try {
        // One wait for both: each wakes this thread.
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
