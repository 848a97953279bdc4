package io.divan.storage.lease;

import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Watch;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive right of one owner to write to a store, recorded in that store. Every writing
 * transaction calls {@link #check}. So an owner that was paused while another process took the
 * lease can no longer write, even if it does not know of the loss.
 *
 * <p>The state of a lease is two or three rows, each a tuple:
 *
 * <ul>
 *   <li>{@code key 0x00}, the owner: (id, or "" if the lease is free; token; duration in ms). Each
 *       owner has a greater token than the one before it. Tokens are never reused.
 *   <li>{@code key 0x01}, the sign of life: (token, count), written by every renewal. It is a
 *       separate row, so that renewals do not conflict with transactions that check the owner.
 *   <li>{@code key 0x02}, only if owners take turns: the {@link LeaseQueue} of waiting processes.
 * </ul>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A process takes the lease in one transaction, which verifies that both rows are still as it
 *       last read them, and writes both. If two processes try, one succeeds. A renewal in between
 *       keeps the lease.
 *   <li>A lease that was not released can be taken over once both rows have not changed for its
 *       duration. The observer measures this with its own clock, from the end of the read that
 *       first returned the rows. The owner measures from the beginning of its last renewal. So
 *       {@link #requireCurrent} fails at the owner before another process can take the lease,
 *       provided both clocks run at the same rate.
 *   <li>Safety depends only on {@link #check}, not on clocks.
 *   <li>If owners take turns, a free lease is reserved for the first process in the queue. A
 *       waiting process asks more often than every {@link #TURN_WAIT}, so one that lets this time
 *       pass is gone. The process that takes the lease then removes it from the queue.
 * </ol>
 *
 * <p>A lease is held at most once: after it was lost or closed, it cannot be acquired again. Safe
 * for use by many threads.
 */
public final class Lease implements AutoCloseable {

  /** How long a free lease is reserved for the first process in the queue. */
  static final Duration TURN_WAIT = Duration.ofMillis(500);

  private static final long WAIT_NANOS_MAX = Duration.ofSeconds(1).toNanos();

  private enum State {
    FREE,
    HELD,
    LOST,
    CLOSED
  }

  /** The rows of a lease as they were read, and the time of the first read with this result. */
  private record Seen(
      byte @Nullable [] owner, byte @Nullable [] life, byte @Nullable [] queue, long sinceNanos) {

    static Seen of(List<Optional<byte[]>> rows, long sinceNanos) {
      byte[] queue = rows.size() < 3 ? null : rows.get(2).orElse(null);
      return new Seen(rows.get(0).orElse(null), rows.get(1).orElse(null), queue, sinceNanos);
    }

    boolean same(Seen other) {
      return Arrays.equals(owner, other.owner) && Arrays.equals(life, other.life);
    }

    boolean sameTurn(Seen other) {
      return Arrays.equals(owner, other.owner)
          && LeaseQueue.of(queue).isTurnOf(LeaseQueue.of(other.queue).ids().getFirst());
    }
  }

  private record Owner(String id, long token, long millis) {
    static final Owner NONE = new Owner("", 0, 0);

    static Owner of(byte @Nullable [] row) {
      if (row == null) {
        return NONE;
      }
      TupleReader reader = new TupleReader(row);
      return new Owner(reader.nextString(), reader.nextLong(), reader.nextLong());
    }

    byte[] toBytes() {
      return TupleWriter.pack(id, token, millis);
    }

    /** The name of the process, from {@link Leases.Options#holder}. */
    String name() {
      int slash = id.indexOf('/');
      return slash < 0 ? id : id.substring(0, slash);
    }
  }

  private final Leases leases;
  private final Store store;
  private final Table table;
  private final byte[] ownerKey;
  private final byte[] lifeKey;
  private final byte[] queueKey;
  private final boolean inTurns;
  private final String subject;
  private final String id;
  private final AtomicLong renewals = new AtomicLong();

  private volatile State state = State.FREE;
  private volatile long token;
  private volatile long renewedNanos;
  private volatile String successor = "";
  private volatile boolean wanted;
  private volatile boolean waited;

  /** The last observed rows of another owner. Guarded by this object's lock. */
  private @Nullable Seen seen;

  /**
   * The rows since which the lease is free for the first process in the queue. Guarded likewise.
   */
  private @Nullable Seen free;

  private @Nullable Future<?> keeping;

  Lease(
      Leases leases, Store store, Table table, byte[] key, String subject, boolean inTurns) {
    this.leases = leases;
    this.store = store;
    this.table = table;
    this.subject = subject;
    ownerKey = Arrays.copyOf(key, key.length + 1);
    lifeKey = Arrays.copyOf(key, key.length + 1);
    lifeKey[key.length] = 1;
    queueKey = Arrays.copyOf(key, key.length + 1);
    queueKey[key.length] = 2;
    this.inTurns = inTurns;
    id = leases.newId();
  }

  /**
   * Takes the lease if it is free, or if its owner has shown no sign of life for its duration. That
   * duration is measured from the first call on this object, so call repeatedly.
   *
   * @return whether the lease is held now
   * @throws IllegalStateException if it was lost or closed
   * @throws StorageException as {@link Store#write} does; the call can be repeated
   */
  public boolean tryAcquire() {
    return tryAcquire(false);
  }

  /**
   * Takes the lease like {@link #tryAcquire()}. If {@code waits} is true, the caller must call
   * again in less than {@link #TURN_WAIT}; if owners take turns, it joins the queue.
   */
  public synchronized boolean tryAcquire(boolean waits) {
    if (state == State.HELD) {
      return true;
    }
    if (state != State.FREE) {
      throw new IllegalStateException("A lost or closed lease cannot be acquired again");
    }
    Seen now = look();
    if (seen == null || !seen.same(now)) {
      seen = now;
    }
    if (!mayTake(Owner.of(now.owner()), now.sinceNanos())) {
      free = null;
    } else if (isTurn(now)) {
      return take(now);
    }
    if (waits && inTurns && !LeaseQueue.of(now.queue()).isClosedTo(id)) {
      joinQueue();
    }
    return false;
  }

  /** Returns whether the queue is empty, or this lease is its first, or its first has gone. */
  private boolean isTurn(Seen now) {
    if (LeaseQueue.of(now.queue()).isTurnOf(id)) {
      return true;
    }
    Seen since = free;
    if (since == null || !since.sameTurn(now)) {
      free = now;
      return false;
    }
    return now.sinceNanos() - since.sinceNanos() >= TURN_WAIT.toNanos();
  }

  private void joinQueue() {
    store.write(
        transaction -> {
          LeaseQueue queue = LeaseQueue.of(transaction.get(table, queueKey).orElse(null));
          if (queue.isClosedTo(id)) {
            return false;
          }
          transaction.put(table, queueKey, queue.with(id).toBytes());
          return true;
        });
  }

  private Seen look() {
    List<Optional<byte[]>> rows = store.read(this::rows);
    long nowNanos = leases.options().nanoTime().getAsLong();
    return Seen.of(rows, nowNanos);
  }

  private List<Optional<byte[]>> rows(ReadTransaction transaction) {
    return transaction.getAll(
        table, inTurns ? List.of(ownerKey, lifeKey, queueKey) : List.of(ownerKey, lifeKey));
  }

  private boolean mayTake(Owner owner, long nowNanos) {
    if (owner.id().isEmpty() || owner.id().equals(id)) {
      return true;
    }
    if (leases.isOwn(owner.id())) {
      return !leases.isAlive(owner.id());
    }
    if (!leases.options().shared()) {
      return true;
    }
    long sinceNanos = seen == null ? nowNanos : seen.sinceNanos();
    return nowNanos - sinceNanos >= Duration.ofMillis(owner.millis()).toNanos();
  }

  private boolean take(Seen expected) {
    Duration duration = leases.options().duration();
    Owner mine = new Owner(id, Owner.of(expected.owner()).token() + 1, duration.toMillis());
    long begun = leases.options().nanoTime().getAsLong();
    leases.setAlive(id, true);
    boolean taken = false;
    try {
      taken = store.write(transaction -> take(transaction, expected, mine)).result();
    } finally {
      if (!taken) {
        leases.setAlive(id, false);
      }
    }
    if (taken) {
      token = mine.token();
      renewedNanos = begun;
      state = State.HELD;
      keeping = leases.options().shared() ? leases.keep(this) : null;
    }
    return taken;
  }

  private boolean take(WriteTransaction transaction, Seen expected, Owner mine) {
    Seen now = Seen.of(rows(transaction), 0);
    if (!now.same(expected)) {
      return false;
    }
    transaction.put(table, ownerKey, mine.toBytes());
    transaction.put(table, lifeKey, TupleWriter.pack(mine.token(), 0L));
    LeaseQueue queue = LeaseQueue.of(now.queue());
    waited = !queue.isEmpty();
    if (!queue.isEmpty()) {
      transaction.put(table, queueKey, queue.after(id).toBytes());
    }
    return true;
  }

  /**
   * Waits for the lease and takes it.
   *
   * @throws StorageException.StoreUnavailable if another process holds the lease during all of that
   *     time; the message names it
   */
  public void acquire(Duration waitMax) {
    long deadline = System.nanoTime() + waitMax.toNanos();
    long pause = Math.min(WAIT_NANOS_MAX, leases.options().duration().toNanos() / 8);
    while (!tryAcquire()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw inUse();
      }
      await(Math.min(left, pause));
    }
  }

  private void await(long nanos) {
    try (Watch watch = store.read(transaction -> transaction.watch(table, ownerKey))) {
      watch.await(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException.StoreUnavailable(
          "Interrupted while waiting for the lease of " + subject, e);
    }
  }

  private synchronized StorageException.StoreUnavailable inUse() {
    Owner owner = Owner.of(seen == null ? null : seen.owner());
    return new StorageException.StoreUnavailable(
        subject + " is in use by " + owner.name()
            + "; it can be taken over when that process has not renewed its lease for "
            + owner.millis() + " ms");
  }

  /**
   * Fences a transaction: it commits only if this lease still owns the store at its commit.
   *
   * @throws StorageException.StoreUnavailable if this lease no longer owns the store
   */
  public void check(WriteTransaction transaction) {
    requireHeld();
    if (inTurns) {
      List<Optional<byte[]>> rows = transaction.getAll(table, List.of(ownerKey, queueKey));
      verify(rows.get(0));
      wanted = LeaseQueue.of(rows.get(1).orElse(null)).hasOther(id);
    } else {
      verify(transaction.get(table, ownerKey));
    }
  }

  private void verify(Optional<byte[]> row) {
    Owner owner = Owner.of(row.orElse(null));
    if (!owner.id().equals(id) || owner.token() != token) {
      lose(owner);
      throw lost();
    }
  }

  /**
   * Writes a sign of life. A background thread calls this; additional calls are harmless.
   *
   * @throws StorageException.StoreUnavailable if this lease no longer owns the store
   * @throws StorageException.DatabaseNotFound if the store, and so the lease, no longer exists
   */
  public void renew() {
    requireHeld();
    long begun = leases.options().nanoTime().getAsLong();
    byte[] life = TupleWriter.pack(token, renewals.incrementAndGet());
    try {
      store.write(
          transaction -> {
            verify(transaction.get(table, ownerKey));
            transaction.put(table, lifeKey, life);
            return true;
          });
    } catch (StorageException.DatabaseNotFound e) {
      lose(Owner.NONE);
      throw e;
    }
    renewedNanos = begun;
  }

  private synchronized void lose(Owner to) {
    if (state == State.HELD) {
      state = State.LOST;
      successor = to.name();
      end();
    }
  }

  private void end() {
    leases.setAlive(id, false);
    if (keeping != null) {
      keeping.cancel(false);
    }
  }

  private void requireHeld() {
    if (state != State.HELD) {
      throw lost();
    }
  }

  private StorageException.StoreUnavailable lost() {
    return new StorageException.StoreUnavailable(
        switch (state) {
          case LOST ->
              "The lease of " + subject + " was lost"
                  + (successor.isEmpty() ? "" : ", and taken by " + successor);
          case CLOSED -> "The lease of " + subject + " was released";
          default -> "The lease of " + subject + " is not held";
        });
  }

  /**
   * Verifies that no other process can have written, so that the owner may use data it caches in
   * memory.
   *
   * @throws StorageException.StoreUnavailable if the lease is not held, or was not renewed in time
   */
  public void requireCurrent() {
    requireHeld();
    Leases.Options options = leases.options();
    if (options.shared()
        && options.nanoTime().getAsLong() - renewedNanos >= options.duration().toNanos()) {
      throw new StorageException.StoreUnavailable(
          "The lease of " + subject + " could not be renewed for "
              + options.duration().toMillis() + " ms");
    }
  }

  /** Returns whether the lease was acquired and is not known to be lost. */
  public boolean isHeld() {
    return state == State.HELD;
  }

  /** Returns whether others were waiting at the last {@link #check}, if owners take turns. */
  public boolean isWanted() {
    return wanted;
  }

  /** Returns {@link #isWanted}, or whether others were waiting when the lease was acquired. */
  public boolean isContended() {
    return wanted || waited;
  }

  /** Returns the fencing token; 0 before the lease was acquired. */
  public long token() {
    return token;
  }

  /** Releases the lease. If the release fails, others have to wait until the lease expires. */
  @Override
  public void close() {
    boolean held;
    synchronized (this) {
      held = state == State.HELD;
      state = state == State.LOST ? State.LOST : State.CLOSED;
      if (held && keeping != null) {
        keeping.cancel(false);
      }
    }
    if (!held) {
      return;
    }
    try {
      byte[] free = new Owner("", token, 0).toBytes();
      store.write(
          transaction -> {
            Owner owner = Owner.of(transaction.get(table, ownerKey).orElse(null));
            if (owner.id().equals(id) && owner.token() == token) {
              transaction.put(table, ownerKey, free);
            }
            return true;
          });
    } catch (StorageException e) {
      System.getLogger(Lease.class.getName())
          .log(System.Logger.Level.DEBUG, "The lease of " + subject + " was not released", e);
    } finally {
      leases.setAlive(id, false);
    }
  }
}
