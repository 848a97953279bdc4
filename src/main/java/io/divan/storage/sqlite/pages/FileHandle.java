package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.Layout.PAGE_BYTES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a connection of SQLite has open of a file, with SQLite's ladder of locks. For one thread at
 * a time.
 *
 * <ol>
 *   <li>SHARED takes a view of the newest version, which lasts until the lock is given up: readers
 *       see one version, and neither wait for writers nor keep them waiting.
 *   <li>RESERVED is for one handle, in the process and, by the lease, beyond it; and only where the
 *       view is of the newest version. PENDING and EXCLUSIVE follow it without waiting for anybody,
 *       since readers have views.
 *   <li>What is written is kept until SQLite syncs, which commits it. Changes that were not
 *       committed when RESERVED is given up are no more.
 *   <li>After a commit that failed every call fails: what SQLite holds in memory may not be what
 *       the file holds.
 * </ol>
 */
final class FileHandle implements VfsFile {
  private final PageFile file;
  private final FileGroup group;
  private Lock lock = Lock.NONE;
  private @Nullable PageView view;
  private @Nullable PageChanges changes;
  private boolean prepared;
  private @Nullable RuntimeException failure;

  /** Opens a file for a connection. */
  FileHandle(PageFile file, FileGroup group) {
    this.file = file;
    this.group = group;
  }

  PageFile file() {
    return file;
  }

  /** What made this handle unusable, or null. */
  @Nullable RuntimeException failure() {
    return failure;
  }

  /** Makes every call from now on fail. */
  void fail(RuntimeException why) {
    if (failure == null) {
      failure = why;
    }
  }

  private void checkUsable() {
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public long size() {
    checkUsable();
    if (changes != null) {
      return changes.size();
    }
    if (view != null) {
      return view.size();
    }
    try (PageView now = PageView.open(file)) {
      return now.size();
    }
  }

  @Override
  public boolean read(long offset, MemorySegment target) {
    checkUsable();
    if (view != null) {
      return read(view, offset, target);
    }
    // SQLite looks at a file's header before it takes a lock.
    try (PageView now = PageView.open(file)) {
      return read(now, offset, target);
    }
  }

  private boolean read(PageView from, long offset, MemorySegment target) {
    PageChanges own = changes;
    long end = offset + target.byteSize();
    long size = own != null ? own.size() : from.size();
    for (long at = offset; at < end; ) {
      int start = (int) (at % PAGE_BYTES);
      int length = (int) Math.min(PAGE_BYTES - start, end - at);
      if (at >= size) {
        target.asSlice(at - offset).fill((byte) 0);
        break;
      }
      int number = (int) (at / PAGE_BYTES);
      byte[] page = own != null ? own.page(number) : from.page(number);
      MemorySegment.copy(page, start, target, ValueLayout.JAVA_BYTE, at - offset, length);
      at += length;
    }
    return end <= size;
  }

  @Override
  public void write(long offset, MemorySegment source) {
    checkUsable();
    PageChanges own = writable();
    own.write(offset, source);
    if (own.memoryBytes() > file.options().bufferBytes()) {
      run(() -> PageCommit.stage(own));
    }
  }

  @Override
  public void truncate(long size) {
    checkUsable();
    if (size != size()) {
      // Where several files commit together they may be cut off behind the sync that prepares it.
      boolean still = prepared;
      writable().truncate(size);
      prepared = still;
    }
  }

  private PageChanges writable() {
    if (lock.compareTo(Lock.RESERVED) < 0 || view == null) {
      throw new IllegalStateException(file.name() + " is written without a lock");
    }
    prepared = false;
    if (changes == null) {
      changes = new PageChanges(file, view);
    }
    return changes;
  }

  @Override
  public void sync() {
    checkUsable();
    if (changes == null) {
      return;
    }
    if (changes.isEmpty() || isRolledBack(changes)) {
      boolean staged = changes.isStaged();
      changes = null;
      if (staged) {
        run(() -> PageCommit.cleanUp(file));
      }
      return;
    }
    cutUnusedOff(changes);
    prepared = true;
    group.prepared(this);
  }

  /**
   * Whether SQLite has not committed, but rolled back: it syncs then, too, where it had written
   * pages before and has written them back. A commit has another change counter in the first page.
   * What remains of a rollback are pages that SQLite does not use.
   */
  private boolean isRolledBack(PageChanges made) {
    return made.size() == view().size()
        && FirstPage.sameCounter(made.page(0), view().page(0));
  }

  /**
   * Cuts off what SQLite uses no more. It does so itself, but only behind the sync: once the commit
   * was made.
   */
  private static void cutUnusedOff(PageChanges made) {
    FirstPage.databaseBytes(made.page(0))
        .ifPresent(
            used -> {
              if (used < made.size()) {
                made.truncate(used);
              }
            });
  }

  private PageView view() {
    if (view == null) {
      throw new IllegalStateException(file.name() + " is used without a lock");
    }
    return view;
  }

  @Override
  public void commit() {
    checkUsable();
    group.commit();
  }

  /** The changes that wait for the connection's other files, or null. */
  @Nullable PageChanges prepared() {
    return prepared ? changes : null;
  }

  /** The changes are the newest version now. */
  void committed(Header header) {
    PageView before = view();
    changes = null;
    prepared = false;
    view = PageView.committed(file, header);
    before.close();
  }

  @Override
  public Locked lock(Lock wanted) {
    checkUsable();
    if (wanted.compareTo(lock) <= 0) {
      return Locked.YES;
    }
    if (lock == Lock.NONE) {
      view = PageView.open(file);
      lock = Lock.SHARED;
    }
    if (wanted.compareTo(Lock.RESERVED) >= 0 && lock == Lock.SHARED) {
      Locked reserved = reserve();
      if (reserved != Locked.YES) {
        return reserved;
      }
    }
    lock = wanted;
    return Locked.YES;
  }

  private Locked reserve() {
    if (!file.reserve(this)) {
      return Locked.BUSY;
    }
    Locked result = Locked.BUSY;
    try {
      result = reserved();
    } finally {
      if (result != Locked.YES) {
        file.unreserve(this);
      }
    }
    if (result == Locked.YES) {
      group.writes(this);
    }
    return result;
  }

  private Locked reserved() {
    WriterLease.Acquired acquired = file.lease().acquire();
    if (acquired == WriterLease.Acquired.NO) {
      return Locked.BUSY;
    }
    boolean staged = file.isStagedHere();
    if (acquired == WriterLease.Acquired.NEW) {
      Header now = file.store().read(transaction -> Header.read(transaction, file));
      if (now.version() != view().version()) {
        return Locked.STALE;
      }
      staged = now.staged() != 0;
    }
    if (file.known().version() != view().version()) {
      return Locked.STALE;
    }
    if (staged) {
      PageCommit.cleanUp(file);
    }
    return Locked.YES;
  }

  @Override
  public boolean isReserved() {
    checkUsable();
    return file.isReserved();
  }

  @Override
  public void unlock(Lock kept) {
    if (lock.compareTo(Lock.RESERVED) >= 0 && kept.compareTo(Lock.RESERVED) < 0) {
      changes = null;
      prepared = false;
      group.writesNoMore(this);
      file.unreserve(this);
    }
    if (kept == Lock.NONE && view != null) {
      PageView open = view;
      view = null;
      open.close();
    }
    if (kept.compareTo(lock) < 0) {
      lock = kept;
    }
  }

  private void run(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      group.fail(List.of(this), e);
      throw e;
    }
  }

  @Override
  public void close() {
    unlock(Lock.NONE);
  }
}
