package io.divan.storage.sqlite.pages;

import io.divan.storage.Capability;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.lease.Leases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A file of pages, shared by all its handles in this process. Thread-safe.
 *
 * <ol>
 *   <li>At most one handle has reserved the file; only that handle creates the next version.
 *   <li>{@link #known()} is the newest version seen in this process.
 * </ol>
 */
final class DatabaseFile {

  /** The pages that a running commit changes. */
  private record Committing(long version, int[] pages) {}

  private final String name;
  private final int number;
  private final Shared shared;
  private final int cached;
  private final VersionedPageCache.Known known = new VersionedPageCache.Known();
  private final VersionHistory history;
  private final WriterLease lease;
  private final AtomicReference<@Nullable FileHandle> reserved = new AtomicReference<>();
  private volatile @Nullable Committing committing;
  private volatile boolean stagedHere;

  /** Whether a check for releasing an idle lease is scheduled. */
  private final AtomicBoolean releasing = new AtomicBoolean();

  /** State shared by all files of a store. */
  record Shared(
      Store store,
      Capability.Snapshots snapshots,
      VersionedPageCache cache,
      PageOptions options,
      Leases leases,
      Optional<Timer> turns) {}

  /** Schedules work for writers of several processes that take turns. */
  interface Timer {
    void after(Duration delay, Runnable work);
  }

  /** How long a contended lease is kept while this process does not write. */
  private static final Duration CONTENDED_IDLE = Duration.ofMillis(50);

  DatabaseFile(String name, int number, Shared shared) {
    this.name = name;
    this.number = number;
    this.shared = shared;
    this.cached = shared.cache().newFile();
    this.history =
        new VersionHistory(shared.options().keepOldPages(), shared.options().leases().nanoTime());
    this.lease = new WriterLease(this, shared.leases(), shared.turns().isPresent());
  }

  String name() {
    return name;
  }

  /** The number that its rows' keys begin with. */
  int number() {
    return number;
  }

  /** The number of this file in the cache. */
  int cached() {
    return cached;
  }

  Store store() {
    return shared.store();
  }

  Capability.Snapshots snapshots() {
    return shared.snapshots();
  }

  VersionedPageCache cache() {
    return shared.cache();
  }

  PageOptions options() {
    return shared.options();
  }

  WriterLease lease() {
    return lease;
  }

  VersionedPageCache.Known known() {
    return known;
  }

  VersionHistory history() {
    return history;
  }

  /** Reserves the file for a handle. Returns false if another handle has reserved it. */
  boolean reserve(FileHandle handle) {
    return reserved.compareAndSet(null, handle);
  }

  /** Releases the lease if it has not been used for this long. */
  void releaseLeaseIfIdle(long nanos) {
    if (!lease.isIdle(nanos)) {
      return;
    }
    FileHandle placeholder = new FileHandle(this, new FileGroup(failure -> {}));
    if (reserved.compareAndSet(null, placeholder)) {
      try {
        lease.release();
      } finally {
        reserved.set(null);
      }
    }
  }

  boolean isReserved() {
    return reserved.get() != null;
  }

  void unreserve(FileHandle handle) {
    if (reserved.get() != handle) {
      return;
    }
    try {
      if (lease.isTurnOver()) {
        lease.release();
      }
    } finally {
      lease.markUsed();
      reserved.set(null);
    }
    releaseSoon();
  }

  /** Schedules checks for an idle lease, as long as other processes wait. */
  private void releaseSoon() {
    if (lease.isContended() && !releasing.getAndSet(true)) {
      shared.turns().ifPresent(timer -> timer.after(CONTENDED_IDLE, this::releaseContended));
    }
  }

  private void releaseContended() {
    releasing.set(false);
    try {
      releaseLeaseIfIdle(CONTENDED_IDLE.toNanos());
    } finally {
      releaseSoon();
    }
  }

  /** Whether this process has begun a commit of several steps and not finished it. */
  boolean isStagedHere() {
    return stagedHere;
  }

  void stagedHere(boolean staged) {
    stagedHere = staged;
  }

  /**
   * Called for each header read: removes from the cache the pages changed since the known version.
   */
  void learn(ReadTransaction transaction, FileHeader header) {
    long before = known.version();
    long version = header.version();
    if (before >= version) {
      return;
    }
    history.add(version);
    Committing own = committing;
    if (own != null && own.version() == version && before == version - 1) {
      cache().changed(cached, known, before, version, List.of(own.pages()));
      return;
    }
    Collection<int[]> changed = before < header.horizon() ? null : changes(transaction, header);
    if (changed == null) {
      cache().changed(cached, known, version);
    } else {
      cache().changed(cached, known, before, version, changed);
    }
  }

  /** The pages changed since the known version, or null if there are too many. */
  private @Nullable Collection<int[]> changes(ReadTransaction transaction, FileHeader header) {
    Range range = StoreLayout.changes(number, known.version() + 1, header.version());
    Page rows = transaction.scan(range);
    if (rows.stop() != Page.Stop.END) {
      return null;
    }
    Collection<int[]> changes = new ArrayList<>(rows.rows().size());
    for (KeyValue row : rows.rows()) {
      int[] pages = StoreLayout.numbers(row.value());
      for (int i = 0; i < pages.length; i++) {
        pages[i] = OldPages.page(pages[i]);
      }
      changes.add(pages);
    }
    return changes;
  }

  /** Called before a commit, whose result readers may see before {@link #committed} is called. */
  void commitStarted(long version, int[] pages) {
    committing = new Committing(version, pages);
  }

  /** Called after a commit, whatever its outcome. */
  void commitEnded() {
    committing = null;
  }

  /** Called when a handle of this file has committed a version. */
  void committed(PageChanges changes, FileHeader header) {
    stagedHere = false;
    history.add(header.version());
    int[] staged = changes.stagedPages();
    if (staged.length > 0) {
      cache()
          .changed(cached, known, header.version() - 1, header.version(), List.of(staged));
    }
    cache().committed(cached, known, header.version(), changes.pages());
  }
}
