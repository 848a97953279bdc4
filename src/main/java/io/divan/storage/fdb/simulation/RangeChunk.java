package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.KeyValue;
import java.util.List;

/**
 * What one request for a range answered.
 *
 * @param more whether a limit stopped it
 * @param readToBegin whether a selector ran off the beginning of the database
 * @param readThroughEnd whether a selector ran off its end
 */
record RangeChunk(
    List<KeyValue> rows, boolean more, boolean readToBegin, boolean readThroughEnd) {

  static RangeChunk empty(boolean readToBegin, boolean readThroughEnd) {
    return new RangeChunk(List.of(), false, readToBegin, readThroughEnd);
  }

  /** The row with the smallest key comes first if {@code reverse} is false. */
  byte[] firstKey() {
    return rows.getFirst().getKey();
  }

  byte[] lastKey() {
    return rows.getLast().getKey();
  }
}
