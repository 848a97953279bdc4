package io.divan.redb;

import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One stripe of a {@link SharedPageCache}. Thread-safe.
 *
 * <ol>
 *   <li>A key has at most one entry, whose array is the page itself. Replacing the page replaces
 *       the entry.
 *   <li>{@link #find} reads without the lock. It accepts a miss only if no write intervened;
 *       otherwise it looks again under the lock. Following a chain always terminates, even while
 *       other threads change it.
 *   <li>{@code find} never returns an entry that was dropped before the reader learned of the page:
 *       references to a page are published after the page.
 *   <li>Entries of unwritten pages are never evicted. All other entries are in the ring and
 *       together stay within the limit.
 *   <li>At the limit, a leaf is cached when it is missed for the second time within about two turns
 *       of the whole cache; {@code missed} remembers the first miss. Scans, and random reads of
 *       much more data than fits, thus leave frequently used pages in the cache, and do not pay for
 *       caching pages that are not read again.
 *   <li>Eviction walks around the ring. An entry that was found since the last turn stays, for up
 *       to {@link #USES_MAX} turns.
 * </ol>
 */
final class CacheStripe {
  private static final int USES_MAX = 3;
  private static final int STEPS_MAX = 256;
  private static final int TABLE_LEAST = 64;

  // Each entry on a chain costs a memory access, so chains are kept short.
  private static final int CHAINS_PER_ENTRY = 4;

  private static final int MISSED_MAX = 1 << 20;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final StampedLock lock = new StampedLock();
  private final long limit;
  private byte[] missed = {}; // created at the first miss beyond the limit
  private HashTable table = new HashTable(TABLE_LEAST);
  private int entries;
  private @Nullable CachedPage[] ring = new CachedPage[TABLE_LEAST];
  private int ringSize;
  private int hand;
  private long cleanBytes;

  /**
   * Creates an empty stripe.
   *
   * @param limit the maximum total size of the written pages, in bytes; a page larger than a
   *     quarter of the limit is not cached
   */
  CacheStripe(long limit) {
    this.limit = limit;
  }

  /**
   * A hash table of chained entries. One byte per chain is a filter: each key sets one bit of it by
   * its hash. All these bytes stay in the processor's cache, so most misses do not wait for memory.
   */
  private record HashTable(@Nullable CachedPage[] chains, byte[] bits) {
    HashTable(int length) {
      this(new CachedPage[length], new byte[length]);
    }

    int slot(long key) {
      return (int) ((key * GOLDEN) >>> 36) & (chains.length - 1);
    }

    static int bit(long key) {
      return 1 << ((int) ((key * GOLDEN) >>> 33) & 7);
    }

    void add(CachedPage entry) {
      int slot = slot(entry.key);
      entry.next = chains[slot];
      chains[slot] = entry;
      bits[slot] |= (byte) bit(entry.key);
    }
  }

  /** Returns a page if it is in memory. */
  @Nullable
  CachedPage find(long key) {
    long stamp = lock.tryOptimisticRead();
    CachedPage found = lookUp(key);
    if (found != null || lock.validate(stamp)) {
      return found;
    }
    stamp = lock.readLock();
    try {
      return lookUp(key);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  private @Nullable CachedPage lookUp(long key) {
    HashTable now = table;
    int slot = now.slot(key);
    if ((now.bits[slot] & HashTable.bit(key)) == 0) {
      return null;
    }
    CachedPage entry = now.chains[slot];
    while (entry != null) {
      if (entry.key == key) {
        if (entry.uses < USES_MAX) {
          entry.uses++;
        }
        return entry;
      }
      entry = entry.next;
    }
    return null;
  }

  /** Returns whether to cache a leaf after it is read. Call once for each miss. */
  boolean admits(long key) {
    return cleanBytes + PageNumber.PAGE_BYTES + CachedPage.ENTRY_BYTES <= limit
        || isMissedAgain(key) && isNextUnused();
  }

  /** Returns whether the next candidate for eviction is unused; otherwise lowers its use count. */
  private boolean isNextUnused() {
    long stamp = lock.writeLock();
    try {
      CachedPage entry = ring[hand < ringSize ? hand : 0];
      if (entry == null || entry.uses == 0) {
        return true;
      }
      entry.uses--;
      hand = hand < ringSize ? hand + 1 : 1;
      return false;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /**
   * Caches a page as it is in the file, unless it is too large. Returns the entry that is already
   * cached, if there is one.
   */
  CachedPage putClean(CachedPage page) {
    if (!fits(page)) {
      return page;
    }
    long stamp = lock.writeLock();
    try {
      CachedPage there = lookUp(page.key);
      if (there != null) {
        return there;
      }
      link(page);
      addToRing(page);
      return page;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Returns whether the page was missed recently. Threads may overwrite each other's marks. */
  private boolean isMissedAgain(long key) {
    long hash = key * GOLDEN;
    byte[] marks = missed;
    if (marks.length == 0) {
      long fit = Math.clamp(limit / PageNumber.PAGE_BYTES, 32, MISSED_MAX / 2);
      marks = new byte[Integer.highestOneBit((int) fit) * 2];
      missed = marks;
    }
    int at = (int) (hash >>> 36) & (marks.length - 1);
    byte mark = (byte) (hash >>> 28 | 1);
    boolean again = marks[at] == mark;
    marks[at] = again ? 0 : mark;
    return again;
  }

  /** Caches an unwritten page, replaces the existing entry and returns it. */
  @Nullable
  CachedPage putDirty(CachedPage page) {
    long stamp = lock.writeLock();
    try {
      CachedPage there = remove(page.key);
      page.dirty = true;
      link(page);
      return there;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Turns an entry into that of an unwritten page. */
  void makeDirty(CachedPage entry) {
    long stamp = lock.writeLock();
    try {
      if (entry.ringIndex < 0) {
        // Never cached, or evicted since it was found.
        remove(entry.key);
        link(entry);
      } else {
        removeFromRing(entry);
      }
      entry.verified = true;
      entry.dirty = true;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Records that an entry was written and may be evicted. */
  void makeClean(CachedPage entry) {
    long stamp = lock.writeLock();
    try {
      entry.dirty = false;
      if (fits(entry)) {
        addToRing(entry);
      } else {
        unlink(entry);
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Removes and returns a page, written or not. */
  @Nullable
  CachedPage drop(long key) {
    long stamp = lock.writeLock();
    try {
      return remove(key);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Removes all pages whose keys match, written or not. */
  void dropAll(LongPredicate keys) {
    long stamp = lock.writeLock();
    try {
      for (CachedPage first : table.chains().clone()) {
        CachedPage entry = first;
        while (entry != null) {
          CachedPage next = entry.next;
          if (keys.test(entry.key)) {
            remove(entry.key);
          }
          entry = next;
        }
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  long cleanBytes() {
    long stamp = lock.readLock();
    try {
      return cleanBytes;
    } finally {
      lock.unlockRead(stamp);
    }
  }

  private boolean fits(CachedPage entry) {
    return entry.isKept() && entry.weight() <= limit / 4;
  }

  private @Nullable CachedPage remove(long key) {
    CachedPage entry = lookUp(key);
    if (entry != null) {
      if (!entry.dirty) {
        removeFromRing(entry);
      }
      entry.dirty = false;
      unlink(entry);
    }
    return entry;
  }

  private void link(CachedPage entry) {
    if (entries >= table.chains().length / CHAINS_PER_ENTRY) {
      grow();
    }
    table.add(entry);
    entries++;
  }

  /** Doubles the table. A reader that this moves to another chain still reaches its end. */
  private void grow() {
    HashTable bigger = new HashTable(table.chains().length * 2);
    for (CachedPage first : table.chains()) {
      CachedPage entry = first;
      while (entry != null) {
        CachedPage next = entry.next;
        bigger.add(entry);
        entry = next;
      }
    }
    table = bigger;
  }

  private void unlink(CachedPage entry) {
    int slot = table.slot(entry.key);
    CachedPage before = null;
    CachedPage at = table.chains()[slot];
    int bits = 0;
    while (at != null) {
      CachedPage next = at.next;
      if (at != entry) {
        bits |= HashTable.bit(at.key);
        before = at;
      } else {
        entries--;
        if (before == null) {
          table.chains()[slot] = next;
        } else {
          before.next = next;
        }
      }
      at = next;
    }
    table.bits()[slot] = (byte) bits;
  }

  private void addToRing(CachedPage entry) {
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
      CachedPage entry = ring[hand];
      if (entry != null && entry.uses > 0 && steps < STEPS_MAX) {
        entry.uses--;
        hand++;
        steps++;
      } else if (entry != null) {
        removeFromRing(entry);
        unlink(entry);
        // The newest entry has moved from the end of the ring into this slot; skip it.
        hand++;
      }
    }
  }

  private void removeFromRing(CachedPage entry) {
    int index = entry.ringIndex;
    CachedPage last = ring[--ringSize];
    ring[ringSize] = null;
    if (last != null && last != entry) {
      ring[index] = last;
      last.ringIndex = index;
    }
    entry.ringIndex = -1;
    cleanBytes -= entry.weight();
  }
}
