package io.divan.storage.fdb;

import com.apple.foundationdb.FDBException;
import io.divan.storage.Limits;
import io.divan.storage.StorageException;

/**
 * What FoundationDB's error codes mean here. {@code FDBException} has predicates for some of it,
 * but they load the native library.
 *
 * @see <a href="https://apple.github.io/foundationdb/api-error-codes.html">the codes</a>
 */
final class FdbErrors {
  static final int TRANSACTION_TOO_OLD = 1007;
  static final int NOT_COMMITTED = 1020;
  static final int COMMIT_UNKNOWN_RESULT = 1021;
  static final int TRANSACTION_CANCELLED = 1025;
  static final int TRANSACTION_TIMED_OUT = 1031;
  static final int TOO_MANY_WATCHES = 1032;
  static final int WATCHES_DISABLED = 1034;
  static final int ACCESSED_UNREADABLE = 1036;
  static final int DATABASE_LOCKED = 1038;
  static final int CLUSTER_VERSION_CHANGED = 1039;
  static final int TRANSACTION_TOO_LARGE = 2101;

  private FdbErrors() {}

  /** Whether a commit that failed so may have happened all the same. */
  static boolean isMaybeCommitted(FDBException e) {
    return e.getCode() == COMMIT_UNKNOWN_RESULT || e.getCode() == CLUSTER_VERSION_CHANGED;
  }

  /** Whether a watch that failed so is to be replaced by polling. */
  static boolean isNoWatch(Throwable e) {
    return e instanceof FDBException fdb
        && (fdb.getCode() == TOO_MANY_WATCHES || fdb.getCode() == WATCHES_DISABLED);
  }

  /**
   * What to throw of a transaction that ends with this error.
   *
   * @param attempts how often it was tried
   * @param bytes what it would have written
   * @param commitUnknown whether it may have been committed
   */
  static RuntimeException of(FDBException e, int attempts, long bytes, boolean commitUnknown) {
    if (commitUnknown) {
      return new StorageException.StoreUnavailable(
          "FoundationDB did not say whether it committed a transaction: " + text(e), e);
    }
    return switch (e.getCode()) {
      case NOT_COMMITTED -> new StorageException.Conflict(attempts);
      case TRANSACTION_TOO_LARGE ->
          new StorageException.LimitExceeded(Limits.Limit.TRANSACTION, bytes);
      case ACCESSED_UNREADABLE ->
          new IllegalStateException(
              "What a transaction has stamped cannot be read before it commits", e);
      case TRANSACTION_TOO_OLD ->
          new StorageException.StoreUnavailable(
              "A transaction took longer than FoundationDB's five seconds, "
                  + attempts + " times", e);
      case TRANSACTION_TIMED_OUT ->
          new StorageException.StoreUnavailable(
              "FoundationDB did not answer in time: see whether the cluster is available, with"
                  + " fdbcli's `status`", e);
      case DATABASE_LOCKED ->
          new StorageException.StoreUnavailable(
              "The FoundationDB cluster is locked, by a restore or with fdbcli's `lock`", e);
      default -> new StorageException.StoreUnavailable("FoundationDB failed: " + text(e), e);
    };
  }

  static String text(FDBException e) {
    return e.getMessage() + " (" + e.getCode() + ")";
  }
}
