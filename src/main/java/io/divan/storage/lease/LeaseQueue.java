package io.divan.storage.lease;

import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The processes waiting for a lease, in order. It is stored as a row: a tuple of ids.
 *
 * @param ids the ids of leases, at most {@value #MAX}
 */
record LeaseQueue(List<String> ids) {
  private static final int MAX = 64;
  private static final LeaseQueue EMPTY = new LeaseQueue(List.of());

  static LeaseQueue of(byte @Nullable [] row) {
    if (row == null) {
      return EMPTY;
    }
    List<String> ids = new ArrayList<>();
    TupleReader reader = new TupleReader(row);
    while (reader.hasNext()) {
      ids.add(reader.nextString());
    }
    return new LeaseQueue(List.copyOf(ids));
  }

  byte[] toBytes() {
    return TupleWriter.pack(ids.toArray());
  }

  boolean isEmpty() {
    return ids.isEmpty();
  }

  /** Returns whether the queue is empty or {@code id} is first. */
  boolean isTurnOf(String id) {
    return ids.isEmpty() || ids.getFirst().equals(id);
  }

  /** Returns whether the queue contains any other id. */
  boolean hasOther(String id) {
    return ids.stream().anyMatch(other -> !other.equals(id));
  }

  /** Returns whether {@code id} cannot be added, because it is present or the queue is full. */
  boolean isClosedTo(String id) {
    return ids.contains(id) || ids.size() >= MAX;
  }

  LeaseQueue with(String id) {
    List<String> more = new ArrayList<>(ids);
    more.add(id);
    return new LeaseQueue(List.copyOf(more));
  }

  /** Returns the queue without {@code id} and those before it, or without its first. */
  LeaseQueue after(String id) {
    int at = ids.indexOf(id);
    return ids.isEmpty() ? this : new LeaseQueue(ids.subList(Math.max(at, 0) + 1, ids.size()));
  }
}
