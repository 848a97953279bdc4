package io.divan.storage.sqlite.pages;

import io.divan.storage.StorageException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The files that one SQLite connection writes in a transaction, which are committed together. Not
 * thread-safe.
 *
 * <p>SQLite syncs each file of a transaction, then reports to each that all are synced. A single
 * file is committed by its sync, so SQLite rolls back if that fails. Several files are committed in
 * one transaction of the base, when the first of them gets that report.
 */
final class FileGroup {
  private final Set<FileHandle> writing = new LinkedHashSet<>();
  private final Consumer<Throwable> broken;

  /**
   * Creates the group of a connection.
   *
   * @param broken called when a commit fails
   */
  FileGroup(Consumer<Throwable> broken) {
    this.broken = broken;
  }

  /** Makes all further calls on the files fail. */
  void fail(List<FileHandle> handles, RuntimeException why) {
    handles.forEach(handle -> handle.fail(why));
    broken.accept(why);
  }

  void join(FileHandle handle) {
    writing.add(handle);
  }

  void leave(FileHandle handle) {
    writing.remove(handle);
  }

  /** Called when a file is synced. */
  void synced(FileHandle handle) {
    if (writing.size() == 1) {
      commit();
    }
  }

  /** Called when all files are synced. */
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
    List<FileHeader> headers;
    try {
      headers = PageCommit.commit(changes);
    } catch (StorageException.StoreFull e) {
      // Nothing was written. SQLite rolls back a single file, whose connection remains usable.
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
