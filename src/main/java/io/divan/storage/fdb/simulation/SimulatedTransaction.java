package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.KeyArrayResult;
import com.apple.foundationdb.KeySelector;
import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.Range;
import com.apple.foundationdb.ReadTransaction;
import com.apple.foundationdb.StreamingMode;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.TransactionOptions;
import com.apple.foundationdb.async.AsyncIterable;
import com.apple.foundationdb.async.AsyncUtil;
import io.divan.storage.fdb.simulation.TransactionSettings.Option;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * fdb-java's transaction (FDBTransaction.java) on top of a {@link ClientTransaction}. Results are
 * returned in completed futures. {@code onError} invalidates the object; the transaction it returns
 * replaces it. Thread-safe.
 */
final class SimulatedTransaction implements Transaction, RangeForms {

  private enum State {
    OPEN,
    TRANSFERRED,
    CLOSED
  }

  private final SimulatedDatabase database;
  private final Executor executor;
  private final Cluster cluster;
  private final ClientTransaction client;
  private final TransactionOptions options;
  private final SnapshotReads snapshot;
  private volatile State state = State.OPEN;

  SimulatedTransaction(SimulatedDatabase database, Executor executor, ClientTransaction client) {
    this.database = database;
    this.executor = executor;
    this.cluster = database.cluster();
    this.client = client;
    this.options = new TransactionOptions(this::setOption);
    this.snapshot = new SnapshotReads(this);
  }

  // Calls

  private <T> T locked(Supplier<T> work) {
    List<Runnable> later;
    client.lock().lock();
    try {
      checkOpen();
      return work.get();
    } finally {
      later = client.takeCallbacks();
      client.lock().unlock();
      later.forEach(Runnable::run);
    }
  }

  private void checkOpen() {
    switch (state) {
      case CLOSED -> throw new IllegalStateException("Cannot access closed object");
      case TRANSFERRED ->
          throw new IllegalStateException("Transaction has been invalidated by reset");
      case OPEN -> {
        // The transaction is open.
      }
    }
  }

  private <T> T call(Supplier<T> work) {
    checkOpen();
    cluster.turn();
    return locked(work);
  }

  private void defer(Runnable work) {
    call(
        () -> {
          client.defer(work);
          return true;
        });
  }

  /** A completed future with the result or the exception of {@code work}. */
  <T> CompletableFuture<T> completed(Supplier<@Nullable T> work) {
    CompletableFuture<T> future = cluster.timing().future();
    try {
      future.complete(work.get());
    } catch (FDBException e) {
      future.completeExceptionally(e);
    }
    return future;
  }

  CompletableFuture<Boolean> done(boolean value) {
    return completed(() -> value);
  }

  CompletableFuture<Boolean> failed(RuntimeException error) {
    CompletableFuture<Boolean> future = cluster.timing().future();
    future.completeExceptionally(error);
    return future;
  }

  private static void checkNotNull(byte @Nullable [] first, byte @Nullable [] second) {
    if (first == null || second == null) {
      throw new IllegalArgumentException("Keys/Values must be non-null");
    }
  }

  // Reads

  @Override
  public boolean isSnapshot() {
    return false;
  }

  @Override
  public ReadTransaction snapshot() {
    return snapshot;
  }

  @Override
  public CompletableFuture<Long> getReadVersion() {
    return completed(() -> call(client::readVersion));
  }

  @Override
  public void setReadVersion(long version) {
    defer(() -> client.setReadVersion(version));
  }

  @Override
  public CompletableFuture<byte[]> get(byte[] key) {
    return get(key, false);
  }

  CompletableFuture<byte[]> get(byte[] key, boolean isSnapshot) {
    byte[] copy = key.clone();
    return completed(() -> call(() -> client.get(copy, isSnapshot)));
  }

  @Override
  public CompletableFuture<byte[]> getKey(KeySelector selector) {
    return getKey(selector, false);
  }

  CompletableFuture<byte[]> getKey(KeySelector selector, boolean isSnapshot) {
    return completed(() -> call(() -> client.getKey(selector, isSnapshot)));
  }

  @Override
  public AsyncIterable<KeyValue> getRange(
      KeySelector begin, KeySelector end, int limit, boolean reverse, StreamingMode mode) {
    return new RangeQuery(this, false, begin, end, limit, reverse, mode);
  }

  RangeChunk fetch(
      KeySelector begin,
      KeySelector end,
      int rows,
      StreamingMode mode,
      int iteration,
      boolean isSnapshot,
      boolean reverse) {
    RangeLimits limits = RangeLimits.of(rows, mode, iteration);
    return call(() -> client.getRange(begin, end, limits, isSnapshot, reverse));
  }

  @Override
  public CompletableFuture<Long> getEstimatedRangeSizeBytes(byte[] begin, byte[] end) {
    KeyRange range = range(begin, end);
    return completed(() -> call(() -> client.estimatedBytes(range)));
  }

  @Override
  public CompletableFuture<KeyArrayResult> getRangeSplitPoints(
      byte[] begin, byte[] end, long chunkSize) {
    KeyRange range = range(begin, end);
    return completed(() -> call(() -> client.splitPoints(range, chunkSize)));
  }

  private static KeyRange range(byte[] begin, byte[] end) {
    if (Keys.compare(begin, end) > 0) {
      throw Errors.of(Errors.INVERTED_RANGE);
    }
    return new KeyRange(begin.clone(), end.clone());
  }

