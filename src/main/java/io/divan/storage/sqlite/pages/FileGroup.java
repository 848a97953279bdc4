package io.divan.storage.sqlite.pages;

import io.divan.storage.StorageException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The files that one connection of SQLite writes, which commit together. For one thread at a time.
 *
 * <p>SQLite syncs each file of a transaction, and when all are synced tells each that the commit is
 * done. A file that is alone is committed with the sync: where that fails, SQLite rolls back.
 * Several are committed together when the first is told, in one transaction of the base.
 */
final class FileGroup {
  private final Set<FileHandle> writing = new LinkedHashSet<>();
  private final Consumer<Throwable> broken;

  /**
   * Makes the group of a connection.
   *
   * @param broken is told when a commit has failed
   */
  FileGroup(Consumer<Throwable> broken) {
    this.broken = broken;
  }

  /** Makes the files fail from now on. */
  void fail(List<FileHandle> handles, RuntimeException why) {
    handles.forEach(handle -> handle.fail(why));
    broken.accept(why);
  }

  void writes(FileHandle handle) {
    writing.add(handle);
  }

  void writesNoMore(FileHandle handle) {
    writing.remove(handle);
  }

  /** A file is synced. */
  void prepared(FileHandle handle) {
    if (writing.size() == 1) {
      commit();
    }
  }

  /** All files are synced. */
  void commit() {
    List<FileHandle> handles = new ArrayList<>();
    List<PageChanges> changes = new ArrayList<>();
    for (FileHandle handle : writing) {
      PageChanges prepared = handle.prepared();
      if (prepared != null) {
        handles.add(handle);
        changes.add(prepared);
      }
    }
    if (handles.isEmpty()) {
      return;
    }
    List<Header> headers;
    try {
      headers = PageCommit.commit(changes);
    } catch (StorageException.StoreFull e) {
      // Nothing was written. One file alone is rolled back by SQLite, and goes on.
      if (handles.size() > 1) {
        fail(handles, e);
      }
      throw e;
    } catch (RuntimeException e) {
      fail(handles, e);
      throw e;
    }
    for (int i = 0; i < handles.size(); i++) {
      handles.get(i).committed(headers.get(i));
    }
  }
}
