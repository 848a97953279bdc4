package io.divan.record.query;

import io.divan.record.Rec;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A row that a plan found. Its record belongs to the results if the plan accepts it.
 *
 * @param branch the ordinal of the branch
 * @param access the access of the branch
 * @param primaryKey the record's primary key
 * @param rec the record, or those of its fields that the row holds; empty if it must be read
 * @param order the encoded fields of the sort, if branches are merged
 * @param continuation continues after this row
 */
record Entry(
    int branch,
    Access access,
    byte[] primaryKey,
    Optional<Rec> rec,
    byte[] order,
    Supplier<byte[]> continuation) {

  Entry continued(Supplier<byte[]> other) {
    return new Entry(branch, access, primaryKey, rec, order, other);
  }
}
