package io.divan.redb;

import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A part of a {@link PageCache}. Safe for many threads.
 *
 * <ol>
 *   <li>A key has one entry at most. Its array is the page from then on; whoever replaces the page
 *       replaces the entry.
 *   <li>{@link #find} reads without the lock. A miss counts only when nothing was changed
 *       meanwhile; otherwise it looks again under the lock. A chain of entries comes to an end
 *       whatever is changed in it meanwhile.
 *   <li>It never finds an entry that was dropped before the reader learned of the page: what leads
 *       a reader to a page is published after the page is.
 *   <li>Entries of unwritten pages are never evicted. The others are in the ring, and together take
 *       no more than the limit.
 *   <li>Where the limit is reached, a leaf is kept when it is missed for the second time within
 *       about two rounds of the whole cache; {@code missed} remembers the first time. So a scan, or
 *       random reads of much more data than fits, leave what is used often where it is, and do not
 *       pay for keeping what is not used again.
 *   <li>Eviction goes round the ring. An entry that was found since the last round stays, up to
 *       {@link #USES_MAX} rounds.
 * </ol>
 */
final class CacheStripe {
  private static final int USES_MAX = 3;
  private static final int STEPS_MAX = 256;
  private static final int TABLE_LEAST = 64;

  // Each entry that is looked at is a wait for memory: so there are few in a chain.
  private static final int CHAINS_PER_ENTRY = 4;

  private static final int MISSED_MAX = 1 << 20;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final StampedLock lock = new StampedLock();
  private final long limit;
  private byte[] missed = {}; // made when it is needed: files that fit do without
  private Table table = new Table(TABLE_LEAST);
  private int entries;
  private @Nullable CachedPage[] ring = new CachedPage[TABLE_LEAST];
  private int ringSize;
  private int hand;
  private long cleanBytes;

  /**
   * An empty one.
   *
   * @param limit the most bytes that written pages take; a page of more than a quarter of them is
   *     not kept
   */
  CacheStripe(long limit) {
    this.limit = limit;
  }

  /**
   * Chains of entries. A byte for each says by a bit of their keys' hashes which may be there: all
   * these bytes stay in the processor's cache, so that to find nothing does not wait for memory.
   */
  private record Table(@Nullable CachedPage[] chains, byte[] bits) {
    Table(int length) {
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

  /** A page, where it is in memory. */
  @Nullable CachedPage find(long key) {
    long stamp = lock.tryOptimisticRead();
    CachedPage found = look(key);
    if (found != null || lock.validate(stamp)) {
      return found;
    }
    stamp = lock.readLock();
    try {
      return look(key);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  private @Nullable CachedPage look(long key) {
    Table now = table;
    int slot = now.slot(key);
    if ((now.bits[slot] & Table.bit(key)) == 0) {
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

  /** Whether a leaf is to be taken once it has been read; asked once for each time it is missed. */
  boolean keeps(long key) {
    return cleanBytes + PageNumber.PAGE_BYTES + CachedPage.ENTRY_BYTES <= limit
        || isMissedAgain(key) && isNextUnused();
  }

  /** Whether the entry that would make way was not found lately; if it was, it counts less now. */
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
   * Takes a page as it is in the file, if it is not too large; one that is there already stays, and
   * is the answer.
   */
  CachedPage putClean(CachedPage page) {
    if (!isKept(page)) {
      return page;
    }
    long stamp = lock.writeLock();
    try {
      CachedPage there = look(page.key);
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

  /** Whether it was missed lately; threads may overwrite each other's memory of it. */
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

  /** Puts an unwritten page in the place of what was there, which is the answer. */
  @Nullable CachedPage putDirty(CachedPage page) {
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

  /** Makes an entry one of an unwritten page. */
  void makeDirty(CachedPage entry) {
    long stamp = lock.writeLock();
    try {
      if (entry.ringIndex < 0) {
        // Not kept, or evicted since it was found.
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

  /** An entry was written: it may be evicted from now on. */
  void makeClean(CachedPage entry) {
    long stamp = lock.writeLock();
    try {
      entry.dirty = false;
      if (isKept(entry)) {
        addToRing(entry);
      } else {
        unlink(entry);
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Forgets a page, written or not, and says what it was. */
  @Nullable CachedPage drop(long key) {
    long stamp = lock.writeLock();
    try {
      return remove(key);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Forgets some pages, written or not. */
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

  private boolean isKept(CachedPage entry) {
    return entry.weight() <= limit / 4;
  }

  private @Nullable CachedPage remove(long key) {
    CachedPage entry = look(key);
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

  /** Doubles the table. A reader that is led into another chain by it comes to that one's end. */
  private void grow() {
    Table bigger = new Table(table.chains().length * 2);
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
        bits |= Table.bit(at.key);
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
        // The last one of the ring, the newest, has come here: it is the last again.
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
