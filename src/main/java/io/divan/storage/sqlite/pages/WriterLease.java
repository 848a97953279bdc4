package io.divan.storage.sqlite.pages;

import io.divan.storage.WriteTransaction;
import io.divan.storage.lease.Lease;
import io.divan.storage.lease.Leases;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps writers of other processes out of a file: taken when a handle reserves the file, kept for
 * those that follow, given back when nobody here has written for a while. Safe for use by many
 * threads.
 *
 * <p>Where writers take turns, whoever asks again soon stands in line, and the owner, which sees
 * that in its next transaction, gives the lease back between two transactions of SQLite: after
 * {@link #TURN}, so that handing it over does not take more time than writing; or when it pauses.
 */
final class WriterLease {

  /** What {@link #acquire} found. */
  enum Acquired {
    /** Another process has it. */
    NO,
    /** It was here already: nobody else has written since. */
    KEPT,
    /** It was not: others may have written since. */
    NEW
  }

  /** How long an owner keeps the lease although others wait, if it goes on writing. */
  static final Duration TURN = Duration.ofMillis(200);

  /** Who asks again so soon is waiting: SQLite does so every 100 ms at least. */
  private static final Duration ASKED_AGAIN = Duration.ofMillis(250);

  private final PageFile file;
  private final Leases leases;
  private final boolean inTurns;
  private long refusedNanos;
  private boolean refused;
  private volatile long acquiredNanos;
  private volatile @Nullable Lease lease;
  private volatile long usedNanos;

  WriterLease(PageFile file, Leases leases, boolean inTurns) {
    this.file = file;
    this.leases = leases;
    this.inTurns = inTurns;
  }

  /** Takes the lease, if nobody else has it. The caller has reserved the file. */
  Acquired acquire() {
    Lease held = lease;
    if (held != null && held.isHeld()) {
      return Acquired.KEPT;
    }
    // One that is free remembers since when it has seen another's; one that was held is over.
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
    byte[] key = Layout.file(file.number());
    String subject = "Database " + file.name();
    return inTurns
        ? leases.leaseInTurns(file.store(), Layout.LOCK, key, subject)
        : leases.lease(file.store(), Layout.LOCK, key, subject);
  }

  private long nanos() {
    return file.options().leases().nanoTime().getAsLong();
  }

  /**
   * Sees to it that this transaction commits only while the lease is here.
   *
   * @throws io.divan.storage.StorageException.StoreUnavailable when it is not
   */
  void check(WriteTransaction transaction) {
    Lease held = lease;
    if (held == null) {
      throw new IllegalStateException("The file is not reserved");
    }
    held.check(transaction);
  }

  /** Whether it is here, as far as is known. */
  boolean isHeld() {
    Lease held = lease;
    return held != null && held.isHeld();
  }

  /** Whoever had the file reserved has it no longer. */
  void used() {
    usedNanos = nanos();
  }

  /** Whether it is here, and nobody has written for so long. */
  boolean isIdle(long nanos) {
    Lease held = lease;
    return held != null
        && held.isHeld()
        && nanos() - usedNanos >= nanos;
  }

  /** Whether it is here, and others have waited for it long enough. */
  boolean isTurnOver() {
    Lease held = lease;
    return held != null
        && held.isHeld()
        && held.isWanted()
        && nanos() - acquiredNanos >= TURN.toNanos();
  }

  /** Whether it is here, and others wait for it or have waited. */
  boolean isContended() {
    Lease held = lease;
    return held != null && held.isHeld() && held.isContended();
  }

  /** Gives it back. The caller has reserved the file. */
  void release() {
    Lease held = lease;
    if (held != null) {
      held.close();
    }
  }
}
