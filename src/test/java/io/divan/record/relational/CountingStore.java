package io.divan.record.relational;

import io.divan.storage.ForwardingStore;
import io.divan.storage.Page;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** A store that counts the rows which read transactions scan, and their scans. */
final class CountingStore extends ForwardingStore {
  private final AtomicLong rows = new AtomicLong();
  private final AtomicLong scans = new AtomicLong();

  CountingStore(Store store) {
    super(store);
  }

  /** Returns the number of rows since the last call. */
  long takeRows() {
    return rows.getAndSet(0);
  }

  /** Returns the number of scans since the last call. */
  long takeScans() {
    return scans.getAndSet(0);
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    return store.read(transaction -> work.apply(counting(transaction)));
  }

  private ReadTransaction counting(ReadTransaction transaction) {
    return (ReadTransaction) Proxy.newProxyInstance(
        ReadTransaction.class.getClassLoader(),
        new Class<?>[] {ReadTransaction.class},
        (proxy, method, arguments) -> {
          try {
            Object result = method.invoke(transaction, arguments);
            count(result);
            return result;
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private void count(Object result) {
    if (result instanceof Page page) {
      scans.incrementAndGet();
      rows.addAndGet(page.rows().size());
    } else if (result instanceof List<?> pages) {
      scans.incrementAndGet();
      pages.forEach(
          each -> rows.addAndGet(each instanceof Page page ? page.rows().size() : 1));
    }
  }
}
