package io.divan.storage;

import java.util.Optional;
import java.util.function.Function;

/** A store that does what another one does, for those that do some of it otherwise. */
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
  public Snapshot openSnapshot() {
    return store.openSnapshot();
  }

  @Override
  public Optional<Range> clear(Range range) {
    return store.clear(range);
  }

  @Override
  public long sizeBytes() {
    return store.sizeBytes();
  }

  @Override
  public long estimatedBytes(Range range) {
    return store.estimatedBytes(range);
  }
}
