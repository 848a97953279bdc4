package io.divan.storage.fdb;

import com.apple.foundationdb.ReadTransaction;
import com.apple.foundationdb.StreamingMode;
import com.apple.foundationdb.async.AsyncIterator;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A range read that has been started; {@link #read} waits for its rows. */
final class RangeScan {

  /** Up to this limit all rows are fetched in one reply; larger ranges are fetched in batches. */
  private static final int EXACT_ROWS_MAX = 10;

  private final Range range;
  private final int prefixBytes;
  private final @Nullable AsyncIterator<com.apple.foundationdb.KeyValue> rows;

  /** The value of the only key of the range; a point read costs less than a range read. */
  private final @Nullable CompletableFuture<byte[]> value;

  RangeScan(ReadTransaction transaction, StoreSpace space, Range range) {
    this.range = range;
    this.prefixBytes = space.tableBytes(range.table());
    if (range.isEmpty()) {
      this.rows = null; // FoundationDB refuses inverted bounds
      this.value = null;
    } else if (isOneKey(range)) {
      this.rows = null;
      this.value = transaction.get(space.key(range.table(), range.begin()));
    } else {
      this.value = null;
      int limit =
          range.limit() == Range.NO_LIMIT
              ? ReadTransaction.ROW_LIMIT_UNLIMITED
              : range.limit();
      StreamingMode mode =
          range.limit() <= EXACT_ROWS_MAX ? StreamingMode.EXACT : StreamingMode.WANT_ALL;
      this.rows =
          transaction
              .getRange(space.begin(range), space.end(range), limit, range.reverse(), mode)
              .iterator();
    }
  }

  private static boolean isOneKey(Range range) {
    byte[] begin = range.begin();
    byte[] end = range.end().orElse(begin);
    return end.length == begin.length + 1
        && end[begin.length] == 0
        && Arrays.mismatch(begin, end) == begin.length;
  }

  /**
   * Waits for rows, up to a total of {@code bytesMax} bytes.
   *
   * @param oneFits whether the first row is returned whatever its size
   */
  Page read(Attempt attempt, long bytesMax, boolean oneFits) {
    if (value != null) {
      return one(attempt.await(value), bytesMax, oneFits);
    }
    if (rows == null) {
      return Page.end(List.of());
    }
    List<KeyValue> read = new ArrayList<>();
    long bytes = 0;
    while (attempt.await(rows.onHasNext())) {
      com.apple.foundationdb.KeyValue next = rows.next();
      byte[] key = Arrays.copyOfRange(next.getKey(), prefixBytes, next.getKey().length);
      KeyValue row = new KeyValue(key, next.getValue());
      bytes += row.bytes();
      if (bytes > bytesMax && !(oneFits && read.isEmpty())) {
        rows.cancel();
        Range rest = read.isEmpty() ? range : range.after(read.getLast().key());
        return Page.stopped(read, Page.Stop.BYTES, rest);
      }
      read.add(row);
    }
    return read.size() < range.limit()
        ? Page.end(read)
        : Page.stopped(read, Page.Stop.ROWS, range.after(read.getLast().key()));
  }

  private Page one(byte @Nullable [] found, long bytesMax, boolean oneFits) {
    if (found == null) {
      return Page.end(List.of());
    }
    KeyValue row = new KeyValue(range.begin(), found);
    if (row.bytes() > bytesMax && !oneFits) {
      return Page.stopped(List.of(), Page.Stop.BYTES, range);
    }
    return range.limit() > 1
        ? Page.end(List.of(row))
        : Page.stopped(List.of(row), Page.Stop.ROWS, range.after(row.key()));
  }

  /** Cancels the read. */
  Page skip() {
    if (value != null) {
      value.cancel(true);
    }
    if (rows != null) {
      rows.cancel();
    }
    return Page.stopped(List.of(), Page.Stop.BYTES, range);
  }
}
