package io.divan.record.store;

import io.divan.record.RecordType;
import io.divan.storage.KeyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Puts together the chunks of consecutive records, read in either direction. For one thread. */
final class Assembly {
  private final RecordKeys keys;
  private final RecordType type;
  private final boolean reverse;
  private final List<byte[]> chunks = new ArrayList<>();
  private byte[] primaryKey = {};
  private int missing;

  Assembly(RecordKeys keys, RecordType type, boolean reverse) {
    this.keys = keys;
    this.type = type;
    this.reverse = reverse;
  }

  /** Adds the next chunk; returns whether the record is complete. */
  boolean add(KeyValue row) {
    RecordKeys.Split split = keys.split(type, row.key());
    int expected = reverse ? missing - 1 : chunks.size();
    if (chunks.isEmpty()) {
      primaryKey = split.primaryKey();
      missing = reverse ? split.chunk() + 1 : Chunks.count(row.value());
      expected = reverse ? split.chunk() : 0;
    }
    if (split.chunk() != expected || !Arrays.equals(primaryKey, split.primaryKey())) {
      throw Chunks.damaged();
    }
    chunks.add(row.value());
    missing--;
    return missing == 0;
  }

  /** Returns how many chunks the current record lacks. */
  int missing() {
    return missing;
  }

  /** Returns the primary key of the current record. */
  byte[] primaryKey() {
    return primaryKey;
  }

  /** Returns the chunks of the complete record, in their order, and begins the next one. */
  List<byte[]> take() {
    List<byte[]> taken = List.copyOf(reverse ? chunks.reversed() : chunks);
    chunks.clear();
    return taken;
  }
}
