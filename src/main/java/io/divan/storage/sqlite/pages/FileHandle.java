package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.StoreLayout.PAGE_BYTES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file opened by a SQLite connection, with SQLite's lock levels. Not thread-safe.
 *
 * <ol>
 *   <li>SHARED opens a view of the newest version, which lasts until the lock is released. Readers
 *       see one version, and neither block writers nor wait for them.
 *   <li>RESERVED is exclusive to one handle, within the process and, by the lease, across
 *       processes. It requires a view of the newest version. PENDING and EXCLUSIVE follow without
 *       waiting, because readers have views.
 *   <li>Writes are buffered until SQLite syncs, which commits them. Releasing RESERVED discards
 *       uncommitted changes.
 *   <li>After a failed commit every call fails, because SQLite's cache may differ from the file.
 * </ol>
 */
final class FileHandle implements VfsFile {
  private final DatabaseFile file;
  private final FileGroup group;
  private Lock lock = Lock.NONE;
  private @Nullable PageView view;
  private @Nullable PageChanges changes;
  private boolean prepared;
  private @Nullable RuntimeException failure;

  FileHandle(DatabaseFile file, FileGroup group) {
    this.file = file;
    this.group = group;
  }

  DatabaseFile file() {
    return file;
  }

  /** The failure that made this handle unusable, or null. */
  @Nullable
  RuntimeException failure() {
    return failure;
  }

  /** Makes all further calls fail. */
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
    // SQLite reads a file's header before it takes a lock.
    try (PageView now = PageView.open(file)) {
      return read(now, offset, target);
    }
  }

  private boolean read(PageView from, long offset, MemorySegment target) {
    PageChanges own = changes;
    long end = offset + target.byteSize();
    long size = own != null ? own.size() : from.size();
    for (long at = offset; at < end;) {
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
      // If several files commit together, they may be truncated after the sync that prepares it.
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
    group.synced(this);
  }

  /**
   * Whether this sync ends a rollback instead of a commit. After a rollback SQLite also syncs, if
   * it had written pages before and has restored them. Only a commit changes the counter in the
   * first page. A rollback may leave pages that SQLite does not use.
   */
  private boolean isRolledBack(PageChanges made) {
    return made.size() == view().size()
        && FirstPage.sameCounter(made.page(0), view().page(0));
  }

  /**
   * Truncates the pages that SQLite no longer uses. SQLite does so itself, but only after the sync,
   * when the commit has been made.
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

  /** The changes that are synced and wait for the connection's other files, or null. */
  @Nullable
  PageChanges prepared() {
    return prepared ? changes : null;
  }

  /** The changes have become the newest version. */
  void committed(FileHeader header) {
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
      group.join(this);
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
      FileHeader now = file.store().read(transaction -> FileHeader.read(transaction, file));
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
      group.leave(this);
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
