package io.divan.storage.fdb.simulation;

import io.divan.storage.fdb.simulation.WriteEntry.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The writes of a transaction so far, after fdbclient/WriteMap.cpp. Every key belongs to exactly
 * one segment: the operations on one key, or a range that was cleared or left unmodified. Each
 * segment also records whether it is a write conflict, and whether it can be read: a segment in
 * which a versionstamped key may end up cannot. Not thread-safe.
 */
final class WriteMap {

  /**
   * One segment.
   *
   * @param operation whether it holds the operations on {@code entry}'s key, not the range after it
   */
  record Segment(WriteEntry entry, boolean operation, byte[] begin, byte[] end) {

    boolean isCleared() {
      return !operation && entry.followingCleared();
    }

    boolean isUnmodified() {
      return !operation && !entry.followingCleared();
    }

    boolean isConflict() {
      return operation ? entry.conflict() : entry.followingConflict();
    }

    boolean isUnreadable() {
      return operation ? entry.unreadable() : entry.followingUnreadable();
    }

    boolean isDependent() {
      return operation && entry.isDependent();
    }

    /** Whether the value is independent of the snapshot. */
    boolean isIndependent() {
      return entry.followingCleared() || !entry.isDependent();
    }

    private boolean beginsAtEntry() {
      return operation || !entry.hasOperations();
    }
  }

  /** The initial entries of every map. Never modified. */
  private static final TreeMap<byte[], WriteEntry> UNTOUCHED = untouched();

  /** For reads that do not see the transaction's writes. Never modified. */
  static final WriteMap NOTHING = new WriteMap();

  private TreeMap<byte[], WriteEntry> entries = UNTOUCHED;
  private boolean empty = true;

  private static TreeMap<byte[], WriteEntry> untouched() {
    TreeMap<byte[], WriteEntry> entries = new TreeMap<>(Keys::compare);
    for (byte[] key : List.of(Keys.EMPTY, Keys.END, Keys.AFTER_END)) {
      entries.put(key, WriteEntry.range(key, false, false, false));
    }
    return entries;
  }

  /** Whether nothing was written and every key can be read. */
  boolean isUntouched() {
    return entries == UNTOUCHED;
  }

  /** The entries, copied before their first modification. */
  private TreeMap<byte[], WriteEntry> own() {
    if (entries == UNTOUCHED) {
      entries = new TreeMap<>(UNTOUCHED);
    }
    return entries;
  }

  boolean isEmpty() {
    return empty;
  }

  private void put(WriteEntry entry) {
    own().put(entry.key(), entry);
  }

  /** The segment that contains {@code key}. */
  Segment at(byte[] key) {
    WriteEntry entry = entries.floorEntry(key).getValue();
    boolean operation = entry.hasOperations() && Keys.compare(entry.key(), key) == 0;
    return segment(entry, operation);
  }

  private Segment segment(WriteEntry entry, boolean operation) {
    if (operation) {
      return new Segment(entry, true, entry.key(), Keys.after(entry.key()));
    }
    byte[] begin = entry.hasOperations() ? Keys.after(entry.key()) : entry.key();
    byte[] end = entries.higherKey(entry.key());
    return new Segment(entry, false, begin, end == null ? Keys.AFTER_END : end);
  }

  Segment after(Segment segment) {
    return at(segment.end());
  }

  /** The previous segment; {@code segment} must not be the first. */
  Segment before(Segment segment) {
    WriteEntry entry = entries.lowerEntry(segment.begin()).getValue();
    boolean adjoining = entry.hasOperations()
        && Keys.compare(Keys.after(entry.key()), segment.begin()) == 0;
    return segment(entry, adjoining);
  }

  /** The first segment at or after {@code key} that is not unmodified; null if there is none. */
  @Nullable
  Segment nextModified(byte[] key) {
    Segment segment = at(key);
    while (segment.isUnmodified() && !segment.isUnreadable()) {
      if (Keys.compare(segment.end(), Keys.END) >= 0) {
        return null;
      }
      segment = after(segment);
    }
    return segment;
  }

