package io.divan.document;

import io.divan.document.revision.Revision;
import io.divan.storage.Capability;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What one principal may do with one database. Each check looks at the configuration version of its
 * transaction, so it knows the latest security object, and reads that only after a change. Safe for
 * use by many threads.
 */
final class Guard {
  private final Principal principal;
  private final AccessPolicy policy;
  private final String database;
  private final DatabaseSettings.Cache cache;

  Guard(
      Principal principal, AccessPolicy policy, String database, DatabaseSettings.Cache cache) {
    this.principal = principal;
    this.policy = policy;
    this.database = database;
    this.cache = cache;
  }

  Principal principal() {
    return principal;
  }

  /** Checks that the principal may do something; the transaction has not written yet. */
  void check(ReadTransaction transaction, Action action) {
    if (concerns(action)) {
      check(DatabaseSettings.in(transaction, cache), transaction, action);
    }
  }

  /** Server administrators may do everything but change a locked security object. */
  private boolean concerns(Action action) {
    return !principal.isServerAdmin() || action == Action.SET_SECURITY;
  }

  /** Checks against settings that the caller has at hand. */
  void check(DatabaseSettings.Cached settings, ReadTransaction transaction, Action action) {
    if (concerns(action)) {
      SecurityObject security = settings.derived(transaction, DatabaseSettings.SECURITY);
      policy.check(principal, action, database, security);
    }
  }

  /** The check that edits of design documents are permitted. */
  EditCheck designDocuments(DatabaseSettings.Cached settings, ReadTransaction transaction) {
    if (principal.isServerAdmin()) {
      return EditCheck.NONE;
    }
    return new EditCheck() {
      @Override
      public boolean needsOld(String id) {
        return false;
      }

      @Override
      public void check(
          DocumentInput edit,
          Optional<Revision> base,
          Supplier<Optional<DocumentVersion>> old) {
        if (DocumentIds.isDesign(edit.requireId())) {
          Guard.this.check(settings, transaction, Action.EDIT_DESIGN);
        }
      }
    };
  }

  /** Whether the last known security object allows an action. False where none is known. */
  boolean probablyAllows(Action action) {
    Optional<SecurityObject> security =
        cache.latest().flatMap(settings -> settings.known(DatabaseSettings.SECURITY));
    if (security.isEmpty()) {
      return false;
    }
    try {
      policy.check(principal, action, database, security.get());
      return true;
    } catch (DocumentException e) {
      return false;
    }
  }

  /** A view of a store whose every transaction first checks that the principal may use it. */
  Store over(Store store) {
    return principal.isServerAdmin() ? store : new GuardedStore(store);
  }

  private final class GuardedStore implements Store {
    private final Store store;

    GuardedStore(Store store) {
      this.store = store;
    }

    @Override
    public String name() {
      return store.name();
    }

    @Override
    public <T> T read(Function<ReadTransaction, T> work) {
      return store.read(
          transaction -> {
            check(transaction, Action.USE);
            return work.apply(transaction);
          });
    }

    @Override
    public <T> Written<T> write(Function<WriteTransaction, T> work) {
      return store.write(
          transaction -> {
            check(transaction, Action.USE);
            return work.apply(transaction);
          });
    }

    @Override
    public long sizeBytes() {
      return store.sizeBytes();
    }

    @Override
    public <C extends Capability> Optional<C> capability(Class<C> type) {
      return type == Capability.UnsyncedWrites.class
          ? store.capability(Capability.UnsyncedWrites.class).map(of -> type.cast(guarded(of)))
          : store.capability(type);
    }

    private Capability.UnsyncedWrites guarded(Capability.UnsyncedWrites unsynced) {
      return new Capability.UnsyncedWrites() {
        @Override
        public <T> Written<T> writeUnsynced(Function<WriteTransaction, T> work) {
          return unsynced.writeUnsynced(
              transaction -> {
                check(transaction, Action.USE);
                return work.apply(transaction);
              });
        }
      };
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof GuardedStore guarded && store.equals(guarded.store);
    }

    @Override
    public int hashCode() {
      return store.hashCode();
    }
  }
}
