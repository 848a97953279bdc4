package io.divan.storage;

import java.util.Optional;
import java.util.function.Function;

/** A store that forwards every call to another one. Subclasses override some. */
public abstract class ForwardingStore implements Store {
  protected final Store store;

  protected ForwardingStore(Store store) {
    this.store = store;
  }

  @Override
  public String name() {
    return store.name();
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    return store.read(work);
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    return store.write(work);
  }

  @Override
  public long sizeBytes() {
    return store.sizeBytes();
  }

  @Override
  public <C extends Capability> Optional<C> capability(Class<C> type) {
    return store.capability(type);
  }
}
