package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.KeySelector;
import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.StreamingMode;
import com.apple.foundationdb.async.AsyncIterable;
import com.apple.foundationdb.async.AsyncIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A range as fdb-java reads it (RangeQuery.java): in chunks. The next chunk is fetched when the
 * first row of the current one is taken. So a later write of the transaction may or may not appear
 * in a running iteration, as on a cluster.
 */
final class RangeQuery implements AsyncIterable<KeyValue> {

  private final SimulatedTransaction transaction;
  private final boolean snapshot;
  private final KeySelector begin;
  private final KeySelector end;
  private final int rowLimit;
  private final boolean reverse;
  private final StreamingMode mode;

  RangeQuery(
      SimulatedTransaction transaction,
      boolean snapshot,
      KeySelector begin,
      KeySelector end,
      int rowLimit,
      boolean reverse,
      StreamingMode mode) {
    this.transaction = transaction;
    this.snapshot = snapshot;
    this.begin = begin;
    this.end = end;
    this.rowLimit = rowLimit;
    this.reverse = reverse;
    this.mode = mode;
  }

  private RangeChunk fetch(
      KeySelector from, KeySelector to, int rows, StreamingMode how, int iteration) {
    return transaction.fetch(from, to, rows, how, iteration, snapshot, reverse);
  }

  @Override
  public CompletableFuture<List<KeyValue>> asList() {
    StreamingMode how = mode;
    if (how == StreamingMode.ITERATOR) {
      how = rowLimit == 0 ? StreamingMode.WANT_ALL : StreamingMode.EXACT;
    }
    if (how == StreamingMode.EXACT) {
      return transaction.completed(
          () -> fetch(begin, end, rowLimit, StreamingMode.EXACT, 1).rows());
    }
    StreamingMode chunks = how;
    return transaction.completed(
        () -> {
          Rows rows = new Rows(chunks);
          List<KeyValue> all = new ArrayList<>();
          while (rows.hasNextOrFail()) {
            all.add(rows.next());
          }
          return all;
        });
  }

  @Override
  public AsyncIterator<KeyValue> iterator() {
    return new Rows(mode);
  }

  private final class Rows implements AsyncIterator<KeyValue> {
    private final StreamingMode chunkMode;
    private @Nullable RangeChunk chunk;
    private @Nullable RangeChunk nextChunk;
    private CompletableFuture<Boolean> nextFuture = transaction.done(false);
    private @Nullable RuntimeException failure;
    private byte @Nullable [] previousKey;
    private int index;
    private int iteration;
    private KeySelector from = begin;
    private KeySelector to = end;
    private int rowsRemaining = rowLimit;
    private boolean cancelled;

    Rows(StreamingMode chunkMode) {
      this.chunkMode = chunkMode;
      startNextFetch();
    }

    private boolean isLast(RangeChunk current) {
      return !current.more() || rowLimit != 0 && rowsRemaining < 1;
    }

    private void startNextFetch() {
      RangeChunk current = chunk;
      if (cancelled || current != null && isLast(current)) {
        return;
      }
      nextChunk = null;
      iteration++;
      RangeChunk fetched;
      try {
        int rows = rowLimit == 0 ? 0 : rowsRemaining;
        fetched = fetch(from, to, rows, chunkMode, iteration);
      } catch (RuntimeException e) {
        failure = e;
        nextFuture = transaction.failed(e);
        return;
      }
      if (fetched.rows().isEmpty()) {
        nextFuture = transaction.done(false);
        return;
      }
      rowsRemaining -= fetched.rows().size();
      if (reverse) {
        to = KeySelector.firstGreaterOrEqual(fetched.lastKey());
      } else {
        from = KeySelector.firstGreaterThan(fetched.lastKey());
      }
      if (current == null || index == current.rows().size()) {
        chunk = fetched;
        index = 0;
      } else {
        nextChunk = fetched;
      }
      nextFuture = transaction.done(true);
    }

    @Override
    public synchronized CompletableFuture<Boolean> onHasNext() {
      if (cancelled) {
        throw new CancellationException();
      }
      RangeChunk current = chunk;
      if (current == null) {
        return nextFuture;
      }
      if (index < current.rows().size()) {
        return transaction.done(true);
      }
      return isLast(current) ? transaction.done(false) : nextFuture;
    }

    /** As {@link #hasNext()}, but throws the original error instead of a wrapper. */
    private boolean hasNextOrFail() {
      CompletableFuture<Boolean> has = onHasNext();
      RuntimeException error = failure;
      if (has.isCompletedExceptionally() && error != null) {
        throw error;
      }
      return has.join();
    }

    @Override
    public boolean hasNext() {
      return onHasNext().join();
    }

    @Override
    public synchronized KeyValue next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      RangeChunk current = chunk;
      if (current == null) {
        throw new NoSuchElementException();
      }
      final boolean first = index == 0;
      KeyValue row = current.rows().get(index);
      previousKey = row.getKey();
      index++;
      RangeChunk following = nextChunk;
      if (index == current.rows().size() && following != null) {
        index = 0;
        chunk = following;
        nextChunk = null;
      }
      if (first) {
        startNextFetch();
      }
      return row;
    }

    @Override
    public synchronized void remove() {
      byte[] key = previousKey;
      if (key == null) {
        throw new IllegalStateException("No value has been fetched from database");
      }
      transaction.clear(key);
    }

    @Override
    public synchronized void cancel() {
      cancelled = true;
      nextFuture.cancel(true);
    }
  }
}
