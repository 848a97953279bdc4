package io.divan.storage.fdb.simulation;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Walks over a snapshot merged with a transaction's own writes, segment by segment. A segment is
 * one key, or a range without values. After fdbclient/RYWIterator.cpp, for a snapshot that is
 * completely known. Call {@link #seek} first. Not thread-safe.
 *
 * <ol>
 *   <li>Where the writes alone determine the content (a cleared range, a key that was set), the
 *       segment is that of the writes, and the snapshot is not read: no read version is needed.
 *       Elsewhere it is the intersection of the writes' segment and the snapshot's, and never
 *       empty.
 *   <li>No segment contains keys on both sides of {@code limit}, the end of the readable keys.
 *   <li>A key that has a value in the snapshot may have none here (compare and clear). It is still
 *       a segment of its own: {@link #isKey()} is true, and {@link #value()} is null.
 * </ol>
 */
final class SegmentCursor {

  private final Supplier<KeyTree> snapshot;
  private final WriteMap writes;
  private final byte[] limit;
  private final boolean readUnreadable;

  private WriteMap.Segment write;
  /** The entry at {@code knownBegin}; null for a gap between entries. */
  private KeyTree.@Nullable Node known;
  private KeyTree.@Nullable Walk walk;
  private byte[] knownBegin = Keys.EMPTY;
  private byte[] knownEnd = Keys.EMPTY;

  /**
   * Creates a cursor without a position.
   *
   * @param snapshot returns the same tree on each call
   */
  SegmentCursor(
      Supplier<KeyTree> snapshot, WriteMap writes, byte[] limit, boolean readUnreadable) {
    this.snapshot = snapshot;
    this.writes = writes;
    this.limit = limit;
    this.readUnreadable = readUnreadable;
    this.write = writes.at(Keys.EMPTY);
  }

  /** Moves to the segment that contains {@code key}. */
  void seek(byte[] key) {
    write = writes.at(key);
    if (!isOpaque()) {
      knownAt(key);
    }
  }

  /** Whether the writes alone determine the content of the segment. */
  private boolean isOpaque() {
    return write.isCleared() || write.operation() && write.isIndependent();
  }

  private void knownAt(byte[] key) {
    KeyTree tree = snapshot.get();
    KeyTree.Node entry = tree.floor(key);
    if (entry != null && Keys.compare(entry.key, key) == 0) {
      entryAt(entry);
    } else {
      gap(entry, tree.ceiling(key), key);
    }
  }

  private void entryAt(KeyTree.Node entry) {
    known = entry;
    knownBegin = entry.key;
    knownEnd = Keys.after(entry.key);
  }

  /** Selects the part of the gap between two entries that contains {@code key}. */
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
    if (isOpaque()) {
      seek(write.end());
      return;
    }
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
    KeyTree tree = snapshot.get();
    KeyTree.Node following = following(tree, from);
    if (following != null && Keys.compare(following.key, from) == 0) {
      entryAt(following);
    } else {
      KeyTree.Node before = known != null ? known : tree.lower(from);
      gap(before, following, from);
    }
  }

  /** The first entry at or after {@code from}, the end of this segment. */
  private KeyTree.@Nullable Node following(KeyTree tree, byte[] from) {
    KeyTree.Walk ahead = walk;
    if (ahead == null) {
      ahead = tree.walk();
      walk = ahead;
    }
    KeyTree.Node at = ahead.at();
    if (at != null && at == known) {
      return ahead.next();
    }
    return at != null && at.key == from ? at : ahead.ceiling(from);
  }

  /** Moves to the previous segment; this one must not begin at the empty key. */
  void previous() {
    if (isOpaque()) {
      byte[] until = write.begin();
      write = writes.before(write);
      if (!isOpaque()) {
        knownBefore(until);
      }
      return;
    }
    int order = Keys.compare(knownBegin, write.begin());
    if (order >= 0) {
      knownBefore(knownBegin);
    }
    if (order <= 0) {
      write = writes.before(write);
    }
  }

  /** Selects the snapshot's segment with the last key before {@code until}, truncated there. */
  private void knownBefore(byte[] until) {
    KeyTree.Node before = snapshot.get().lower(until);
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
    return isOpaque() ? write.begin() : Keys.max(knownBegin, write.begin());
  }

  byte[] end() {
    return isOpaque() ? write.end() : Keys.min(knownEnd, write.end());
  }

  boolean isUnreadable() {
    return write.isUnreadable();
  }

  /** Whether the segment is one key, which may have {@linkplain #value() no value}. */
  boolean isKey() {
    refuseUnreadable();
    return write.operation() || write.isUnmodified() && known != null;
  }

  /** The value of the key, or null. */
  byte @Nullable [] value() {
    refuseUnreadable();
    KeyTree.Node entry = isOpaque() ? null : known;
    byte[] stored = entry == null ? null : entry.value;
    return write.operation() ? write.entry().applyTo(stored) : stored;
  }

  private void refuseUnreadable() {
    if (write.isUnreadable() && !readUnreadable) {
      throw Errors.of(Errors.ACCESSED_UNREADABLE);
    }
  }

  /** Whether the two cursors are at the same segment. */
  boolean isAt(SegmentCursor other) {
    return Keys.compare(begin(), other.begin()) == 0;
  }
}
