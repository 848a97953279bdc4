package io.divan.storage.fdb;

import com.apple.foundationdb.FDBException;

/** Carries an error of FoundationDB through a transaction's work to the loop that retries it. */
final class FdbFailure extends RuntimeException {
  private final FDBException reason;

  FdbFailure(FDBException reason) {
    super(reason.getMessage(), reason, false, false);
    this.reason = reason;
  }

  FDBException reason() {
    return reason;
  }
}
