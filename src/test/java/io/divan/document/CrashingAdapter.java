package io.divan.document;

import io.divan.storage.ForwardingStore;
import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * An adapter of a process that dies after a number of changes: later changes fail and do nothing.
 * It offers no capabilities.
 */
final class CrashingAdapter implements StorageAdapter {
  private final StorageAdapter adapter;
  private int changesLeft;

  CrashingAdapter(StorageAdapter adapter, int changes) {
    this.adapter = adapter;
    this.changesLeft = changes;
  }

  private <T> T change(Supplier<T> change) {
    if (changesLeft == 0) {
      throw new StorageException.StoreUnavailable("The process has crashed");
    }
    changesLeft--;
    return change.get();
  }

  /** Whether the process has survived. */
  boolean isAlive() {
    return changesLeft > 0;
  }

  @Override
  public List<String> list(NameRange range) {
    return adapter.list(range);
  }

  @Override
  public Store create(String name, Consumer<WriteTransaction> initialWork) {
    return change(() -> adapter.create(name, initialWork));
  }

  @Override
  public Store open(String name) {
    return adapter.open(name);
  }

  @Override
  public void delete(String name) {
    change(
        () -> {
          adapter.delete(name);
          return name;
        });
  }

  @Override
  public Store system() {
    return new ForwardingStore(adapter.system()) {
      @Override
      public <T> Written<T> write(Function<WriteTransaction, T> work) {
        return change(() -> super.store.write(work));
      }
    };
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
