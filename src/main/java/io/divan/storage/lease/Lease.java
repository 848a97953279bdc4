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
 * The right of one owner to write to a store, kept in that store. Whoever writes calls {@link
 * #check} in the same transaction: an owner that was paused while another took the lease cannot
 * write any more, however little it knows of that.
 *
 * <p>Two rows are its state, tuples both:
 *
 * <ul>
 *   <li>{@code key 0x00}, the owner: (id or "" where there is none, token, duration in ms). The
 *       token grows with every owner and is never used again.
 *   <li>{@code key 0x01}, the sign of life: (token, count), written by every renewal. It is a row
 *       of its own, so that renewals do not conflict with the transactions that check the owner.
 *   <li>Where owners take turns, {@code key 0x02}: the {@link LeaseLine} of those who wait.
 * </ul>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Whoever takes the lease does so in one transaction that reads both rows as it saw them
 *       before and writes both. So of two that take it one succeeds, and a renewal in between keeps
 *       it.
 *   <li>A lease that is not released is taken when both rows have not changed for its duration on
 *       the clock of the one who looks, from the end of the read that first saw them so. The owner
 *       counts its duration from the beginning of its last renewal; so {@link #requireCurrent}
 *       fails there before anybody can take the lease, where both clocks go at the same rate.
 *   <li>Safety rests on {@link #check} alone, and on no clock.
 *   <li>Where owners take turns, a free lease is left to the first in line, as long as that has not
 *       been free and left alone for {@link #TURN_WAIT}: who waits asks more often, so it has gone,
 *       and whoever takes the lease then removes it from the line.
 * </ol>
 *
 * <p>It is held once: one that was lost or closed is not acquired again. Safe for use by many
 * threads.
 */
public final class Lease implements AutoCloseable {

  /** How long a free lease is left to the first in line. */
  static final Duration TURN_WAIT = Duration.ofMillis(500);

  private static final long WAIT_NANOS_MAX = Duration.ofSeconds(1).toNanos();

  private enum State {
    FREE,
    HELD,
    LOST,
    CLOSED
  }

  /** The rows as they were read, and when that was first. */
  private record Seen(
      byte @Nullable [] owner, byte @Nullable [] life, byte @Nullable [] line, long sinceNanos) {

    static Seen of(List<Optional<byte[]>> rows, long sinceNanos) {
      byte[] line = rows.size() < 3 ? null : rows.get(2).orElse(null);
      return new Seen(rows.get(0).orElse(null), rows.get(1).orElse(null), line, sinceNanos);
    }

    boolean same(Seen other) {
      return Arrays.equals(owner, other.owner) && Arrays.equals(life, other.life);
    }

    boolean sameTurn(Seen other) {
      return Arrays.equals(owner, other.owner)
          && LeaseLine.of(line).isTurnOf(LeaseLine.of(other.line).ids().getFirst());
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

    /** What the holder called itself. */
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
  private final byte[] lineKey;
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

  /** What was last seen of another owner; for {@link #tryAcquire}, which is synchronized. */
  private @Nullable Seen seen;

  /** Since when the lease is free for the first in line. */
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
    lineKey = Arrays.copyOf(key, key.length + 1);
    lineKey[key.length] = 2;
    this.inTurns = inTurns;
    id = leases.newId();
  }

  /**
   * Takes the lease if nobody has it, or if its owner has shown no sign of life for its duration
   * since this object first looked: so whoever wants it asks now and then.
   *
   * @return whether it is held now
   * @throws IllegalStateException when it was held before
   * @throws StorageException as {@link Store#write} does; asking again is right then
   */
  public boolean tryAcquire() {
    return tryAcquire(false);
  }

  /**
   * The same for one who waits, and asks again in less than {@link #TURN_WAIT}: where owners take
   * turns, it stands in line from then on.
   */
  public synchronized boolean tryAcquire(boolean waits) {
    if (state == State.HELD) {
      return true;
    }
    if (state != State.FREE) {
      throw new IllegalStateException("A lease is held once");
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
    if (waits && inTurns && !LeaseLine.of(now.line()).isClosedTo(id)) {
      standInLine();
    }
    return false;
  }

  /** Whether nobody is first in line, or this, or one that has gone. */
  private boolean isTurn(Seen now) {
    if (LeaseLine.of(now.line()).isTurnOf(id)) {
      return true;
    }
    Seen since = free;
    if (since == null || !since.sameTurn(now)) {
      free = now;
      return false;
    }
    return now.sinceNanos() - since.sinceNanos() >= TURN_WAIT.toNanos();
  }

  private void standInLine() {
    store.write(
        transaction -> {
          LeaseLine line = LeaseLine.of(transaction.get(table, lineKey).orElse(null));
          if (line.isClosedTo(id)) {
            return false;
          }
          transaction.put(table, lineKey, line.with(id).toBytes());
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
        table, inTurns ? List.of(ownerKey, lifeKey, lineKey) : List.of(ownerKey, lifeKey));
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
    LeaseLine line = LeaseLine.of(now.line());
    waited = !line.isEmpty();
    if (!line.isEmpty()) {
      transaction.put(table, lineKey, line.after(id).toBytes());
    }
    return true;
  }

  /**
   * Takes the lease, waiting for it.
   *
   * @throws StorageException.StoreUnavailable when another has it for all that time: the message
   *     names it
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
            + "; it can be taken over when that has not renewed its lease for "
            + owner.millis() + " ms");
  }

  /**
   * Fences a transaction: it commits only if this is still the owner then.
   *
   * @throws StorageException.StoreUnavailable when this is not the owner any more
   */
  public void check(WriteTransaction transaction) {
    requireHeld();
    if (inTurns) {
      List<Optional<byte[]>> rows = transaction.getAll(table, List.of(ownerKey, lineKey));
      verify(rows.get(0));
      wanted = LeaseLine.of(rows.get(1).orElse(null)).hasOther(id);
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
   * Shows a sign of life. Called in the background; calling it besides does no harm.
   *
   * @throws StorageException.StoreUnavailable when this is not the owner any more
   * @throws StorageException.DatabaseNotFound when the store is gone, and the lease lost with it
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
      lose(Owner.NONE); // it was in the store, which is gone
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
   * For reads of what an owner keeps in memory: passes while nobody else can have written.
   *
   * @throws StorageException.StoreUnavailable when the lease was not renewed in time, or is not
   *     held
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

  /** Whether it was acquired, and nothing is known of its loss. */
  public boolean isHeld() {
    return state == State.HELD;
  }

  /** Where owners take turns: whether others waited when it was last checked. */
  public boolean isWanted() {
    return wanted;
  }

  /** The same, or others waited when it was acquired. */
  public boolean isContended() {
    return wanted || waited;
  }

  /** The fencing token; 0 before the lease was held. */
  public long token() {
    return token;
  }

  /** Gives the lease back, so that others need not wait; where that fails, they wait. */
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
