package io.divan.storage.sqlite.pages;

import io.divan.storage.Lease;
import io.divan.storage.Leases;
import io.divan.storage.WriteTransaction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps writers of other processes out of a file: taken when a handle reserves the file, kept for
 * those that follow, given back when nobody here has written for a while. Safe for use by many
 * threads.
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

  private final PageFile file;
  private final Leases leases;
  private volatile @Nullable Lease lease;
  private volatile long usedNanos;

  WriterLease(PageFile file, Leases leases) {
    this.file = file;
    this.leases = leases;
  }

  /** Takes the lease, if nobody else has it. The caller has reserved the file. */
  Acquired acquire() {
    Lease held = lease;
    if (held != null && held.isHeld()) {
      return Acquired.KEPT;
    }
    // One that is free remembers since when it has seen another's; one that was held is over.
    if (held == null || held.token() != 0) {
      held =
          leases.lease(
              file.store(), Layout.LOCK, Layout.file(file.number()), "Database " + file.name());
      lease = held;
    }
    return held.tryAcquire() ? Acquired.NEW : Acquired.NO;
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
    usedNanos = file.options().leases().nanoTime().getAsLong();
  }

  /** Whether it is here, and nobody has written for so long. */
  boolean isIdle(long nanos) {
    Lease held = lease;
    return held != null
        && held.isHeld()
        && file.options().leases().nanoTime().getAsLong() - usedNanos >= nanos;
  }

  /** Gives it back. The caller has reserved the file. */
  void release() {
    Lease held = lease;
    if (held != null) {
      held.close();
    }
  }
}
