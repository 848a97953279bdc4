package io.divan.storage.fdb.simulation;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Walks over a snapshot as a transaction's own writes change it, segment by segment: a segment is
 * one key that has a value, or a range without any. After fdbclient/RYWIterator.cpp, over a
 * snapshot of which everything is known. {@link #seek} comes first. Not safe for use by many
 * threads.
 *
 * <ol>
 *   <li>Where the writes alone say what is there (a cleared range, a key that was set) the segment
 *       is theirs, and the snapshot is not asked for: what a transaction knows needs no read
 *       version. Elsewhere it is the intersection of the writes' segment and the snapshot's, and
 *       never empty.
 *   <li>No segment lies on both sides of {@code limit}, the end of what may be read.
 *   <li>A key may have a value in the snapshot and none here (compare and clear): it is a segment
 *       of its own, {@link #isKey()}, without a {@link #value()}.
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
   * A cursor that stands nowhere yet.
   *
   * @param snapshot gives the same tree each time
   */
  SegmentCursor(
      Supplier<KeyTree> snapshot, WriteMap writes, byte[] limit, boolean readUnreadable) {
    this.snapshot = snapshot;
    this.writes = writes;
    this.limit = limit;
    this.readUnreadable = readUnreadable;
    this.write = writes.at(Keys.EMPTY);
  }

  /** Goes to the segment that holds {@code key}. */
  void seek(byte[] key) {
    write = writes.at(key);
    if (!isOpaque()) {
      knownAt(key);
    }
  }

  /** Whether the writes alone say what the segment holds. */
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

  /** The first entry at or after {@code from}, which is where this segment ends. */
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

  /** Goes to the segment before; this one does not begin at the empty key. */
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

  /** The segment of the snapshot with the last key before {@code until}, cut off there. */
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

  /** Whether the segment is one key, with a value or {@linkplain #value() without}. */
  boolean isKey() {
    refuseUnreadable();
    return write.operation() || write.isUnmodified() && known != null;
  }

  /** The value of the key, or null for none. */
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

  /** Whether the two cursors stand at the same segment. */
  boolean isAt(SegmentCursor other) {
    return Keys.compare(begin(), other.begin()) == 0;
  }
}
