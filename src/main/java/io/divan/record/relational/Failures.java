package io.divan.record.relational;

import io.divan.record.RecordException;

/** Failures of records as those of tables. */
final class Failures {
  private Failures() {}

  /** Returns the failure of tables for one of records, or the same failure. */
  static RuntimeException of(RuntimeException failure) {
    return switch (failure) {
      case RecordException.AlreadyExists exists ->
          new RelationalException.DuplicateKey(exists.type(), exists.key().elements());
      case RecordException.NotUnique other ->
          new RelationalException.NotUnique(other.index(), other.owner().elements());
      case RecordException.Invalid invalid ->
          new RelationalException.Refused(String.valueOf(invalid.getMessage()));
      default -> failure;
    };
  }
}
