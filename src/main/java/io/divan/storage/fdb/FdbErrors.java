package io.divan.storage.fdb;

import com.apple.foundationdb.FDBException;
import io.divan.storage.Limits;
import io.divan.storage.StorageException;

/**
 * Translates FoundationDB's error codes. {@code FDBException} has predicates for some of them, but
 * they load the native library.
 *
 * @see <a href="https://apple.github.io/foundationdb/api-error-codes.html">Error codes</a>
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

  /** Whether a commit that failed with this error may have taken effect. */
  static boolean isMaybeCommitted(FDBException e) {
    return e.getCode() == COMMIT_UNKNOWN_RESULT || e.getCode() == CLUSTER_VERSION_CHANGED;
  }

  /** Whether a watch that failed with this error must be replaced by polling. */
  static boolean isWatchUnavailable(Throwable e) {
    return e instanceof FDBException fdb
        && (fdb.getCode() == TOO_MANY_WATCHES || fdb.getCode() == WATCHES_DISABLED);
  }

  /**
   * The exception for a transaction that ends with this error.
   *
   * @param attempts the number of attempts
   * @param bytes the size of the transaction
   * @param commitUnknown whether it may have been committed
   */
  static RuntimeException of(FDBException e, int attempts, long bytes, boolean commitUnknown) {
    if (commitUnknown) {
      return new StorageException.StoreUnavailable(
          "FoundationDB did not report whether it committed a transaction: " + text(e), e);
    }
    return switch (e.getCode()) {
      case NOT_COMMITTED -> new StorageException.Conflict(attempts);
      case TRANSACTION_TOO_LARGE ->
          new StorageException.LimitExceeded(Limits.Limit.TRANSACTION, bytes);
      case ACCESSED_UNREADABLE ->
          new IllegalStateException(
              "A transaction read a key that it has written with a versionstamp", e);
      case TRANSACTION_TOO_OLD ->
          new StorageException.StoreUnavailable(
              "A transaction exceeded FoundationDB's limit of five seconds in each of "
                  + attempts + " attempts", e);
      case TRANSACTION_TIMED_OUT ->
          new StorageException.StoreUnavailable(
              "FoundationDB did not respond in time: check the cluster with fdbcli's `status`", e);
      case DATABASE_LOCKED ->
          new StorageException.StoreUnavailable(
              "The FoundationDB cluster is locked: wait for the restore to end, or unlock it with"
                  + " fdbcli's `unlock`", e);
      default -> new StorageException.StoreUnavailable("FoundationDB failed: " + text(e), e);
    };
  }

  static String text(FDBException e) {
    return e.getMessage() + " (" + e.getCode() + ")";
  }
}
