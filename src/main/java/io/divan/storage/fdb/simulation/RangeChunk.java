package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.KeyValue;
import java.util.List;

/**
 * The result of one request for a range.
 *
 * @param more whether a limit ended it
 * @param readToBegin whether a selector resolved to before the beginning of the database
 * @param readThroughEnd whether a selector resolved to after the end of the database
 */
record RangeChunk(
    List<KeyValue> rows, boolean more, boolean readToBegin, boolean readThroughEnd) {

  static RangeChunk empty(boolean readToBegin, boolean readThroughEnd) {
    return new RangeChunk(List.of(), false, readToBegin, readThroughEnd);
  }

  /** The key of the first row in reading order. */
  byte[] firstKey() {
    return rows.getFirst().getKey();
  }

  byte[] lastKey() {
    return rows.getLast().getKey();
  }
}
