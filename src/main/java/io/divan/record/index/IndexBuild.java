package io.divan.record.index;

import io.divan.storage.Store;
import io.divan.storage.lease.Lease;
import io.divan.storage.lease.Leases;

/**
 * Builds an index in batches, each in a transaction of its own, while writers continue. After a
 * crash another instance continues where the last batch ended. Instances may build the same index
 * at the same time without harm; a {@link #lease} avoids the wasted work.
 *
 * @param <R> a thing: a record or a document
 */
public final class IndexBuild<R> {

  /** The outcome of a batch. */
  public sealed interface Step {
    /** There is more to do. */
    record More(IndexHandle.Progress progress) implements Step {}

    /** The index is readable. */
    record Done() implements Step {}

    /** The index is disabled or dropped. */
    record Failed(String problem) implements Step {}
  }

  /** Builds the index with this number. */
  public IndexBuild(Store store, IndexSpace space, int number, IndexSource<R> source) {}

  /** Returns the lease of the builds of an index, not acquired. */
  public static Lease lease(Leases leases, Store store, IndexSpace space, int number) {
    return leases.lease(
        store, space.table(), space.leaseKey(number), "The build of index " + number);
  }

  /** Indexes the next things. */
  public Step step() {
    throw new UnsupportedOperationException();
  }
}
