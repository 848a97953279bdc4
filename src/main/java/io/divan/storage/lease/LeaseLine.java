package io.divan.storage.lease;

import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for a lease, the first in line first, as a row of its store says it: a tuple of ids.
 *
 * @param ids ids of leases, at most {@value #MAX}
 */
record LeaseLine(List<String> ids) {
  private static final int MAX = 64;
  private static final LeaseLine NOBODY = new LeaseLine(List.of());

  static LeaseLine of(byte @Nullable [] row) {
    if (row == null) {
      return NOBODY;
    }
    List<String> ids = new ArrayList<>();
    TupleReader reader = new TupleReader(row);
    while (reader.hasNext()) {
      ids.add(reader.nextString());
    }
    return new LeaseLine(List.copyOf(ids));
  }

  byte[] toBytes() {
    return TupleWriter.pack(ids.toArray());
  }

  boolean isEmpty() {
    return ids.isEmpty();
  }

  /** Whether nobody stands before this one. */
  boolean isTurnOf(String id) {
    return ids.isEmpty() || ids.getFirst().equals(id);
  }

  /** Whether there is anybody but this one. */
  boolean hasOther(String id) {
    return ids.stream().anyMatch(other -> !other.equals(id));
  }

  /** Whether this one cannot be added: it is there, or there is no room. */
  boolean isClosedTo(String id) {
    return ids.contains(id) || ids.size() >= MAX;
  }

  LeaseLine with(String id) {
    List<String> more = new ArrayList<>(ids);
    more.add(id);
    return new LeaseLine(List.copyOf(more));
  }

  /** Those who are left when this one has had its turn, and with it those it has passed. */
  LeaseLine after(String id) {
    int at = ids.indexOf(id);
    return ids.isEmpty() ? this : new LeaseLine(ids.subList(Math.max(at, 0) + 1, ids.size()));
  }
}
