package io.divan.document;

import io.divan.storage.Capability;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A store whose handle may belong to a former incarnation. If the first transaction finds the
 * incarnation gone, nothing has been done yet, and the store is opened again by its name. After
 * that the handle stays with the incarnation it has found. For one thread.
 */
final class RevalidatedStore implements Store {
  private final Supplier<Store> reopen;
  private Store store;
  private boolean found;

  RevalidatedStore(Store store, Supplier<Store> reopen) {
    this.store = store;
    this.reopen = reopen;
  }

  private <T> T use(Function<Store, T> use) {
    if (!found) {
      try {
        T result = use.apply(store);
        found = true;
        return result;
      } catch (StorageException.DatabaseNotFound e) {
        store = reopen.get();
        found = true;
      }
    }
    return use.apply(store);
  }

  @Override
  public String name() {
    return store.name();
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    return use(of -> of.read(work));
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    return use(of -> of.write(work));
  }

  @Override
  public long sizeBytes() {
    return use(Store::sizeBytes);
  }

  /** Finds the incarnation first: a capability belongs to one. */
  @Override
  public <C extends Capability> Optional<C> capability(Class<C> type) {
    return use(
        of -> {
          of.read(transaction -> true);
          return of.capability(type);
        });
  }

  /** Two of these are equal if they are handles of the same incarnation. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RevalidatedStore revalidated && store.equals(revalidated.store);
  }

  @Override
  public int hashCode() {
    return store.hashCode();
  }
}
