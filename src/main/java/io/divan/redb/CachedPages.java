package io.divan.redb;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one file that are in memory, by number: those that equal the file, as many as its
 * {@link PageCache} keeps, and the writer's own that are not written yet, all of them. Many threads
 * read; one changes, and only it knows the unwritten ones, from the oldest to the newest.
 */
final class CachedPages {
  private final PageCache cache;
  private final long file;
  private @Nullable CachedPage oldest;
  private @Nullable CachedPage newest;
  private int dirtyCount;
  private long dirtyBytes;

  CachedPages(PageCache cache) {
    this.cache = cache;
    this.file = cache.open();
  }

  private CacheStripe stripe(long key) {
    return cache.stripe(key);
  }

  /** The number of a page of this file. */
  long number(CachedPage page) {
    return page.key ^ file;
  }

  /** A page, where it is in memory. */
  @Nullable CachedPage find(long page) {
    long key = page | file;
    return stripe(key).find(key);
  }

  /** Whether a leaf that is not in memory is to be kept once it is read; asked once each time. */
  boolean keeps(long page) {
    long key = page | file;
    return stripe(key).keeps(key);
  }

  /** Puts a page as it is in the file; one that is there already stays, and is the answer. */
  CachedPage putClean(long page, byte[] bytes, boolean verified) {
    long key = page | file;
    return stripe(key).putClean(new CachedPage(key, bytes, verified));
  }

  /** Puts an unwritten page, in the place of what was there. */
  void putDirty(long page, byte[] bytes) {
    CachedPage entry = new CachedPage(page | file, bytes, true);
    CachedPage before = stripe(entry.key).putDirty(entry);
    removeFromDirty(before);
    addToDirty(entry);
  }

  /** Makes an entry one of the unwritten pages. */
  void makeDirty(CachedPage entry) {
    if (entry.dirty) {
      entry.touched = true;
      return;
    }
    stripe(entry.key).makeDirty(entry);
    addToDirty(entry);
  }

  /** An entry was written: it may be evicted from now on. */
  void makeClean(CachedPage entry) {
    removeFromDirty(entry);
    stripe(entry.key).makeClean(entry);
  }

  /** Forgets a page, written or not, and says what it was. */
  @Nullable CachedPage drop(long page) {
    long key = page | file;
    CachedPage entry = stripe(key).drop(key);
    removeFromDirty(entry);
    return entry;
  }

  /** The most bytes of written pages that are kept. */
  long bytesMax() {
    return cache.bytesMax();
  }

  /** Forgets all pages, unwritten ones too. */
  void clear() {
    cache.clear(file);
    oldest = null;
    newest = null;
    dirtyCount = 0;
    dirtyBytes = 0;
  }

  /** Forgets all pages for good. */
  void close() {
    cache.close(file);
  }

  /** The unwritten pages, in no order. */
  CachedPage[] dirty() {
    CachedPage[] result = new CachedPage[dirtyCount];
    int count = 0;
    for (CachedPage entry = oldest; entry != null; entry = entry.newer) {
      result[count++] = entry;
    }
    return result;
  }

  /**
   * Unwritten pages that together have so many bytes or more: those that were not made or changed
   * for the longest time. In no order.
   */
  CachedPage[] dirtiest(long bytes) {
    CachedPage[] result = new CachedPage[dirtyCount];
    int count = 0;
    long sum = 0;
    CachedPage entry = oldest;
    for (int left = dirtyCount; left > 0 && sum < bytes && entry != null; left--) {
      CachedPage next = entry.newer;
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

  /** The writer's; others may read it late. */
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
