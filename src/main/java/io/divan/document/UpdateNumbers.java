package io.divan.document;

import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.WriteTransaction;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers the updates of one transaction. The counter is read without a conflict and incremented
 * atomically, so concurrent transactions on a cluster do not conflict, but may assign the same
 * numbers.
 */
final class UpdateNumbers {

  /** The counter's row, read together with the documents. */
  static final Range COUNTER =
      Range.of(
          Tables.STATS,
          Tables.UPDATE_COUNT,
          Arrays.copyOf(Tables.UPDATE_COUNT, Tables.UPDATE_COUNT.length + 1))
          .withoutConflict();

  private final WriteTransaction transaction;
  private long before;
  private boolean missing;
  private long updates;

  UpdateNumbers(WriteTransaction transaction) {
    this.transaction = transaction;
  }

  /**
   * Receives the rows of {@link #COUNTER}. If only earlier versions have written the database,
   * counting starts at the number of documents. That read does conflict, because only one
   * transaction may add this number.
   */
  void begin(List<KeyValue> rows) {
    missing = rows.isEmpty();
    before = missing ? Stats.updateCount(transaction) : Stats.counter(rows.getFirst());
  }

  /** The number of the next update. */
  long next() {
    updates++;
    return before + updates;
  }

  /** Numbers updates that store no number. */
  void skip(int count) {
    updates += count;
  }

  void write() {
    long delta = missing ? before + updates : updates;
    if (updates > 0) {
      transaction.add(Tables.STATS, Tables.UPDATE_COUNT, delta);
    }
  }
}
