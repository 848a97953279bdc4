package io.divan.storage.fdb;

import io.divan.storage.Capability;
import io.divan.storage.ForwardingStore;
import io.divan.storage.NameRange;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An adapter that can be paused, as if its process were stopped: while it is paused, no transaction
 * begins, and running ones wait before they commit.
 */
final class PausedAdapter implements StorageAdapter {
  private final StorageAdapter adapter;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition goesOn = lock.newCondition();
  private boolean paused;

  PausedAdapter(StorageAdapter adapter) {
    this.adapter = adapter;
  }

  void pause() {
    set(true);
  }

  void goOn() {
    set(false);
  }

  private void set(boolean value) {
    lock.lock();
    try {
      paused = value;
      goesOn.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void pass() {
    lock.lock();
    try {
      while (paused) {
        goesOn.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<String> list(NameRange range) {
    pass();
    return adapter.list(range);
  }

  @Override
  public Store create(String name, Consumer<WriteTransaction> initialWork) {
    pass();
    return new Paused(adapter.create(name, initialWork));
  }

  @Override
  public Store open(String name) {
    pass();
    return new Paused(adapter.open(name));
  }

  @Override
  public <C extends Capability> Optional<C> capability(Class<C> type) {
    return type == Capability.UnverifiedHandles.class
        ? adapter
            .capability(Capability.UnverifiedHandles.class)
            .map(handles -> type.cast(paused(handles)))
        : adapter.capability(type);
  }

  private Capability.UnverifiedHandles paused(Capability.UnverifiedHandles handles) {
    return name -> handles.openUnverified(name).map(Paused::new);
  }

  @Override
  public void delete(String name) {
    pass();
    adapter.delete(name);
  }

  @Override
  public Store system() {
    return new Paused(adapter.system());
  }

  @Override
  public void checkHealth() {
    adapter.checkHealth();
  }

  @Override
  public void close() {
    adapter.close();
  }

  private final class Paused extends ForwardingStore {
    Paused(Store store) {
      super(store);
    }

    @Override
    public <T> T read(Function<ReadTransaction, T> work) {
      pass();
      return store.read(work);
    }

    @Override
    public <T> Written<T> write(Function<WriteTransaction, T> work) {
      pass();
      return store.write(
          transaction -> {
            T result = work.apply(transaction);
            pass();
            return result;
          });
    }

    private Store inner() {
      return store;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Paused paused && store.equals(paused.inner());
    }

    @Override
    public int hashCode() {
      return store.hashCode();
    }
  }
}
