package io.divan.operations;

import io.divan.storage.Capability;
import io.divan.storage.ForwardingStore;
import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** An adapter whose stores offer no capability. */
record IncapableAdapter(StorageAdapter adapter) implements StorageAdapter {

  private static final class Incapable extends ForwardingStore {
    Incapable(Store store) {
      super(store);
    }

    @Override
    public <C extends Capability> Optional<C> capability(Class<C> type) {
      return Optional.empty();
    }
  }

  @Override
  public List<String> list(NameRange range) {
    return adapter.list(range);
  }

  @Override
  public Store create(String name, Consumer<WriteTransaction> initialWork) {
    return new Incapable(adapter.create(name, initialWork));
  }

  @Override
  public Store open(String name) {
    return new Incapable(adapter.open(name));
  }

  @Override
  public void delete(String name) {
    adapter.delete(name);
  }

  @Override
  public Store system() {
    return new Incapable(adapter.system());
  }

  @Override
  public void checkHealth() {
    adapter.checkHealth();
  }

  @Override
  public void close() {
    adapter.close();
  }
}
