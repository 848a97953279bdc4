package io.divan.record.index;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Store;
import java.util.Optional;

/** Removes the rows of a dropped index in bounded transactions, then its state. */
public final class IndexClear {
  private final Store store;
  private final IndexSpace space;
  private final int number;
  private int kind;
  private Optional<Range> rest = Optional.empty();

  /** Clears the index with this number, which must have been dropped. */
  public IndexClear(Store store, IndexSpace space, int number) {
    this.store = store;
    this.space = space;
    this.number = number;
  }

  /**
   * Removes rows, in one transaction. After a crash another instance continues. Several instances
   * may clear the same index.
   *
   * @return whether another call is needed
   * @throws IllegalStateException if the index was not dropped
   */
  public boolean step() {
    if (kind == IndexRows.values().length) {
      return false;
    }
    Range range = rest.orElseGet(() -> space.rows(IndexRows.values()[kind], number));
    boolean last = kind == IndexRows.values().length - 1;
    rest = store.<Optional<Range>>write(
        transaction -> {
          Optional<IndexHandle> index = IndexCatalog.read(transaction, space, number);
          if (index.isEmpty()) {
            return Optional.empty();
          }
          if (index.get().state() != IndexState.DROPPING) {
            throw new IllegalStateException("Index " + number + " has not been dropped");
          }
          Page page = transaction.snapshot().scan(range);
          if (page.rest().isPresent()) {
            Range more = page.rest().get();
            transaction.deleteRange(Range.of(space.table(), range.begin(), more.begin()));
            return page.rest();
          }
          transaction.deleteRange(range);
          if (last) {
            IndexCatalog.forget(transaction, space, number);
          }
          return Optional.empty();
        })
        .result();
    if (rest.isEmpty()) {
      kind++;
    }
    return kind < IndexRows.values().length;
  }
}
