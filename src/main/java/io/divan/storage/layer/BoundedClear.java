package io.divan.storage.layer;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Store;
import java.util.Optional;

/** Removes the rows of a range in bounded transactions, over any backend. */
public final class BoundedClear {

  private BoundedClear() {}

  /**
   * Removes rows from the beginning of a range, in one transaction.
   *
   * @return what remains to be removed by another call, or nothing
   */
  public static Optional<Range> step(Store store, Range range) {
    Range all = new Range(range.table(), range.begin(), range.end(), false, Range.NO_LIMIT);
    return store
        .write(
            transaction -> {
              Page page = transaction.snapshot().scan(all);
              if (page.rest().isEmpty()) {
                transaction.deleteRange(all);
                return Optional.<Range>empty();
              }
              byte[] next = page.rest().get().begin();
              transaction.deleteRange(Range.of(all.table(), all.begin(), next));
              return page.rest();
            })
        .result();
  }
}
