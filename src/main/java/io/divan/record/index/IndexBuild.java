package io.divan.record.index;

import io.divan.storage.Limits;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.lease.Lease;
import io.divan.storage.lease.Leases;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds an index in batches, each in a transaction of its own, while writers continue. After a
 * crash another instance continues where the last batch ended. Instances may build the same index
 * at the same time without harm; a {@link #lease} avoids the wasted work. One thread uses it at a
 * time.
 *
 * <p>A batch reads the position of the build and the next things with conflicts, so it commits only
 * if no writer changed these things meanwhile and no other batch was committed. The last batch
 * makes the index readable. If a thing cannot be in the index, because a unique key has another
 * owner or the source refuses it, the build disables the index.
 *
 * @param <R> a thing: a record or a document
 */
public final class IndexBuild<R> {
  private static final int ROWS_MAX = 500;
  private static final int BYTES_MAX = 500_000;

  /** The outcome of a batch. */
  public sealed interface Step {
    /** There is more to do. */
    record More(IndexHandle.Progress progress) implements Step {}

    /** The index is readable. */
    record Done() implements Step {}

    /** The index is disabled or dropped. */
    record Failed(String problem) implements Step {}
  }

  private final Store store;
  private final IndexSpace space;
  private final int number;
  private final IndexSource<R> source;
  private int rows = ROWS_MAX;
  private IndexHandle.Progress progress = new IndexHandle.Progress(new byte[0], 0, 0);

  /** Builds the index with this number. */
  public IndexBuild(Store store, IndexSpace space, int number, IndexSource<R> source) {
    this.store = store;
    this.space = space;
    this.number = number;
    this.source = source;
  }

  /** Returns the lease of the builds of an index, not acquired. */
  public static Lease lease(Leases leases, Store store, IndexSpace space, int number) {
    return leases.lease(
        store, space.table(), space.leaseKey(number), "The build of index " + number);
  }

  /**
   * Indexes the next things, in one transaction. If that conflicts with others, or is too large,
   * the next batch is smaller.
   *
   * @throws StorageException as {@link Store#write} does, except a conflict of a batch of several
   *     things
   */
  public Step step() {
    int[] attempts = {0};
    try {
      Step step =
          store
              .write(transaction -> batch(transaction, Math.max(1, rows >> attempts[0]++ / 2)))
              .result();
      rows = Math.max(1, rows >> (attempts[0] - 1) / 2);
      if (attempts[0] == 1) {
        rows = Math.min(ROWS_MAX, rows + (rows + 1) / 2);
      }
      if (step instanceof Step.More(IndexHandle.Progress made)) {
        progress = made;
      }
      return step;
    } catch (StorageException.Conflict e) {
      return smaller(e);
    } catch (StorageException.LimitExceeded e) {
      if (rows > 1) {
        return smaller(e);
      }
      return store.write(transaction -> fail(transaction, tooLarge(e))).result();
    }
  }

  private Step smaller(StorageException e) {
    if (rows == 1) {
      throw e;
    }
    rows = Math.max(1, rows / 4);
    return new Step.More(progress);
  }

  private static String tooLarge(StorageException.LimitExceeded e) {
    return e.limit() == Limits.Limit.TRANSACTION
        ? "One thing has more rows in the index than a transaction can write"
        : "One thing has a row in the index that is too large: " + e.getMessage();
  }

  private Step batch(WriteTransaction transaction, int rowsMax) {
    Optional<IndexHandle> found = IndexCatalog.read(transaction, space, number);
    if (found.isEmpty() || found.get().state() != IndexState.BUILDING) {
      return ended(found);
    }
    IndexHandle index = found.get();
    IndexHandle.Progress from = index.progress().orElseThrow();
    IndexSource.Slice<R> slice = source.after(transaction, from.position(), rowsMax, BYTES_MAX);
    try {
      List<IndexWriter.Change> changes = new ArrayList<>(slice.items().size());
      for (IndexSource.Item<R> item : slice.items()) {
        changes.add(
            new IndexWriter.Change(
                index,
                item.primaryKey(),
                List.of(),
                source.contributions(index, item.primaryKey(), item.record())));
      }
      new IndexWriter(transaction, space, true).change(changes, List.of());
    } catch (IndexException.NotUnique e) {
      return fail(transaction, "Two things have the same key in the unique index");
    } catch (IndexException.NotIndexable e) {
      return fail(transaction, e.getMessage());
    }
    if (slice.end()) {
      IndexCatalog.finish(transaction, space, index);
      return new Step.Done();
    }
    IndexHandle.Progress made =
        new IndexHandle.Progress(
            slice.position(), from.done() + slice.items().size(), from.estimate());
    IndexCatalog.write(transaction, space, number, made);
    return new Step.More(made);
  }

  private Step fail(WriteTransaction transaction, String problem) {
    IndexCatalog.disable(transaction, space, number, problem);
    return new Step.Failed(problem);
  }

  private Step ended(Optional<IndexHandle> index) {
    return index.isPresent() && index.get().readable()
        ? new Step.Done()
        : new Step.Failed(
            index.flatMap(IndexHandle::problem).orElse("The index has been dropped"));
  }
}
