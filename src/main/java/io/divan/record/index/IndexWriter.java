package io.divan.record.index;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.WriteTransaction;
import java.util.List;

/**
 * Writes what changes in indexes when things change, in the transaction of the owner. Only rows
 * that differ are touched. For the use of one transaction.
 */
public final class IndexWriter {

  /**
   * A change of one thing, for one index.
   *
   * @param index the index, as the catalog of this transaction has it
   * @param primaryKey the primary key of the thing
   * @param before what it contributed; empty if it did not exist
   * @param after what it contributes; empty if it does not exist any more
   */
  public record Change(
      IndexHandle index,
      byte[] primaryKey,
      List<Contribution> before,
      List<Contribution> after) {}

  /** Writes within this transaction and space. */
  public IndexWriter(WriteTransaction transaction, IndexSpace space) {}

  /**
   * Returns the ranges that {@link #change(IndexHandle, byte[], List, List, List)} needs to know.
   * The caller reads them together with its own rows by one {@code scanAll}.
   */
  public List<Range> needed(
      IndexHandle index,
      byte[] primaryKey,
      List<Contribution> before,
      List<Contribution> after) {
    return needed(List.of(new Change(index, primaryKey, before, after)));
  }

  /** Returns the ranges that {@link #change(List, List)} needs to know. */
  public List<Range> needed(List<Change> changes) {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes one change; see {@link #change(List, List)}.
   *
   * @param read the pages of the needed ranges
   */
  public void change(
      IndexHandle index,
      byte[] primaryKey,
      List<Contribution> before,
      List<Contribution> after,
      List<Page> read) {
    change(List.of(new Change(index, primaryKey, before, after)), read);
  }

  /**
   * Writes changes of several things. A thing may take a unique key from another one that gives it
   * up in the same call, in any order. No effect for indexes that are not maintained.
   *
   * @param read the pages of the needed ranges, in their order. Those that are cut short are read
   *     again
   * @throws IndexException.NotUnique if another thing has a unique key; then nothing was written
   */
  public void change(List<Change> changes, List<Page> read) {
    throw new UnsupportedOperationException();
  }
}
