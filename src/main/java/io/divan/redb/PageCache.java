package io.divan.redb;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Pages in memory, by number: those that equal the file, as many as fit, and the writer's own that
 * are not written yet, all of them. Many threads read; one changes.
 *
 * <ol>
 *   <li>A number has one entry at most. Its array is the page from then on; whoever replaces the
 *       page replaces the entry.
 *   <li>{@link #find} takes no lock and makes no object. It may miss an entry that is just being
 *       put or moved; everything that follows a miss looks again under the lock.
 *   <li>It never finds an entry that was dropped before the reader learned of the page: what leads
 *       a reader to a page is published after the page is.
 *   <li>Entries of unwritten pages are never evicted. The others are in the ring, and together take
 *       no more than the limit.
 *   <li>Eviction goes round the ring. An entry that was found since the last round stays, up to
 *       {@link #USES_MAX} rounds; one that was read once, as in a scan, goes first.
 * </ol>
 */
final class PageCache {
  /** A page in memory. */
  static final class Entry {
    final long page;
    final byte[] bytes;
    private @Nullable Entry next;

    /** Whether the bytes were compared with their checksum, or are the writer's own. */
    boolean verified;

    // Not written yet: then in the list from the oldest to the newest.
    private boolean dirty;
    private boolean touched;
    private @Nullable Entry older;
    private @Nullable Entry newer;

    // Otherwise in the ring; −1 when it is not kept.
    private int ringIndex = -1;
    private byte uses;

    Entry(long page, byte[] bytes, boolean verified) {
      this.page = page;
      this.bytes = bytes;
      this.verified = verified;
    }

    boolean isDirty() {
      return dirty;
    }

    private long weight() {
      return bytes.length + ENTRY_BYTES;
    }
  }

  // What an entry takes beside its page, about.
  private static final int ENTRY_BYTES = 96;
  private static final int USES_MAX = 3;
  private static final int STEPS_MAX = 256;
  private static final int TABLE_LEAST = 256;

  private final Object lock = new Object();
  private final long limit;
  private @Nullable Entry[] table = new Entry[TABLE_LEAST];
  private int entries;

  private @Nullable Entry[] ring = new Entry[TABLE_LEAST];
  private int ringSize;
  private int hand;
  private long cleanBytes;

  private @Nullable Entry oldest;
  private @Nullable Entry newest;
  private int dirtyCount;
  private long dirtyBytes;

  /**
   * An empty one.
   *
   * @param limit the most bytes that written pages take; a page of more than a quarter of them is
   *     not kept
   */
  PageCache(long limit) {
    this.limit = limit;
  }

  private static int slot(long page, int tableLength) {
    return (int) ((page * 0x9E3779B97F4A7C15L) >>> 40) & (tableLength - 1);
  }

  /** A page, where it is in memory. */
  @Nullable Entry find(long page) {
    @Nullable Entry[] entriesNow = table;
    Entry entry = entriesNow[slot(page, entriesNow.length)];
    while (entry != null) {
      if (entry.page == page) {
        if (entry.uses < USES_MAX) {
          entry.uses++;
        }
        return entry;
      }
      entry = entry.next;
    }
    return null;
  }

  /** A page, where it is in memory; misses none. */
  @Nullable Entry findSurely(long page) {
    synchronized (lock) {
      return find(page);
    }
  }

  /** Puts a page as it is in the file; one that is there already stays, and is the answer. */
  Entry putClean(long page, byte[] bytes, boolean verified) {
    synchronized (lock) {
      Entry there = find(page);
      if (there != null) {
        return there;
      }
      Entry entry = new Entry(page, bytes, verified);
      if (isKept(entry)) {
        link(entry);
        addToRing(entry);
      }
      return entry;
    }
  }

  /** Puts an unwritten page, in the place of what was there. */
  void putDirty(long page, byte[] bytes) {
    synchronized (lock) {
      drop(page);
      Entry entry = new Entry(page, bytes, true);
      link(entry);
      addToDirty(entry);
    }
  }

  /** Makes an entry one of the unwritten pages. */
  void makeDirty(Entry entry) {
    if (entry.dirty) {
      entry.touched = true;
      return;
    }
    synchronized (lock) {
      if (entry.ringIndex < 0) {
        // Not kept, or evicted since it was found.
        drop(entry.page);
        link(entry);
      } else {
        removeFromRing(entry);
      }
      entry.verified = true;
      addToDirty(entry);
    }
  }

  /** An entry was written: it may be evicted from now on. */
  void makeClean(Entry entry) {
    synchronized (lock) {
      removeFromDirty(entry);
      if (isKept(entry)) {
        addToRing(entry);
      } else {
        unlink(entry);
      }
    }
  }

  /** Forgets a page, written or not. */
  void drop(long page) {
    synchronized (lock) {
      Entry entry = find(page);
      if (entry != null) {
        if (entry.dirty) {
          removeFromDirty(entry);
        } else {
          removeFromRing(entry);
        }
        unlink(entry);
      }
    }
  }

  /** Forgets all pages. */
  void clear() {
    synchronized (lock) {
      table = new Entry[TABLE_LEAST];
      ring = new Entry[TABLE_LEAST];
      entries = 0;
      ringSize = 0;
      hand = 0;
      cleanBytes = 0;
      oldest = null;
      newest = null;
      dirtyCount = 0;
      dirtyBytes = 0;
    }
  }

  /** The unwritten pages, in no order. */
  Entry[] dirty() {
    Entry[] result = new Entry[dirtyCount];
    int count = 0;
    for (Entry entry = oldest; entry != null; entry = entry.newer) {
      result[count++] = entry;
    }
    return result;
  }

  /**
   * Unwritten pages that together have so many bytes or more: those that were not made or changed
   * for the longest time. In no order.
   */
  Entry[] dirtiest(long bytes) {
    Entry[] result = new Entry[dirtyCount];
    int count = 0;
    long sum = 0;
    Entry entry = oldest;
    for (int left = dirtyCount; left > 0 && sum < bytes && entry != null; left--) {
      Entry next = entry.newer;
      if (entry.touched) {
        // Once more round; the second time it goes.
        removeFromDirty(entry);
        addToDirty(entry);
      } else {
        result[count++] = entry;
        sum += entry.weight();
      }
      entry = next;
    }
    return Arrays.copyOf(result, count);
  }

  long cleanBytes() {
    synchronized (lock) {
      return cleanBytes;
    }
  }

  /** The writer's; others may read it late. */
  long dirtyBytes() {
    return dirtyBytes;
  }

  private boolean isKept(Entry entry) {
    return entry.weight() <= limit / 4;
  }

  private void link(Entry entry) {
    if (entries >= table.length) {
      grow();
    }
    int slot = slot(entry.page, table.length);
    entry.next = table[slot];
    table[slot] = entry;
    entries++;
  }

  /**
   * Doubles the table. A reader in the old one may be led into a chain of the new one and miss its
   * entry; it comes to an end, since an entry leads to such as were moved before it only.
   */
  private void grow() {
    @Nullable Entry[] old = table;
    @Nullable Entry[] bigger = new Entry[old.length * 2];
    for (Entry first : old) {
      Entry entry = first;
      while (entry != null) {
        Entry next = entry.next;
        int slot = slot(entry.page, bigger.length);
        entry.next = bigger[slot];
        bigger[slot] = entry;
        entry = next;
      }
    }
    table = bigger;
  }

  private void unlink(Entry entry) {
    int slot = slot(entry.page, table.length);
    Entry before = null;
    Entry at = table[slot];
    while (at != null && at != entry) {
      before = at;
      at = at.next;
    }
    if (at == null) {
      return;
    }
    if (before == null) {
      table[slot] = entry.next;
    } else {
      before.next = entry.next;
    }
    entries--;
  }

  private void addToRing(Entry entry) {
    evictFor(entry.weight());
    if (ringSize == ring.length) {
      ring = Arrays.copyOf(ring, ringSize * 2);
    }
    entry.ringIndex = ringSize;
    ring[ringSize++] = entry;
    entry.uses = 0;
    cleanBytes += entry.weight();
  }

  private void evictFor(long bytes) {
    int steps = 0;
    while (cleanBytes + bytes > limit && ringSize > 0) {
      if (hand >= ringSize) {
        hand = 0;
      }
      Entry entry = ring[hand];
      if (entry != null && entry.uses > 0 && steps < STEPS_MAX) {
        entry.uses--;
        hand++;
        steps++;
      } else if (entry != null) {
        removeFromRing(entry);
        unlink(entry);
        // The last one of the ring, the newest, has come here: it is the last again.
        hand++;
      }
    }
  }

  private void removeFromRing(Entry entry) {
    int index = entry.ringIndex;
    Entry last = ring[--ringSize];
    ring[ringSize] = null;
    if (last != null && last != entry) {
      ring[index] = last;
      last.ringIndex = index;
    }
    entry.ringIndex = -1;
    cleanBytes -= entry.weight();
  }

  private void addToDirty(Entry entry) {
    entry.dirty = true;
    entry.touched = false;
    entry.older = newest;
    entry.newer = null;
    if (newest == null) {
      oldest = entry;
    } else {
      newest.newer = entry;
    }
    newest = entry;
    dirtyCount++;
    dirtyBytes += entry.weight();
  }

  private void removeFromDirty(Entry entry) {
    if (entry.older == null) {
      oldest = entry.newer;
    } else {
      entry.older.newer = entry.newer;
    }
    if (entry.newer == null) {
      newest = entry.older;
    } else {
      entry.newer.older = entry.older;
    }
    entry.older = null;
    entry.newer = null;
    entry.dirty = false;
    dirtyCount--;
    dirtyBytes -= entry.weight();
  }
}
