package io.divan.redb;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The cached pages of one file, by page number: the written pages that the {@link SharedPageCache}
 * keeps, and all unwritten pages of the writer. Many threads may read. One thread writes, and only
 * that thread sees the list of unwritten pages, ordered from oldest to newest.
 */
final class FilePageCache {
  private final SharedPageCache cache;
  private final long file;
  private @Nullable CachedPage oldest;
  private @Nullable CachedPage newest;
  private int dirtyCount;
  private long dirtyBytes;

  FilePageCache(SharedPageCache cache) {
    this.cache = cache;
    this.file = cache.open();
  }

  private CacheStripe stripe(long key) {
    return cache.stripe(key);
  }

  /** Returns the number of a page of this file. */
  long number(CachedPage page) {
    return page.key ^ file;
  }

  /** Returns a page if it is in memory. */
  @Nullable
  CachedPage find(long page) {
    long key = page | file;
    CachedPage found = stripe(key).find(key);
    if (found == null) {
      cache.countMiss();
    } else {
      cache.countHit();
    }
    return found;
  }

  /** Counts a sync of the file. */
  void synced(long nanos) {
    cache.countSync(nanos);
  }

  /** Returns whether to cache a missing leaf after it is read. Call once for each miss. */
  boolean admits(long page) {
    long key = page | file;
    return stripe(key).admits(key);
  }

  /**
   * Caches a page as it is in the file; returns the entry that is already cached, if there is one.
   */
  CachedPage putClean(long page, byte[] bytes, boolean verified) {
    long key = page | file;
    return stripe(key).putClean(new CachedPage(key, bytes, verified));
  }

  /** Caches an unwritten page and replaces the existing entry. */
  void putDirty(long page, byte[] bytes) {
    CachedPage entry = new CachedPage(page | file, bytes, true);
    CachedPage before = stripe(entry.key).putDirty(entry);
    removeFromDirty(before);
    addToDirty(entry);
  }

  /** Turns an entry into that of an unwritten page. */
  void makeDirty(CachedPage entry) {
    entry.written = entry.bytes.length;
    if (entry.dirty) {
      entry.touched = true;
      return;
    }
    stripe(entry.key).makeDirty(entry);
    addToDirty(entry);
  }

  /** Records that an entry was written and may be evicted. */
  void makeClean(CachedPage entry) {
    removeFromDirty(entry);
    stripe(entry.key).makeClean(entry);
  }

  /** Removes and returns a page, written or not. */
  @Nullable
  CachedPage drop(long page) {
    long key = page | file;
    CachedPage entry = stripe(key).drop(key);
    removeFromDirty(entry);
    return entry;
  }

  /** Returns the maximum total size of cached written pages, in bytes. */
  long bytesMax() {
    return cache.bytesMax();
  }

  /** Removes all pages, including unwritten ones. */
  void clear() {
    cache.clear(file);
    oldest = null;
    newest = null;
    dirtyCount = 0;
    dirtyBytes = 0;
  }

  /** Removes all pages permanently. */
  void close() {
    cache.close(file);
  }

  /** Returns the unwritten pages, in no particular order. */
  CachedPage[] dirty() {
    CachedPage[] result = new CachedPage[dirtyCount];
    int count = 0;
    for (CachedPage entry = oldest; entry != null; entry = entry.newer) {
      result[count++] = entry;
    }
    return result;
  }

  /** Returns the unwritten pages that the cache does not keep, in no particular order. */
  CachedPage[] dirtyNotKept() {
    CachedPage[] result = new CachedPage[16];
    int count = 0;
    for (CachedPage entry = oldest; entry != null; entry = entry.newer) {
      if (!entry.isKept()) {
        if (count == result.length) {
          result = Arrays.copyOf(result, count * 2);
        }
        result[count++] = entry;
      }
    }
    return Arrays.copyOf(result, count);
  }

  /**
   * Returns the least recently created or changed unwritten pages whose total size is at least
   * {@code bytes}, in no particular order.
   */
  CachedPage[] dirtiest(long bytes) {
    CachedPage[] result = new CachedPage[dirtyCount];
    int count = 0;
    long sum = 0;
    CachedPage entry = oldest;
    for (int left = dirtyCount; left > 0 && sum < bytes && entry != null; left--) {
      CachedPage next = entry.newer;
      if (entry.touched) {
        // Changed since it entered the list: give it one more turn.
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

  /**
   * Returns the size of all unwritten pages. Other threads than the writer may see an outdated
   * value.
   */
  long dirtyBytes() {
    return dirtyBytes;
  }

  private void addToDirty(CachedPage entry) {
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

  private void removeFromDirty(@Nullable CachedPage entry) {
    if (entry == null || entry != oldest && entry.older == null) {
      return; // not in the list
    }
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
    dirtyCount--;
    dirtyBytes -= entry.weight();
  }
}
