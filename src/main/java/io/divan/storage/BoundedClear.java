package io.divan.storage;

import java.util.Optional;

/** One bounded step of {@link Store#clear}, over any backend. */
final class BoundedClear {

  private BoundedClear() {}

  static Optional<Range> step(Store store, Range range) {
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
