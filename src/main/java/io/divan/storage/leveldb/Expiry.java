package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.WriteTransaction;
import java.util.List;
import java.util.Optional;

/**
 * Removes expired values. If a value was replaced after its deadline was recorded, only the
 * deadline row is removed.
 */
final class Expiry {
  private static final int ROWS_AT_ONCE = 500;

  /**
   * The result of a step.
   *
   * @param removed the number of removed values
   * @param more whether more values may have expired
   */
  record Step(int removed, boolean more) {}

  private Expiry() {}

  static Step step(WriteTransaction transaction, long now) {
    Range due = Range.of(Rows.DEADLINES, new byte[0], Rows.number(now + 1)).limit(ROWS_AT_ONCE);
    Page page = transaction.scan(due);
    List<byte[]> keys = page.rows().stream().map(KeyValue::key).toList();
    List<byte[]> rows = keys.stream().map(Rows::rest).toList();
    List<Optional<byte[]>> values = transaction.getAll(Rows.ROWS, rows);
    int removed = 0;
    for (int i = 0; i < rows.size(); i++) {
      transaction.delete(Rows.DEADLINES, keys.get(i));
      if (values.get(i).isPresent() && Format.hasExpired(values.get(i).get(), now)) {
        transaction.delete(Rows.ROWS, rows.get(i));
        removed++;
      }
    }
    return new Step(removed, page.rest().isPresent());
  }
}
