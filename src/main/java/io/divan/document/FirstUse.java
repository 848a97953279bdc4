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
 * A store by a handle that may be of a former incarnation. The first transaction finds out: when
 * it finds nothing, nothing has been done yet, so the store is looked for again by its name. From
 * then on it stays with the incarnation it has found.
 */
final class FirstUse implements Store {
  private final Supplier<Store> again;
  private Store store;
  private boolean found;

  FirstUse(Store store, Supplier<Store> again) {
    this.store = store;
    this.again = again;
  }

  private <T> T use(Function<Store, T> use) {
    if (!found) {
      try {
        T result = use.apply(store);
        found = true;
        return result;
      } catch (StorageException.DatabaseNotFound e) {
        store = again.get();
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
}
