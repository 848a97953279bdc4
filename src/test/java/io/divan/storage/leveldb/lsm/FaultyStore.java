package io.divan.storage.leveldb.lsm;

import io.divan.storage.ForwardingStore;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

/** A store that counts transactions, and fails from some write on or for some reads. */
final class FaultyStore extends ForwardingStore {

  /** The outcome of the first write that fails. */
  enum Last {
    LOST,
    COMMITTED
  }

  final AtomicInteger reads = new AtomicInteger();
  final AtomicInteger writes = new AtomicInteger();

  /** Supplies the error of the next read, or null. */
  volatile Supplier<StorageException> readFault = () -> null;

  private volatile int writesLeft = Integer.MAX_VALUE;
  private volatile Last last = Last.LOST;
  private volatile Supplier<StorageException> fault =
      () -> new StorageException.StoreUnavailable("The store is gone");
  private volatile boolean stopped;

  FaultyStore(Store store) {
    super(store);
  }

  /** Lets {@code more} writes succeed; then all calls fail. */
  void stopAfter(int more, Last what) {
    writesLeft = more;
    last = what;
  }

  /** Lets {@code more} writes succeed; then all writes fail with {@code error}. */
  void failAfter(int more, Supplier<StorageException> error) {
    fault = error;
    writesLeft = more;
  }

  boolean isStopped() {
    return stopped;
  }

  int writes() {
    return writes.get();
  }

  int reads() {
    return reads.get();
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    if (stopped) {
      throw fault.get();
    }
    StorageException error = readFault.get();
    if (error != null) {
      throw error;
    }
    reads.incrementAndGet();
    return store.read(work);
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    if (stopped) {
      throw fault.get();
    }
    boolean fails;
    synchronized (this) {
      fails = writesLeft == 0;
      writesLeft = Math.max(0, writesLeft - 1);
    }
    if (fails) {
      if (last == Last.COMMITTED && !stopped) {
        stopped = true;
        store.write(work);
      }
      stopped = true;
      throw fault.get();
    }
    writes.incrementAndGet();
    return store.write(work);
  }
}
