package io.divan.record.relational;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Replaces all rows of a table, in batches. */
record Rewrite(RelationalDatabase database, String table, UnaryOperator<Map<String, Object>> step) {
  private static final int BATCH = 100;

  private record Batch(int rows, Optional<byte[]> continuation) {}

  /** Returns the number of rows. */
  long run() {
    long rows = 0;
    Optional<byte[]> continuation = Optional.empty();
    do {
      Optional<byte[]> from = continuation;
      Batch batch = database.transaction(tx -> batch(tx, from));
      rows += batch.rows();
      continuation = batch.continuation();
    } while (continuation.isPresent());
    return rows;
  }

  private Batch batch(Tx tx, Optional<byte[]> from) {
    Selection.Page page = tx.select(table).page(BATCH, from);
    page.rows().forEach(row -> ((TableTransaction) tx).replace(table, row, step));
    return new Batch(page.rows().size(), page.continuation());
  }

  /** Returns the values of a row in a map that may be changed. */
  static Map<String, Object> values(Row row) {
    Map<String, Object> values = new LinkedHashMap<>();
    row.columns().forEach(each -> row.get(each).ifPresent(value -> values.put(each, value)));
    return values;
  }
}
