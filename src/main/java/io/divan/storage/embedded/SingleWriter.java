package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the write transactions of one store one after another and commits those that wait together
 * as one group, with one sync. Safe for use by many threads; callers park until their outcome is
 * known.
 *
 * <ol>
 *   <li>At most one turn of a store is queued or running ({@code scheduled}); the engine is only
 *       used by that turn. A store without work occupies no thread.
 *   <li>Every outcome of a group, result or exception, is delivered after the group's commit, also
 *       of a member that wrote nothing or threw: it may depend on writes of other members.
 *   <li>If a commit of several members fails because the disk is full or the group is too large,
 *       each runs again in a group of its own. After any other failure all fail with the same
 *       exception.
 *   <li>A member that throws is rolled back alone. Where the engine has undone the whole group with
 *       it, nothing is committed, and all members run again, each in a group of its own.
 *   <li>When a member has ended, the group takes the next waiting one. It does not wait for more.
 *   <li>A group without writes is not committed, so nothing is synced.
 *   <li>A group that begins with an unsynced transaction takes only unsynced ones, and its commit
 *       need not sync. A group that begins with a durable one takes both. After a bounded number of
 *       unsynced groups and bytes, a group is durable whatever its members need.
 *   <li>When the engine fails (other than by a full disk during a commit or a deleted database), it
 *       is given up. Waiting members are refused, and new ones too until the back-off has passed;
 *       then the next group opens the engine again. The back-off doubles until a group commits.
 *   <li>Members, their waiting time, groups and turns are bounded.
 *   <li>Every begun member gets an outcome and the turn ends or is queued again, also when the
 *       listener, the engine's {@code closeAfterFailure} or this class itself throws.
 * </ol>
 *
 * <pre>
 *   idle    --write, runBetween-->     scheduled   (a turn is queued)
 *   scheduled --nothing waits-->       idle
 *   any     --engine failed-->         backing off (refuses until {@code openAgainNanos})
 *   any     --close-->                 closed      (refuses for good; the running group ends)
 * </pre>
 */
public final class SingleWriter implements AutoCloseable {

  private static final String FAILED = "The store has failed and is opened again soon";
  private static final int GROUPS_PER_TURN = 8;
  private static final long BACKOFF_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long BACKOFF_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

  private final WriterEngine engine;
  private final WorkerThreads threads;
  private final TransactionListener listener;
  private final WriterBounds bounds;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock;
  private final Condition idle;
  private final ArrayDeque<QueuedWork<?>> waiting = new ArrayDeque<>(2);

  /** The running group: each member has begun. Used by the turn alone. */
  private final List<QueuedWork.Write<?>> members = new ArrayList<>(2);

  /** What unsynced groups have committed since the last durable one. Used by the turn alone. */
  private long unsyncedBytes;

  private int unsyncedGroups;

  private boolean scheduled;
  private boolean closed;
  private boolean backingOff;
  private long backoffNanos;
  private long openAgainNanos;

  /** Creates the writer of a store with the default bounds. */
  public SingleWriter(WriterEngine engine, WorkerThreads threads, TransactionListener listener) {
    this(engine, threads, listener, WriterBounds.DEFAULT, System::nanoTime);
  }

  /**
   * Creates the writer of a store.
   *
   * @param nanoTime the clock of the back-off and of reports
   */
  SingleWriter(
      WriterEngine engine,
      WorkerThreads threads,
      TransactionListener listener,
      WriterBounds bounds,
      LongSupplier nanoTime) {
    this(engine, threads, listener, bounds, nanoTime, new ReentrantLock());
  }

  /** As above, with the lock that guards the queue. */
  SingleWriter(
      WriterEngine engine,
      WorkerThreads threads,
      TransactionListener listener,
      WriterBounds bounds,
      LongSupplier nanoTime,
      ReentrantLock lock) {
    this.engine = engine;
    this.threads = threads;
    this.listener = listener;
    this.bounds = bounds;
    this.nanoTime = nanoTime;
    this.lock = lock;
    this.idle = lock.newCondition();
  }

