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
 * One attempt at a transaction: waits for its answers until the deadline, notices errors, and
 * counts what it writes. Used by one thread.
 */
final class Attempt {
  static final int STAMP_BYTES = 12;

  /** What a versionstamped mutation's parameter ends with: where the stamp goes, little-endian. */
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

  /** Waits for an answer; after an error the attempt has failed, whatever its work makes of it. */
  <T extends @Nullable Object> T await(CompletableFuture<T> future) {
    try {
      return future.isDone()
          ? future.join()
          : future.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (CompletionException | ExecutionException e) {
      throw failed(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw failed(new FDBException("No answer in time", FdbErrors.TRANSACTION_TIMED_OUT));
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

  /** The error that this attempt has met. */
  @Nullable FDBException failure() {
    return failure;
  }

  /**
   * Waits for the read version and what comes with it: both are one answer, but the client never
   * completes the metadata version where it gets no read version, as of a cluster that is locked.
   */
  void begin() {
    CompletableFuture<Long> readVersion = transaction.getReadVersion();
    CompletableFuture<byte[]> metadata = transaction.snapshot().get(KeySpace.METADATA_VERSION);
    await(readVersion);
    byte[] value = await(metadata);
    metadataVersion = value == null ? NOTHING : value;
  }

  /** As long as this is the same, so is every database's version; empty before the first change. */
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
  void stamp(byte[] key) {
    transaction.mutate(
        MutationType.SET_VERSIONSTAMPED_VALUE, key, new byte[STAMP_BYTES + OFFSET_BYTES]);
    wrote = true;
  }

  /** Notes a write before it is made, and refuses what is certainly too large. */
  void countWrite(int keyBytes, int valueBytes, int prefixBytes) {
    requireFits(Limits.Limit.KEY, keyBytes, Limits.ADAPTER_KEY_BYTES_MAX);
    requireFits(Limits.Limit.VALUE, valueBytes, Limits.VALUE_BYTES_MAX);
    long more = Limits.writeBytes(keyBytes, valueBytes);
    countSize(more + 3L * prefixBytes);
    bytes += more;
    wrote = true;
  }

  /** Notes a range deleted or read with conflicts. */
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

  /** Notes a write that counts for nothing. */
  void wrote() {
    wrote = true;
  }

  boolean hasWritten() {
    return wrote;
  }

  /** Bytes written, by the limits' formula. */
  long bytes() {
    return bytes;
  }

  /** Bytes that FoundationDB counts, somewhat more or less. */
  long size() {
    return size;
  }

  /** A watch that lives from this attempt's success. */
  void add(FdbWatch watch) {
    if (watches.isEmpty()) {
      watches = new ArrayList<>(1);
    }
    watches.add(watch);
  }

  List<FdbWatch> watches() {
    return watches;
  }
}
