package io.divan.storage.sqlite.pages;

import io.divan.storage.WriteTransaction;
import io.divan.storage.lease.Lease;
import io.divan.storage.lease.Leases;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Excludes writers of other processes from a file. The lease is taken when a handle reserves the
 * file, kept for the handles that follow, and released when this process has not written for a
 * while. Thread-safe.
 *
 * <p>If writers take turns, a process that soon asks again joins a queue. The owner sees the queue
 * in its next transaction, and releases the lease between two transactions of SQLite: after {@link
 * #TURN}, so that handing over does not take more time than writing, or when it pauses.
 */
final class WriterLease {

  /** The result of {@link #acquire}. */
  enum Acquired {
    /** Another process holds it. */
    NO,
    /** This process already held it, so no other process has written since. */
    KEPT,
    /** It was taken now; other processes may have written before. */
    NEW
  }

  /** How long an owner that keeps writing holds the lease while others wait. */
  static final Duration TURN = Duration.ofMillis(200);

  /** A process that asks again this soon is waiting: SQLite retries every 100 ms at least. */
  private static final Duration ASKED_AGAIN = Duration.ofMillis(250);

  private final DatabaseFile file;
  private final Leases leases;
  private final boolean inTurns;
  private long refusedNanos;
  private boolean refused;
  private volatile long acquiredNanos;
  private volatile @Nullable Lease lease;
  private volatile long usedNanos;

  WriterLease(DatabaseFile file, Leases leases, boolean inTurns) {
    this.file = file;
    this.leases = leases;
    this.inTurns = inTurns;
  }

  /** Takes the lease, if no other process holds it. The caller has reserved the file. */
  Acquired acquire() {
    Lease held = lease;
    if (held != null && held.isHeld()) {
      return Acquired.KEPT;
    }
    // A lease not acquired yet remembers since when it sees another owner. A used one is replaced.
    if (held == null || held.token() != 0) {
      held = free();
      lease = held;
    }
    long now = nanos();
    boolean waits = refused && now - refusedNanos <= ASKED_AGAIN.toNanos();
    refused = !held.tryAcquire(waits);
    if (refused) {
      refusedNanos = nanos();
      return Acquired.NO;
    }
    acquiredNanos = now;
    return Acquired.NEW;
  }

  private Lease free() {
    byte[] key = StoreLayout.file(file.number());
    String subject = "Database " + file.name();
    return inTurns
        ? leases.leaseInTurns(file.store(), StoreLayout.LOCK, key, subject)
        : leases.lease(file.store(), StoreLayout.LOCK, key, subject);
  }

  private long nanos() {
    return file.options().leases().nanoTime().getAsLong();
  }

  /**
   * Makes the transaction fail unless the lease is still held at its commit.
   *
   * @throws io.divan.storage.StorageException.StoreUnavailable if it is not held now
   */
  void check(WriteTransaction transaction) {
    Lease held = lease;
    if (held == null) {
      throw new IllegalStateException("The file is not reserved");
    }
    held.check(transaction);
  }

  /** Whether the lease is held, as far as this process knows. */
  boolean isHeld() {
    Lease held = lease;
    return held != null && held.isHeld();
  }

  /** Records that a handle no longer has the file reserved. */
  void markUsed() {
    usedNanos = nanos();
  }

  /** Whether the lease is held and has not been used for this long. */
  boolean isIdle(long nanos) {
    Lease held = lease;
    return held != null
        && held.isHeld()
        && nanos() - usedNanos >= nanos;
  }

  /** Whether the lease is held and others have waited for at least {@link #TURN}. */
  boolean isTurnOver() {
    Lease held = lease;
    return held != null
        && held.isHeld()
        && held.isWanted()
        && nanos() - acquiredNanos >= TURN.toNanos();
  }

  /** Whether the lease is held and others wait for it or have waited. */
  boolean isContended() {
    Lease held = lease;
    return held != null && held.isHeld() && held.isContended();
  }

  /** Releases the lease. The caller has reserved the file. */
  void release() {
    Lease held = lease;
    if (held != null) {
      held.close();
    }
  }
}
