package io.divan.redb;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.LongAdder;

/**
 * A cache of pages, for one database file or shared by several. Files share it according to how
 * often their pages are used. In addition to the capacity, the cache holds the pages that
 * transactions have not written yet, up to 64 MB per file. It also counts the syncs of its files.
 * Thread-safe.
 */
public final class SharedPageCache {
  // Page numbers do not use bits 40 to 58.
  private static final int FILE_SHIFT = 40;
  private static final int FILES_MAX = 1 << 19;
  private static final int STRIPES = 8;
  private static final long STRIPE_BYTES_LEAST = 4 << 20;

  private final long bytesMax;
  private final CacheStripe[] stripes;
  private final Deque<Long> returned = new ArrayDeque<>();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder syncs = new LongAdder();
  private final LongAdder syncNanos = new LongAdder();
  private long files;

  /**
   * Creates an empty cache.
   *
   * @param bytes the capacity for pages and their entries, in bytes; a page larger than a quarter
   *     of one eighth of it may not be cached
   */
  public SharedPageCache(long bytes) {
    bytesMax = bytes;
    stripes = new CacheStripe[bytes / STRIPES < STRIPE_BYTES_LEAST ? 1 : STRIPES];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new CacheStripe(bytes / stripes.length);
    }
  }

  /** Returns a cache of one eighth of the heap, at most 256 MB. */
  public static SharedPageCache usual() {
    return new SharedPageCache(usualBytes());
  }

  /** Returns one eighth of the heap, at most 256 MB. */
  public static long usualBytes() {
    return Math.min(Runtime.getRuntime().maxMemory() / 8, 256L << 20);
  }

  /** Returns the capacity in bytes. */
  public long bytesMax() {
    return bytesMax;
  }

  /** Returns the size of the pages that it holds now, in bytes. */
  public long bytes() {
    long sum = 0;
    for (CacheStripe stripe : stripes) {
      sum += stripe.cleanBytes();
    }
    return sum;
  }

  /** Returns how many pages were looked for and found since the creation. */
  public long hits() {
    return hits.sum();
  }

  /** Returns how many pages were read from their file since the creation. */
  public long misses() {
    return misses.sum();
  }

  /** Returns how often files were synced since the creation. */
  public long syncs() {
    return syncs.sum();
  }

  /** Returns how long these syncs took. */
  public Duration syncTime() {
    return Duration.ofNanos(syncNanos.sum());
  }

  void countSync(long nanos) {
    syncs.increment();
    syncNanos.add(nanos);
  }

  void countHit() {
    hits.increment();
  }

  void countMiss() {
    misses.increment();
  }

  /** Registers a file and returns the bits that distinguish its pages from those of other files. */
  synchronized long open() {
    Long again = returned.poll();
    if (again != null) {
      return again;
    }
    if (files == FILES_MAX) {
      throw new IllegalStateException("More than " + FILES_MAX + " files share a cache");
    }
    return files++ << FILE_SHIFT;
  }

  /** Removes the pages of a file and releases its bits. */
  void close(long file) {
    clear(file);
    synchronized (this) {
      returned.push(file);
    }
  }

  /** Removes the pages of a file. */
  void clear(long file) {
    long mask = (long) (FILES_MAX - 1) << FILE_SHIFT;
    for (CacheStripe stripe : stripes) {
      stripe.dropAll(key -> (key & mask) == file);
    }
  }

  /** Returns the stripe of a page. */
  CacheStripe stripe(long key) {
    return stripes[(int) ((key * 0x9E3779B97F4A7C15L) >>> 61) & (stripes.length - 1)];
  }
}
