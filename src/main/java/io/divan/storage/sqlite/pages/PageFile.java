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
 * A file of pages, as all its handles in this process share it. Safe for use by many threads.
 *
 * <ol>
 *   <li>At most one handle has the file reserved; it alone makes the next version.
 *   <li>{@link #known()} is the newest version anybody here has seen.
 * </ol>
 */
final class PageFile {

  /** The pages that a commit under way changes. */
  private record Committing(long version, int[] pages) {}

  private final String name;
  private final int number;
  private final Shared shared;
  private final int cached;
  private final PageCache.Known known = new PageCache.Known();
  private final History history;
  private final WriterLease lease;
  private final AtomicReference<@Nullable FileHandle> reserved = new AtomicReference<>();
  private volatile @Nullable Committing committing;
  private volatile boolean stagedHere;

  /** Whether the lease will soon be given back, if it is idle. */
  private final AtomicBoolean releasing = new AtomicBoolean();

  /** What the files of a store share. */
  record Shared(
      Store store,
      Capability.Snapshots snapshots,
      PageCache cache,
      PageOptions options,
      Leases leases,
      Optional<Timer> turns) {}

  /** Does something a little later, where writers of several processes take turns. */
  interface Timer {
    void after(Duration delay, Runnable work);
  }

  /** How long a lease that others wait for is kept where nobody here writes. */
  private static final Duration CONTENDED_IDLE = Duration.ofMillis(50);

  PageFile(String name, int number, Shared shared) {
    this.name = name;
    this.number = number;
    this.shared = shared;
    this.cached = shared.cache().newFile();
    this.history =
        new History(shared.options().keepOldPages(), shared.options().leases().nanoTime());
    this.lease = new WriterLease(this, shared.leases(), shared.turns().isPresent());
  }

  String name() {
    return name;
  }

  /** What its rows' keys begin with. */
  int number() {
    return number;
  }

  /** What the cache knows it by. */
  int cached() {
    return cached;
  }

  Store store() {
    return shared.store();
  }

  Capability.Snapshots snapshots() {
    return shared.snapshots();
  }

  PageCache cache() {
    return shared.cache();
  }

  PageOptions options() {
    return shared.options();
  }

  WriterLease lease() {
    return lease;
  }

  PageCache.Known known() {
    return known;
  }

  History history() {
    return history;
  }

  /** Gives the file to one handle; false where another one has it. */
  boolean reserve(FileHandle handle) {
    return reserved.compareAndSet(null, handle);
  }

  /** Gives the lease back where it was not used for so long. */
  void releaseLeaseIfIdle(long nanos) {
    if (!lease.isIdle(nanos)) {
      return;
    }
    FileHandle nobody = new FileHandle(this, new FileGroup(failure -> {}));
    if (reserved.compareAndSet(null, nobody)) {
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
      lease.used();
      reserved.set(null);
    }
    releaseSoon();
  }

  /** Looks after a while, and again as long as others wait, whether the lease is idle. */
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

  /** Whether a commit of many steps has begun here and was not ended. */
  boolean isStagedHere() {
    return stagedHere;
  }

  void stagedHere(boolean staged) {
    stagedHere = staged;
  }

  /** A header was read: what changed since the version known leaves the cache. */
  void learn(ReadTransaction transaction, Header header) {
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

  /** The pages changed since the version known, or null where they are too many to look at. */
  private @Nullable Collection<int[]> changes(ReadTransaction transaction, Header header) {
    Range range = Layout.changes(number, known.version() + 1, header.version());
    Page rows = transaction.scan(range);
    if (rows.stop() != Page.Stop.END) {
      return null;
    }
    Collection<int[]> changes = new ArrayList<>(rows.rows().size());
    for (KeyValue row : rows.rows()) {
      int[] pages = Layout.numbers(row.value());
      for (int i = 0; i < pages.length; i++) {
        pages[i] = OldPages.page(pages[i]);
      }
      changes.add(pages);
    }
    return changes;
  }

  /** A commit begins, whose outcome readers may see before {@link #committed}. */
  void commits(long version, int[] pages) {
    committing = new Committing(version, pages);
  }

  /** The commit is over, whatever became of it. */
  void commitEnded() {
    committing = null;
  }

  /** A handle of this file has made a version of it. */
  void committed(PageChanges changes, Header header) {
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
