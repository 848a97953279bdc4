package io.divan.storage.checked;

import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Snapshot;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.Optional;
import java.util.function.Function;

/** A store of {@link CheckedAdapter}. */
final class CheckedStore implements Store {

  private final Store store;
  private final CheckedWork work;

  CheckedStore(Store store, CheckedWork work) {
    this.store = store;
    this.work = work;
  }

  @Override
  public String name() {
    return store.name();
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> function) {
    work.refuseNesting();
    return store.read(transaction -> work.read(transaction, function));
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> function) {
    work.refuseNesting();
    return store.write(transaction -> work.write(transaction, function));
  }

  @Override
  public Snapshot openSnapshot() {
    work.refuseNesting();
    return new CheckedSnapshot(store.openSnapshot());
  }

  @Override
  public Optional<Range> clear(Range range) {
    work.refuseNesting();
    CheckedReads.checkBounds(range);
    return store.clear(range);
  }

  @Override
  public boolean shrink() {
    work.refuseNesting();
    return store.shrink();
  }

  @Override
  public long sizeBytes() {
    return store.sizeBytes();
  }

  @Override
  public long estimatedBytes(Range range) {
    CheckedReads.checkBounds(range);
    return store.estimatedBytes(range);
  }

  /** Two handles are equal when they are of the same incarnation of the same database. */
  @Override
  public boolean equals(Object other) {
    return other instanceof CheckedStore checked && store.equals(checked.store);
  }

  @Override
  public int hashCode() {
    return store.hashCode();
  }
}
