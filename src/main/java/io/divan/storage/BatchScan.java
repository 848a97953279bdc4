package io.divan.storage;

import java.util.List;
import java.util.Optional;

/**
 * A scan that goes from snapshot to snapshot: each batch is read in a transaction of its own, which
 * is closed before the batch is handed over; the next one goes on after the last key. No slow
 * reader pins anything and no caller can forget to close it. For one thread at a time.
 *
 * @param <T> what the reader makes of rows
 */
public final class BatchScan<T> {

  /**
   * Makes items of a page's rows within the page's transaction, reading there what belongs to them.
   *
   * @param <T> what it makes of rows
   */
  @FunctionalInterface
  public interface Reader<T> {
    /**
     * Reads what belongs to the first rows of the page. It may run more than once.
     *
     * @param transaction the transaction the rows were read in
     * @param rows at least one row
     */
    Batch<T> read(ReadTransaction transaction, List<KeyValue> rows);
  }

  /**
   * What a reader made of the first rows of a page.
   *
   * @param <T> what the reader makes of rows
   * @param items any number of items
   * @param rowsRead how many rows they stand for, at least 1; the scan goes on after them
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

  /** Whether the range may hold more; when this is false, {@link #next()} answers nothing. */
  public boolean hasMore() {
    return rest.isPresent() && rowsLeft > 0;
  }

  /** What remains to be scanned: a scan of it continues this one, in another process too. */
  public Optional<Range> rest() {
    return hasMore() ? rest : Optional.empty();
  }

  /**
   * The next batch; possibly without items while {@link #hasMore()}.
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
