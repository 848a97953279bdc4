package io.divan.security;

import io.divan.document.CommitListener;
import io.divan.document.Principal;
import io.divan.storage.Store;
import java.util.List;

/**
 * Notes that user documents may have changed, here or on another instance, and writes changes made
 * here to the audit log. Safe for use by many threads.
 */
final class UserChanges implements CommitListener.Factory {

  /** The database of the users. */
  static final String USERS = "_users";

  private final Audit audit;
  private volatile boolean pending = true;

  UserChanges(Audit audit) {
    this.audit = audit;
  }

  @Override
  public CommitListener listenerOf(Store store) {
    return store.name().equals(USERS) ? this::committed : commit -> {};
  }

  private void committed(CommitListener.Commit commit) {
    note();
    List<String> ids = commit.ids().get();
    if (!commit.principal().equals(Principal.SERVER_ADMIN)) {
      audit.usersChanged(commit.principal(), ids);
    }
  }

  /** Notes that there may be changes. */
  void note() {
    pending = true;
  }

  /** Whether there may be changes that {@link #take} has not been called for. */
  boolean pending() {
    return pending;
  }

  /** Forgets what was noted; call before reading the changes. */
  void take() {
    pending = false;
  }
}
