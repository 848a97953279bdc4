package io.divan.storage;

import java.util.List;
import java.util.Optional;

/**
 * A scan in batches. Each batch is read in a transaction of its own, which ends before the batch is
 * returned; the next batch continues after the last key. So a slow reader keeps no snapshot open,
 * and there is nothing to close. One thread uses it at a time.
 *
 * @param <T> the items that the reader makes of rows
 */
public final class BatchScan<T> {

  /**
   * Makes items of rows, in the transaction that read them.
   *
   * @param <T> the items
   */
  @FunctionalInterface
  public interface Reader<T> {
    /**
     * Makes items of the first rows, as many as it wants. May run more than once.
     *
     * @param transaction the transaction that read the rows, for related reads
     * @param rows at least one row
     */
    Batch<T> read(ReadTransaction transaction, List<KeyValue> rows);
  }

  /**
   * The items that a reader made of the first rows.
   *
   * @param <T> the items
   * @param items any number of items
   * @param rowsRead the number of rows they were made of, at least 1; the scan continues after them
   */
  public record Batch<T>(List<T> items, int rowsRead) {}

  private record Step<T>(List<T> items, Optional<Range> rest, int rows) {}

  private final Store store;
  private final int batchRows;
  private final Reader<T> reader;
  private Optional<Range> rest;
  private long rowsLeft;

  BatchScan(Store store, Range range, int batchRows, Reader<T> reader) {
    this.store = store;
    this.batchRows = batchRows;
    this.reader = reader;
    this.rest = Optional.of(range);
    this.rowsLeft = range.limit() == Range.NO_LIMIT ? Long.MAX_VALUE : range.limit();
  }

  /** Whether the range may hold more rows. If not, {@link #next()} returns nothing. */
  public boolean hasMore() {
    return rest.isPresent() && rowsLeft > 0;
  }

  /**
   * Returns the rest of the range, with what is left of its limit. Another scan of it, also in
   * another process, continues this one.
   */
  public Optional<Range> rest() {
    return hasMore()
        ? rest.map(range -> range.limit((int) Math.min(rowsLeft, Range.NO_LIMIT)))
        : Optional.empty();
  }

  /**
   * Reads the next batch. It may be empty although {@link #hasMore()}.
   *
   * @throws StorageException as {@link Store#read} does
   */
  public List<T> next() {
    if (!hasMore()) {
      return List.of();
    }
    Range range = rest.orElseThrow().limit((int) Math.min(rowsLeft, batchRows));
    Step<T> step = store.read(transaction -> step(transaction, range));
    rest = step.rest();
    rowsLeft -= step.rows();
    return step.items();
  }

  private Step<T> step(ReadTransaction transaction, Range range) {
    Page page = transaction.scan(range);
    if (page.rows().isEmpty()) {
      return new Step<>(List.of(), Optional.empty(), 0);
    }
    Batch<T> batch = reader.read(transaction, page.rows());
    int rows = batch.rowsRead();
    if (rows < 1 || rows > page.rows().size()) {
      throw new IllegalStateException(
          "A reader takes 1 to " + page.rows().size() + " rows, not " + rows);
    }
    if (rows == page.rows().size()) {
      return new Step<>(batch.items(), page.rest(), rows);
    }
    return new Step<>(
        batch.items(), Optional.of(range.after(page.rows().get(rows - 1).key())), rows);
  }
}
