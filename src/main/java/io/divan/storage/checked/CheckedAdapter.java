package io.divan.storage.checked;

import io.divan.storage.Capability;
import io.divan.storage.DatabaseNames;
import io.divan.storage.Limits;
import io.divan.storage.NameRange;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Decorates any adapter with the rules that all backends share: the {@link Limits}, and the correct
 * use of a {@link ReadTransaction} and a {@link WriteTransaction}. A rejected call never reaches
 * the adapter, so a program that works on one backend does not fail on another.
 *
 * <ul>
 *   <li>A key, value or transaction that is too large throws {@link
 *       StorageException.LimitExceeded}. A bound of a range may be one byte longer than a key, so
 *       that a scan can continue after the longest key. The size of a transaction counts its writes
 *       and its reads with conflicts; a point read counts as the range of its key.
 *   <li>Misuse of a transaction throws {@link IllegalStateException}:
 *       <ul>
 *         <li>use after its work has returned, or by another thread;
 *         <li>starting another transaction of the same adapter from its work, because a backend
 *             with one writer would wait for itself;
 *         <li>allocating more than {@link WriteTransaction#STAMPS_MAX} stamps, or using a stamp of
 *             another transaction;
 *         <li>reading, scanning, watching or adding to a row that the transaction has stamped.
 *             {@code putStampedKey} makes all rows unreadable whose keys begin with its prefix.
 *             They stay unreadable until the end of the transaction, even if they are overwritten.
 *             A bumped config version is unreadable too.
 *       </ul>
 *   <li>A name that is too long is rejected by {@code create}, and not found by {@code open}.
 * </ul>
 *
 * <p>Safe for use by many threads. Closing it closes the adapter.
 */
public final class CheckedAdapter implements StorageAdapter {

  private final StorageAdapter adapter;
  private final CheckedWork work = new CheckedWork();
  private final HealthCheck health;

  /** Decorates an adapter. */
  public CheckedAdapter(StorageAdapter adapter) {
    this.adapter = adapter;
    this.health = new HealthCheck(adapter::checkHealth, HealthCheck.TIMEOUT);
  }

  @Override
  public List<String> list(NameRange range) {
    return adapter.list(range);
  }

  @Override
  public Store create(String name, Consumer<WriteTransaction> initialWork) {
    work.refuseNesting();
    DatabaseNames.encode(name);
    return new CheckedStore(adapter.create(name, checkedWork(initialWork)), work);
  }

  private Consumer<WriteTransaction> checkedWork(Consumer<WriteTransaction> function) {
    return transaction -> work.write(
        transaction,
        checked -> {
          function.accept(checked);
          return true;
        });
  }

  @Override
  public Store open(String name) {
    requirePossible(name);
    return new CheckedStore(adapter.open(name), work);
  }

  @Override
  public void delete(String name) {
    work.refuseNesting();
    requirePossible(name);
    adapter.delete(name);
  }

  private static void requirePossible(String name) {
    if (!DatabaseNames.isPossible(name)) {
      throw new StorageException.DatabaseNotFound(name);
    }
  }

  @Override
  public Store system() {
    return new CheckedStore(adapter.system(), work);
  }

  /** Takes a few seconds at most, even if the storage hangs. Concurrent calls share one check. */
  @Override
  public void checkHealth() {
    health.run();
  }

  /** Returns the capabilities known here, checked. An unknown one could bypass the checks. */
  @Override
  public <C extends Capability> Optional<C> capability(Class<C> type) {
    if (type == Capability.UnverifiedHandles.class) {
      return adapter
          .capability(Capability.UnverifiedHandles.class)
          .map(handles -> type.cast(checked(handles)));
    }
    if (type == Capability.SystemRows.class) {
      return adapter
          .capability(Capability.SystemRows.class)
          .map(rows -> type.cast(new CheckedSystemRows(rows)));
    }
    boolean safe =
        type == Capability.Status.class
            || type == Capability.SharedStorage.class
            || type == Capability.LocalFiles.class
            || type == Capability.Measured.class;
    return safe ? adapter.capability(type) : Optional.empty();
  }

  private Capability.UnverifiedHandles checked(Capability.UnverifiedHandles handles) {
    return name -> handles.openUnverified(name).map(store -> new CheckedStore(store, work));
  }

  private final class CheckedSystemRows implements Capability.SystemRows {
    private final Capability.SystemRows rows;

    CheckedSystemRows(Capability.SystemRows rows) {
      this.rows = rows;
    }

    @Override
    public Store create(
        String name,
        Consumer<WriteTransaction> initialWork,
        Consumer<WriteTransaction> systemWork) {
      work.refuseNesting();
      DatabaseNames.encode(name);
      return new CheckedStore(
          rows.create(name, checkedWork(initialWork), checkedWork(systemWork)), work);
    }

    @Override
    public void delete(String name, Consumer<WriteTransaction> systemWork) {
      work.refuseNesting();
      requirePossible(name);
      rows.delete(name, checkedWork(systemWork));
    }
  }

  @Override
  public void close() {
    adapter.close();
  }
}