  // Conflicts

  @Override
  public boolean addReadConflictRangeIfNotSnapshot(byte[] keyBegin, byte[] keyEnd) {
    addReadConflictRange(keyBegin, keyEnd);
    return true;
  }

  @Override
  public boolean addReadConflictKeyIfNotSnapshot(byte[] key) {
    addReadConflictKey(key);
    return true;
  }

  @Override
  public void addReadConflictRange(byte[] keyBegin, byte[] keyEnd) {
    KeyRange range = range(keyBegin, keyEnd);
    defer(() -> client.addReadConflict(range.begin(), range.end()));
  }

  @Override
  public void addReadConflictKey(byte[] key) {
    addReadConflictRange(key, Keys.after(key));
  }

  @Override
  public void addWriteConflictRange(byte[] keyBegin, byte[] keyEnd) {
    KeyRange range = range(keyBegin, keyEnd);
    defer(() -> client.addWriteConflict(range.begin(), range.end()));
  }

  @Override
  public void addWriteConflictKey(byte[] key) {
    addWriteConflictRange(key, Keys.after(key));
  }

  // Writes

  @Override
  public void set(byte[] key, byte[] value) {
    checkNotNull(key, value);
    byte[] keyCopy = key.clone();
    byte[] valueCopy = value.clone();
    defer(() -> client.set(keyCopy, valueCopy));
  }

  @Override
  public void clear(byte[] key) {
    checkNotNull(key, key);
    byte[] copy = key.clone();
    defer(() -> client.clear(copy));
  }

  @Override
  public void clear(byte[] beginKey, byte[] endKey) {
    checkNotNull(beginKey, endKey);
    byte[] begin = beginKey.clone();
    byte[] end = endKey.clone();
    defer(() -> client.clear(begin, end));
  }

  @Override
  public void clear(Range range) {
    clear(range.begin, range.end);
  }

  @Override
  @Deprecated
  public void clearRangeStartsWith(byte[] prefix) {
    clear(Range.startsWith(prefix));
  }

  @Override
  public void mutate(MutationType optype, byte[] key, byte[] value) {
    checkNotNull(key, value);
    byte[] keyCopy = key.clone();
    byte[] operand = value.clone();
    defer(() -> client.mutate(optype.code(), keyCopy, operand));
  }

  private void setOption(int code, byte @Nullable [] parameter) {
    Option option = new Option(code, parameter == null ? null : parameter.clone());
    defer(() -> client.setOption(option));
  }

  @Override
  public TransactionOptions options() {
    return options;
  }

  // The end

  @Override
  public CompletableFuture<Void> commit() {
    return completed(
        () -> call(
            () -> {
              client.commit();
              return null;
            }));
  }

  @Override
  public Long getCommittedVersion() {
    return locked(client::committedVersion);
  }

  @Override
  public CompletableFuture<byte[]> getVersionstamp() {
    return flat(() -> call(client::versionstamp));
  }

  @Override
  public CompletableFuture<Void> watch(byte[] key) {
    byte[] copy = key.clone();
    return flat(() -> call(() -> client.watch(copy, executor)));
  }

  private <T> CompletableFuture<T> flat(Supplier<CompletableFuture<T>> work) {
    try {
      return work.get();
    } catch (FDBException e) {
      CompletableFuture<T> future = cluster.timing().future();
      future.completeExceptionally(e);
      return future;
    }
  }

  @Override
  public CompletableFuture<Long> getApproximateSize() {
    return completed(() -> locked(client::approximateSize));
  }

  @Override
  public CompletableFuture<Transaction> onError(Throwable error) {
    Throwable cause = error;
    if ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    CompletableFuture<Transaction> failed = cluster.timing().future();
    if (!(cause instanceof FDBException fdb)) {
      failed.completeExceptionally(cause);
      return failed;
    }
    SimulatedTransaction next = new SimulatedTransaction(database, executor, client);
    try {
      ClientTransaction.Retry retry = call(() -> client.onError(fdb.getCode()));
      return cluster.timing().delay(retry.nanos(), executor).thenApply(done -> next.after(retry));
    } catch (FDBException e) {
      next.close();
      failed.completeExceptionally(e);
      return failed;
    } finally {
      if (state == State.OPEN) {
        state = State.TRANSFERRED;
      }
    }
  }

  private Transaction after(ClientTransaction.Retry retry) {
    if (retry.timesOut()) {
      locked(
          () -> {
            client.timeOut();
            return true;
          });
      close();
      throw Errors.of(Errors.TRANSACTION_TIMED_OUT);
    }
    return this;
  }

  @Override
  public void cancel() {
    locked(
        () -> {
          client.cancel();
          return true;
        });
  }

  @Override
  public void close() {
    if (state != State.OPEN) {
      return;
    }
    locked(
        () -> {
          client.close();
          state = State.CLOSED;
          return true;
        });
  }

  // Context

  @Override
  public Database getDatabase() {
    return database;
  }

  @Override
  public Executor getExecutor() {
    return executor;
  }

  @Override
  public <T> T run(Function<? super Transaction, T> retryable) {
    return retryable.apply(this);
  }

  @Override
  public <T> CompletableFuture<T> runAsync(
      Function<? super Transaction, ? extends CompletableFuture<T>> retryable) {
    return AsyncUtil.applySafely(retryable, this);
  }
}
