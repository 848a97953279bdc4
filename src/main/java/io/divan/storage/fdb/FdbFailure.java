package io.divan.storage.fdb;

import com.apple.foundationdb.FDBException;

/** Ends an attempt at a transaction: thrown through the work, caught by what ran it. */
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
