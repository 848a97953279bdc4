package io.divan.storage.embedded;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Table;
import io.divan.storage.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The reads of a transaction, for engines in this process that hold each table as a tree. For one
 * thread.
 */
public abstract class BaseReadTransaction implements ReadTransaction {
  private final WatchRegistry registry;
  private final long mark;
  private List<Watch> watches = List.of();

  /**
   * Creates a transaction.
   *
   * @param mark {@link WatchRegistry#mark()}, taken before the engine's transaction began
   */
  protected BaseReadTransaction(WatchRegistry registry, long mark) {
    this.registry = registry;
    this.mark = mark;
  }

  /**
   * Scans a range up to its limit.
   *
   * @param bytesMax the most bytes returned
   * @param alwaysFirst whether the first row is returned whatever its size
   */
  protected abstract Page scan(Range range, long bytesMax, boolean alwaysFirst);

  @Override
  public List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    List<Optional<byte[]>> values = new ArrayList<>(keys.size());
    for (byte[] key : keys) {
      values.add(get(table, key));
    }
    return values;
  }

  @Override
  public final Page scan(Range range) {
    return scan(range, SCAN_BYTES_MAX, true);
  }

  @Override
  public List<Page> scanAll(List<Range> ranges) {
    return scanEach(ranges, (i, bytesMax, alwaysFirst) -> scan(ranges.get(i), bytesMax,
        alwaysFirst));
  }

  /** Scans one of several ranges. */
  @FunctionalInterface
  protected interface RangeScan {
    /**
     * Scans a range up to its limit.
     *
     * @param index the position of the range in the list
     * @param bytesMax the most bytes returned
     * @param alwaysFirst whether the first row is returned whatever its size
     */
    Page scan(int index, long bytesMax, boolean alwaysFirst);
  }

  /** Scans ranges one after another, up to the bytes that one call may return. */
  protected static List<Page> scanEach(List<Range> ranges, RangeScan scan) {
    List<Page> pages = new ArrayList<>(ranges.size());
    long left = SCAN_BYTES_MAX;
    boolean any = false;
    for (int i = 0; i < ranges.size(); i++) {
      if (left <= 0 && any) {
        pages.add(Page.stopped(List.of(), Page.Stop.BYTES, ranges.get(i)));
        continue;
      }
      Page page = scan.scan(i, left, !any);
      left = page.stop() == Page.Stop.BYTES ? 0 : left - page.bytes();
      any |= !page.rows().isEmpty();
      pages.add(page);
    }
    return pages;
  }

  @Override
  public final Watch watch(Table table, byte[] key) {
    Watch watch = registry.watch(mark, table, key);
    if (watches.isEmpty()) {
      watches = new ArrayList<>();
    }
    watches.add(watch);
    return watch;
  }

  /** Runs work that reads with this transaction. Closes its watches if it throws. */
  public final <T> T run(Function<ReadTransaction, T> work) {
    try {
      return work.apply(this);
    } catch (RuntimeException | Error e) {
      closeWatches();
      throw e;
    }
  }

  /** Closes the watches of work that threw or runs again. */
  public final void closeWatches() {
    watches.forEach(Watch::close);
    watches = List.of();
  }
}
