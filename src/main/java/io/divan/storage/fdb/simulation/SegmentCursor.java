package io.divan.storage.fdb.simulation;

import org.jspecify.annotations.Nullable;

/**
 * Walks over a snapshot as a transaction's own writes change it, segment by segment: a segment is
 * one key that has a value, or a range without any. After fdbclient/RYWIterator.cpp, over a
 * snapshot of which everything is known. Not safe for use by many threads.
 *
 * <ol>
 *   <li>The segment is the intersection of the current segment of the writes and of the current
 *       segment of the snapshot, and never empty.
 *   <li>No segment lies on both sides of {@code limit}, the end of what may be read.
 *   <li>A key may have a value in the snapshot and none here (compare and clear): it is a segment
 *       of its own, {@link #isKey()}, without a {@link #value()}.
 * </ol>
 */
final class SegmentCursor {

  private final KeyTree snapshot;
  private final WriteMap writes;
  private final byte[] limit;
  private final boolean readUnreadable;

  private WriteMap.Segment write;
  /** The entry at {@code knownBegin}; null for a gap between entries. */
  private KeyTree.@Nullable Node known;
  private byte[] knownBegin = Keys.EMPTY;
  private byte[] knownEnd = Keys.EMPTY;

  SegmentCursor(KeyTree snapshot, WriteMap writes, byte[] limit, boolean readUnreadable) {
    this.snapshot = snapshot;
    this.writes = writes;
    this.limit = limit;
    this.readUnreadable = readUnreadable;
    this.write = writes.at(Keys.EMPTY);
    knownAt(Keys.EMPTY);
  }

  /** Goes to the segment that holds {@code key}. */
  void seek(byte[] key) {
    write = writes.at(key);
    knownAt(key);
  }

  private void knownAt(byte[] key) {
    KeyTree.Node entry = snapshot.floor(key);
    if (entry != null && Keys.compare(entry.key, key) == 0) {
      entryAt(entry);
    } else {
      gap(entry, snapshot.ceiling(key), key);
    }
  }

  private void entryAt(KeyTree.Node entry) {
    known = entry;
    knownBegin = entry.key;
    knownEnd = Keys.after(entry.key);
  }

  /** The part of the gap between two entries that holds {@code key}. */
  private void gap(KeyTree.@Nullable Node before, KeyTree.@Nullable Node after, byte[] key) {
    known = null;
    knownBegin = before == null ? Keys.EMPTY : Keys.after(before.key);
    knownEnd = after == null ? Keys.AFTER_END : after.key;
    if (Keys.compare(key, limit) < 0) {
      knownEnd = Keys.min(knownEnd, limit);
    } else {
      knownBegin = Keys.max(knownBegin, limit);
    }
  }

  void next() {
    int order = Keys.compare(knownEnd, write.end());
    if (order <= 0) {
      nextKnown();
    }
    if (order >= 0) {
      write = writes.after(write);
    }
  }

  private void nextKnown() {
    byte[] from = knownEnd;
    KeyTree.Node following = snapshot.ceiling(from);
    if (following != null && Keys.compare(following.key, from) == 0) {
      entryAt(following);
    } else {
      KeyTree.Node before = known != null ? known : snapshot.lower(from);
      gap(before, following, from);
    }
  }

  /** Goes to the segment before; this one does not begin at the empty key. */
  void previous() {
    int order = Keys.compare(knownBegin, write.begin());
    if (order >= 0) {
      previousKnown();
    }
    if (order <= 0) {
      write = writes.before(write);
    }
  }

  private void previousKnown() {
    byte[] until = knownBegin;
    KeyTree.Node before = snapshot.lower(until);
    if (before != null && Keys.compare(Keys.after(before.key), until) == 0) {
      entryAt(before);
      return;
    }
    known = null;
    knownBegin = before == null ? Keys.EMPTY : Keys.after(before.key);
    knownEnd = until;
    if (Keys.compare(knownBegin, limit) < 0 && Keys.compare(limit, until) < 0) {
      knownBegin = limit;
    }
  }

  byte[] begin() {
    return Keys.max(knownBegin, write.begin());
  }

  byte[] end() {
    return Keys.min(knownEnd, write.end());
  }

  boolean isUnreadable() {
    return write.isUnreadable();
  }

  /** Whether the segment is one key, with a value or {@linkplain #value() without}. */
  boolean isKey() {
    refuseUnreadable();
    return write.operation() || write.isUnmodified() && known != null;
  }

  /** The value of the key, or null for none. */
  byte @Nullable [] value() {
    refuseUnreadable();
    KeyTree.Node entry = known;
    byte[] stored = entry == null ? null : entry.value;
    if (!write.operation()) {
      return write.isCleared() ? null : stored;
    }
    return write.entry().applyTo(write.isIndependent() ? null : stored);
  }

  private void refuseUnreadable() {
    if (write.isUnreadable() && !readUnreadable) {
      throw Errors.of(Errors.ACCESSED_UNREADABLE);
    }
  }

  /** Whether the two cursors stand at the same segment. */
  boolean isAt(SegmentCursor other) {
    return Keys.compare(begin(), other.begin()) == 0;
  }
}
