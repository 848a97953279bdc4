package io.divan.storage.fdb;

import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.Transaction;
import io.divan.storage.Limits;
import io.divan.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a transaction. It waits for results until the deadline, records the first error of
 * FoundationDB and counts the bytes of the transaction. Not thread-safe.
 */
final class Attempt {
  static final int STAMP_BYTES = 12;

  /** Length of the little-endian offset that ends the parameter of a versionstamped mutation. */
  static final int OFFSET_BYTES = 4;

  private static final byte[] NOTHING = {};

  private final Transaction transaction;
  private final long deadlineNanos;
  private byte[] metadataVersion = NOTHING;
  private long bytes;
  private long size;
  private boolean wrote;
  private boolean bumped;
  private List<FdbWatch> watches = List.of();
  private @Nullable FDBException failure;

  Attempt(Transaction transaction, long deadlineNanos) {
    this.transaction = transaction;
    this.deadlineNanos = deadlineNanos;
  }

  Transaction transaction() {
    return transaction;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  /**
   * Waits for a result. After a FoundationDB error this attempt has failed, even if the caller
   * catches the exception.
   */
  <T extends @Nullable Object> T await(CompletableFuture<T> future) {
    try {
      return future.isDone()
          ? future.join()
          : future.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (CompletionException | ExecutionException e) {
      throw failed(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw failed(
          new FDBException("No result before the deadline", FdbErrors.TRANSACTION_TIMED_OUT));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException.StoreUnavailable("Interrupted while waiting for FoundationDB", e);
    }
  }

  private RuntimeException failed(Throwable cause) {
    if (cause instanceof FDBException e) {
      failure = e;
      return new FdbFailure(e);
    }
    return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
  }

  /** The last FoundationDB error of this attempt. */
  @Nullable
  FDBException failure() {
    return failure;
  }

  /**
   * Waits for the read version and the metadata version, which arrive in one reply. The read
   * version is awaited first: if the cluster refuses it, for example because it is locked, the
   * client never completes the read of the metadata version.
   */
  void begin() {
    CompletableFuture<Long> readVersion = transaction.getReadVersion();
    CompletableFuture<byte[]> metadata = transaction.snapshot().get(KeySpace.METADATA_VERSION);
    await(readVersion);
    byte[] value = await(metadata);
    metadataVersion = value == null ? NOTHING : value;
  }

  /**
   * The cluster's metadata version, empty before its first change. While it is unchanged, so is the
   * version row of every database.
   */
  byte[] metadataVersion() {
    return metadataVersion;
  }

  /** Changes {@link #metadataVersion()} for transactions after this one. */
  void bumpMetadataVersion() {
    transaction.mutate(
        MutationType.SET_VERSIONSTAMPED_VALUE, KeySpace.METADATA_VERSION, new byte[14]);
    wrote = true;
    bumped = true;
  }

  boolean hasBumped() {
    return bumped;
  }

  /** Sets a key to this transaction's versionstamp at position 0: 12 bytes. */
  void setVersionstamp(byte[] key) {
    transaction.mutate(
        MutationType.SET_VERSIONSTAMPED_VALUE, key, new byte[STAMP_BYTES + OFFSET_BYTES]);
    wrote = true;
  }

  /** Counts a write, before it is made. Throws if it certainly exceeds a limit. */
  void countWrite(int keyBytes, int valueBytes, int prefixBytes) {
    requireFits(Limits.Limit.KEY, keyBytes, Limits.ADAPTER_KEY_BYTES_MAX);
    requireFits(Limits.Limit.VALUE, valueBytes, Limits.VALUE_BYTES_MAX);
    long more = Limits.writeBytes(keyBytes, valueBytes);
    countSize(more + 3L * prefixBytes);
    bytes += more;
    wrote = true;
  }

  /** Counts a range that is read with a conflict. */
  void countRange(long boundsBytes, int prefixBytes) {
    countSize(boundsBytes + 2L * prefixBytes);
  }

  void countDelete(long boundsBytes, int prefixBytes) {
    countSize(2 * (boundsBytes + 2L * prefixBytes));
    bytes += boundsBytes;
    wrote = true;
  }

  private void countSize(long more) {
    requireFits(Limits.Limit.TRANSACTION, size + more, Limits.ADAPTER_TRANSACTION_BYTES_MAX);
    size += more;
  }

  private static void requireFits(Limits.Limit limit, long actual, long max) {
    if (actual > max) {
      throw new StorageException.LimitExceeded(limit, actual);
    }
  }

  /** Marks this attempt as one that must commit, without counting any bytes. */
  void markWritten() {
    wrote = true;
  }

  boolean hasWritten() {
    return wrote;
  }

  /** Bytes written, by the formula of the storage limits. */
  long writtenBytes() {
    return bytes;
  }

  /** Approximate size of the transaction as FoundationDB counts it. */
  long transactionBytes() {
    return size;
  }

  /** Adds a watch that takes effect when this attempt succeeds. */
  void addWatch(FdbWatch watch) {
    if (watches.isEmpty()) {
      watches = new ArrayList<>(1);
    }
    watches.add(watch);
  }

  List<FdbWatch> watches() {
    return watches;
  }
}