  void mutate(byte[] key, Mutation.Kind kind, byte[] operand, boolean addConflict) {
    empty = false;
    Segment segment = at(key);
    WriteEntry entry = segment.entry();
    boolean conflict = addConflict || segment.isConflict();
    boolean unreadable = segment.isUnreadable() || kind.isStamped();
    Operation operation = new Operation(kind, operand);
    List<Operation> stack;
    if (Keys.compare(entry.key(), key) != 0) {
      stack = segment.isCleared() && kind.isDependent()
          ? WriteEntry.afterClear(operation)
          : List.of(operation);
    } else if (!segment.isUnreadable()
        && (kind == Mutation.Kind.SET || kind == Mutation.Kind.SET_VERSIONSTAMPED_VALUE)) {
      stack = List.of(operation);
    } else if (!entry.hasOperations() && segment.isCleared() && kind.isDependent()) {
      stack = WriteEntry.afterClear(operation);
    } else if (!unreadable && entry.hasOperations()) {
      stack = WriteEntry.over(entry.stack(), operation);
    } else {
      stack = WriteEntry.pushed(entry.stack(), operation);
    }
    put(
        new WriteEntry(
            key,
            stack,
            entry.followingCleared(),
            entry.followingConflict(),
            conflict,
            entry.followingUnreadable(),
            unreadable));
  }

  void clear(KeyRange range, boolean addConflict) {
    empty = false;
    if (addConflict) {
      replace(range, true, true, false);
    } else {
      clearWithoutConflict(range);
    }
  }

  /** Removes the writes in a range in which a versionstamped key may end up. */
  void markUnreadable(KeyRange range) {
    replace(range, false, false, true);
  }

  private void replace(KeyRange range, boolean cleared, boolean conflict, boolean unreadable) {
    endAt(range.end());
    own().subMap(range.begin(), true, range.end(), false).clear();
    put(WriteEntry.range(range.begin(), cleared, conflict, unreadable));
  }

  /** Makes {@code key} a boundary, so that changes before it do not affect the keys after it. */
  private void endAt(byte[] key) {
    Segment segment = at(key);
    if (!segment.beginsAtEntry() || Keys.compare(segment.begin(), key) != 0) {
      put(
          WriteEntry.range(
              key, segment.isCleared(), segment.isConflict(), segment.isUnreadable()));
    }
  }

  /** Clears a range without changing its conflicts. */
  private void clearWithoutConflict(KeyRange range) {
    List<WriteEntry> kept = new ArrayList<>();
    byte[] at = range.begin();
    while (Keys.compare(at, range.end()) < 0) {
      Segment segment = at(at);
      boolean conflict = segment.isConflict();
      if (kept.isEmpty() || kept.getLast().conflict() != conflict) {
        kept.add(WriteEntry.range(at, true, conflict, false));
      }
      at = segment.end();
    }
    endAt(range.end());
    own().subMap(range.begin(), true, range.end(), false).clear();
    kept.forEach(this::put);
  }

  void addConflict(KeyRange range) {
    empty = false;
    endAt(range.end());
    Segment first = at(range.begin());
    if (!first.beginsAtEntry() || Keys.compare(first.begin(), range.begin()) != 0) {
      endAt(range.begin());
    }
    own().subMap(range.begin(), true, range.end(), false)
        .replaceAll((key, entry) -> entry.withConflict());
  }

  /** The mutations of a range in the order of commit: cleared ranges come first. */
  List<Mutation> mutations(KeyRange range) {
    List<Mutation> mutations = new ArrayList<>();
    byte[] clearedFrom = null;
    for (Segment s = at(range.begin()); inside(s, range); s = after(s)) {
      if (s.isCleared() && clearedFrom == null) {
        clearedFrom = Keys.max(range.begin(), s.begin());
      } else if (!s.isCleared() && clearedFrom != null) {
        mutations.add(new Mutation(Mutation.Kind.CLEAR_RANGE, clearedFrom, s.begin()));
        clearedFrom = null;
      }
    }
    if (clearedFrom != null) {
      mutations.add(new Mutation(Mutation.Kind.CLEAR_RANGE, clearedFrom, range.end()));
    }
    for (Segment s = at(range.begin()); inside(s, range); s = after(s)) {
      if (s.operation()) {
        for (Operation operation : s.entry().stack()) {
          mutations.add(new Mutation(operation.kind(), s.begin(), operation.value()));
        }
      }
    }
    return mutations;
  }

  List<KeyRange> conflicts(KeyRange range) {
    KeyRanges conflicts = new KeyRanges();
    for (Segment s = at(range.begin()); inside(s, range); s = after(s)) {
      if (s.isConflict()) {
        conflicts.add(
            new KeyRange(
                Keys.max(range.begin(), s.begin()), Keys.min(range.end(), s.end())));
      }
    }
    return conflicts.ranges();
  }

  private static boolean inside(Segment segment, KeyRange range) {
    return Keys.compare(segment.begin(), range.end()) < 0;
  }
}