  /**
   * Runs a write transaction and waits until its group is durable.
   *
   * @throws StorageException.StoreUnavailable if too many wait, it waited too long, the engine
   *     failed or is backing off, or the writer is closed
   */
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    return write(new QueuedWork.Write<>(work, true, nanoTime));
  }

  /**
   * Runs a write transaction and waits until its group is committed, but not until it is durable.
   *
   * @throws StorageException.StoreUnavailable as {@link #write} does
   */
  public <T> Written<T> writeUnsynced(Function<WriteTransaction, T> work) {
    return write(new QueuedWork.Write<>(work, false, nanoTime));
  }

  private <T> Written<T> write(QueuedWork.Write<T> write) {
    try {
      waitFor(write);
      return write.result();
    } catch (StorageException e) {
      if (!write.ran()) {
        write.report(listener, TransactionListener.Outcome.FAILED, 1, 0);
      }
      throw e;
    }
  }

  /** Runs a task on the writer's thread between two groups, alone, and waits for it. */
  public <T> T runBetween(Supplier<T> task) {
    QueuedWork.Task<T> queued = new QueuedWork.Task<>(task);
    waitFor(queued);
    return queued.result();
  }

  /**
   * Throws if the current thread must not wait for this writer.
   *
   * @throws IllegalStateException for work within work
   */
  void requireOutside() {
    threads.requireOutsideOfThese();
  }

  /** Returns how many transactions and tasks wait to begin. */
  public int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses waiting and new work, and waits for the running group to end. */
  @Override
  public void close() {
    threads.requireOutsideOfThese();
    List<QueuedWork<?>> refused;
    lock.lock();
    try {
      closed = true;
      refused = drain();
    } finally {
      lock.unlock();
    }
    refuse(refused, new StorageException.StoreUnavailable("The store is closed"));
    awaitIdle();
  }

  private void awaitIdle() {
    long left = bounds.waitMax().toNanos();
    boolean interrupted = false;
    lock.lock();
    try {
      while (scheduled && left > 0) {
        try {
          left = idle.awaitNanos(left);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void waitFor(QueuedWork<?> work) {
    threads.requireOutsideOfThese();
    if (enqueue(work)) {
      schedule();
    }
    if (!work.await(bounds.waitMax().toNanos())) {
      lock.lock();
      try {
        waiting.remove(work);
      } finally {
        lock.unlock();
      }
      throw new StorageException.StoreUnavailable(
          "A write waited longer than " + bounds.waitMax().toMillis() + " ms for others");
    }
  }

  private boolean enqueue(QueuedWork<?> work) {
    lock.lock();
    try {
      if (closed) {
        throw new StorageException.StoreUnavailable("The store is closed");
      }
      if (backingOff && nanoTime.getAsLong() - openAgainNanos < 0) {
        throw new StorageException.StoreUnavailable(FAILED);
      }
      if (waiting.size() >= bounds.waitingMax()) {
        throw new StorageException.StoreUnavailable(
            bounds.waitingMax() + " writes wait already, which is the limit");
      }
      waiting.add(work);
      boolean first = !scheduled;
      scheduled = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  private void schedule() {
    try {
      threads.execute(this::turn);
    } catch (RuntimeException | Error e) {
      StorageException refusal =
          e instanceof StorageException known
              ? known
              : new StorageException.StoreUnavailable("No thread runs the store's writes", e);
      List<QueuedWork<?>> refused;
      lock.lock();
      try {
        scheduled = false;
        idle.signalAll();
        refused = drain();
      } finally {
        lock.unlock();
      }
      refuse(refused, refusal);
    }
  }

  private void turn() {
    boolean ended = false;
    try {
      for (int i = 0; i < GROUPS_PER_TURN && !ended; i++) {
        ended = !runNext();
      }
    } finally {
      if (!ended) {
        schedule();
      }
    }
  }

  /** Runs the next task or group. Returns false if none waits; the turn has then ended. */
  private boolean runNext() {
    QueuedWork<?> first = firstWaiting();
    if (first == null) {
      return false; // the next turn may have begun, so this one must not touch the members
    }
    try {
      switch (first) {
        case QueuedWork.Task<?> task -> task.run();
        case QueuedWork.Write<?> write -> runGroup(write);
      }
    } catch (RuntimeException | Error e) {
      Failures.log(SingleWriter.class, "A group of writes ended unexpectedly", e);
      first.failUnlessEnded(e);
      members.forEach(member -> member.failUnlessEnded(e));
    } finally {
      members.clear();
    }
    return true;
  }

  /** Takes the next work that its caller has not withdrawn. Ends the turn if there is none. */
  private @Nullable QueuedWork<?> firstWaiting() {
    lock.lock();
    try {
      QueuedWork<?> next;
      do {
        next = waiting.poll();
      } while (next != null && !next.begin());
      if (next == null) {
        scheduled = false;
        idle.signalAll();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds the next member to the running group. Returns null if nothing waits, or a task, or a
   * durable transaction that an unsynced group does not take.
   */
  private QueuedWork.@Nullable Write<?> nextMember(boolean durableGroup) {
    lock.lock();
    try {
      while (waiting.peek() instanceof QueuedWork.Write<?> next
          && (durableGroup || !next.isDurable())) {
        waiting.poll();
        members.add(next);
        if (next.begin()) {
          return next;
        }
        members.removeLast();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void runGroup(QueuedWork.Write<?> first) {
    members.add(first);
    boolean durable = needsSync(first);
    try {
      WriterEngine.Group group = begin(first, durable);
      if (group == null) {
        return;
      }
      long began = nanoTime.getAsLong();
      long bytes = 0;
      QueuedWork.Write<?> next = first;
      while (next != null) {
        if (!next.run(group)) {
          group.abort();
          runAlone();
          return;
        }
        bytes += next.bytes();
        next = isFull(bytes, began) ? null : nextMember(durable);
      }
      commit(group, durable, members);
    } catch (RuntimeException | Error e) {
      fail(members, e);
    }
  }

  private boolean needsSync(QueuedWork.Write<?> first) {
    return first.isDurable()
        || unsyncedGroups >= bounds.unsyncedGroupsMax()
        || unsyncedBytes >= bounds.unsyncedBytesMax();
  }

  /** Begins a group. Returns null if the disk is full; the first member has then failed. */
  private WriterEngine.@Nullable Group begin(QueuedWork.Write<?> first, boolean durable) {
    try {
      return durable ? engine.begin() : engine.beginUnsynced();
    } catch (StorageException.StoreFull e) {
      giveUpEngine(e);
      deliverFailure(List.of(first), e, 0);
      return null;
    }
  }

  private boolean isFull(long bytes, long began) {
    return members.size() >= bounds.groupMembersMax()
        || bytes >= bounds.groupBytesMax()
        || nanoTime.getAsLong() - began >= bounds.groupTimeMax().toNanos();
  }

  /** Runs members again, each in a group of its own, after the engine has undone their group. */
  private void runAlone() {
    for (int i = 0; i < members.size(); i++) {
      QueuedWork.Write<?> member = members.get(i);
      try {
        boolean durable = needsSync(member);
        WriterEngine.Group group = begin(member, durable);
        if (group == null) {
          continue;
        }
        if (member.run(group)) {
          commit(group, durable, List.of(member));
        } else {
          group.abort();
          member.deliver(listener, 1, 0);
        }
      } catch (RuntimeException | Error e) {
        fail(members.subList(i, members.size()), e);
        return;
      }
    }
  }

  private void commit(
      WriterEngine.Group group, boolean durable, List<QueuedWork.Write<?>> committing) {
    long begun = nanoTime.getAsLong();
    boolean wrote = false;
    long bytes = 0;
    for (QueuedWork.Write<?> member : committing) {
      wrote |= member.wrote();
      bytes += member.bytes();
    }
    if (wrote) {
      try {
        group.commit();
      } catch (StorageException.StoreFull | StorageException.LimitExceeded e) {
        if (committing.size() > 1) {
          runAlone();
        } else {
          deliverFailure(committing, e, nanoTime.getAsLong() - begun);
        }
        return;
      } catch (StorageException.DatabaseNotFound e) {
        deliverFailure(committing, e, nanoTime.getAsLong() - begun);
        return;
      }
      backoffNanos = 0;
      unsyncedBytes = durable ? 0 : unsyncedBytes + bytes;
      unsyncedGroups = durable ? 0 : unsyncedGroups + 1;
    } else {
      group.abort();
    }
    long committedNanos = nanoTime.getAsLong() - begun;
    for (QueuedWork.Write<?> member : committing) {
      member.deliver(listener, committing.size(), committedNanos);
    }
  }

  private void deliverFailure(List<QueuedWork.Write<?>> failed, Throwable cause, long nanos) {
    for (QueuedWork.Write<?> member : failed) {
      member.fail(listener, cause, failed.size(), nanos);
    }
  }

  /** Fails members that have no outcome yet, and gives up the engine. */
  private void fail(List<QueuedWork.Write<?>> failed, Throwable cause) {
    List<QueuedWork<?>> refused = List.of();
    if (!(cause instanceof StorageException.DatabaseNotFound)) {
      giveUpEngine(cause);
      lock.lock();
      try {
        backoffNanos = Math.clamp(backoffNanos * 2, BACKOFF_NANOS_MIN, BACKOFF_NANOS_MAX);
        openAgainNanos = nanoTime.getAsLong() + backoffNanos;
        backingOff = true;
        refused = drain();
      } finally {
        lock.unlock();
      }
    }
    deliverFailure(failed, cause, 0);
    refuse(refused, new StorageException.StoreUnavailable(FAILED, cause));
  }

  private void giveUpEngine(Throwable cause) {
    try {
      engine.closeAfterFailure();
    } catch (RuntimeException | Error e) {
      if (e != cause) {
        e.addSuppressed(cause);
      }
      Failures.log(SingleWriter.class, "Closing a failed engine failed", e);
    }
  }

  private List<QueuedWork<?>> drain() {
    List<QueuedWork<?>> drained = new ArrayList<>(waiting);
    waiting.clear();
    return drained;
  }

  private static void refuse(List<QueuedWork<?>> refused, StorageException cause) {
    for (QueuedWork<?> work : refused) {
      work.refuse(cause);
    }
  }
}
