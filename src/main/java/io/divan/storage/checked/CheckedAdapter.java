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
 * Any adapter with the rules that are the same for all checked around it, once: {@link Limits}, and
 * that transactions are used as {@link ReadTransaction} and {@link WriteTransaction} say. What it
 * refuses never reaches the adapter, so nothing works on one backend and fails on another.
 *
 * <ul>
 *   <li>Keys, values and transactions that are too large throw {@link
 *       StorageException.LimitExceeded}. A bound of a range may have one byte more than a key, so
 *       that a scan can go on after the longest. A transaction counts what it writes and what it
 *       reads with conflicts: a point read as the range of its key alone.
 *   <li>{@link IllegalStateException} is thrown where a transaction is used after its work has
 *       returned or by another thread; where work starts another transaction of the same adapter,
 *       on which a backend with one writer would wait for itself; where more than {@link
 *       WriteTransaction#STAMPS_MAX} stamps are allocated, or one is used that was not allocated
 *       there; and where a row is read, scanned over, watched or added to after it was stamped in
 *       the same transaction. The rows that {@code putStampedKey} makes unreadable are all whose
 *       keys begin with its prefix. They stay so to the end of the transaction, whatever else is
 *       written there. The config version is one of them once it was bumped.
 *   <li>A database cannot be created by a name that is too long, and so is never found by it.
 * </ul>
 *
 * <p>Safe for use by many threads. Closing it closes the adapter.
 */
public final class CheckedAdapter implements StorageAdapter {

  private final StorageAdapter adapter;
  private final CheckedWork work = new CheckedWork();

  /** Checks all use of {@code adapter}. */
  public CheckedAdapter(StorageAdapter adapter) {
    this.adapter = adapter;
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

  @Override
  public void checkHealth() {
    adapter.checkHealth();
  }

  /** Returns the capabilities known here, with their rules; others could circumvent the checks. */
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
        type == Capability.Status.class || type == Capability.SharedStorage.class;
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
