package io.divan.query.index;

import io.divan.storage.Store;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts the work that this instance does for indexes. Safe for use by many threads. */
final class IndexCounts {
  private final LongAdder rows = new LongAdder();
  private final LongAdder documents = new LongAdder();

  /** How many documents builds have yet to index, for each database. */
  private final Map<Store, Long> left = new ConcurrentHashMap<>();

  /** A transaction with edits has committed. */
  void committed(long rowsWritten) {
    if (rowsWritten > 0) {
      rows.add(rowsWritten);
    }
  }

  /** A build continues: at its beginning with {@code before} equal to {@code done}. */
  void built(Store store, long before, long done, long total) {
    documents.add(done - before);
    left.put(store, total - done);
  }

  /** No index of a database is being built. */
  void ended(Store store) {
    left.remove(store);
  }

  /** Returns the number of rows that edits have added to indexes and removed from them. */
  long rowsWritten() {
    return rows.sum();
  }

  /** Returns the number of documents that builds have indexed. */
  long documentsIndexed() {
    return documents.sum();
  }

  /** Returns the number of databases with a build that runs. */
  int building() {
    return left.size();
  }

  /** Returns the number of documents that the running builds have yet to index. */
  long documentsLeft() {
    return left.values().stream().mapToLong(Long::longValue).sum();
  }
}
