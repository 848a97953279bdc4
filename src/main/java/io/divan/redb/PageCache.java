package io.divan.redb;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Keeps pages in memory: of one file, or of all those that are opened with it, which then share it
 * by how much they are used. What it holds beside its bytes are pages that a transaction has not
 * written yet, up to 64 MB a file. Safe for use by many threads.
 */
public final class PageCache {
  // A page's number leaves the bits from 40 to 58 free.
  private static final int FILE_SHIFT = 40;
  private static final int FILES_MAX = 1 << 19;
  private static final int STRIPES = 8;
  private static final long STRIPE_BYTES_LEAST = 4 << 20;

  private final long bytesMax;
  private final CacheStripe[] stripes;
  private final Deque<Long> returned = new ArrayDeque<>();
  private long files;

  /**
   * An empty one.
   *
   * @param bytes how many bytes of pages it keeps, with what it takes to find them; a page of more
   *     than a quarter of an eighth of them may not be kept
   */
  public PageCache(long bytes) {
    bytesMax = bytes;
    stripes = new CacheStripe[bytes / STRIPES < STRIPE_BYTES_LEAST ? 1 : STRIPES];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new CacheStripe(bytes / stripes.length);
    }
  }

  /** One of an eighth of the heap, at most 256 MB. */
  public static PageCache usual() {
    return new PageCache(usualBytes());
  }

  /** An eighth of the heap, at most 256 MB. */
  public static long usualBytes() {
    return Math.min(Runtime.getRuntime().maxMemory() / 8, 256L << 20);
  }

  /** The most bytes of pages that it keeps. */
  public long bytesMax() {
    return bytesMax;
  }

  /** How many bytes of pages it keeps now. */
  public long bytes() {
    long sum = 0;
    for (CacheStripe stripe : stripes) {
      sum += stripe.cleanBytes();
    }
    return sum;
  }

  /** The bits by which the pages of one more file are told from those of others. */
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

  /** Forgets the pages of a file that is closed. */
  void close(long file) {
    clear(file);
    synchronized (this) {
      returned.push(file);
    }
  }

  /** Forgets the pages of a file. */
  void clear(long file) {
    long mask = (long) (FILES_MAX - 1) << FILE_SHIFT;
    for (CacheStripe stripe : stripes) {
      stripe.dropAll(key -> (key & mask) == file);
    }
  }

  /** Where a page is kept. */
  CacheStripe stripe(long key) {
    return stripes[(int) ((key * 0x9E3779B97F4A7C15L) >>> 61) & (stripes.length - 1)];
  }
}
