package io.divan.redb;

/**
 * The stored number of a page, which encodes its location. From the lowest bit: 20 bits index
 * within the region, in units of the page's own size; 20 bits region; 19 unused bits; 5 bits order.
 * A page of order k has 2^k × 4096 bytes. Only the lowest 20 − k bits of the index are significant.
 */
final class PageNumber {
  static final int PAGE_BYTES = 4096;
  static final int ORDER_MAX = 20;

  /** The order of the smallest large page, of 64 KB. */
  private static final int LARGE_ORDER = 4;

  static final int INDEX_MAX = 0xFFFFF;
  static final int REGIONS_MAX = 0x100000;

  private PageNumber() {}

  static long of(int region, int index, int order) {
    return (index & 0xFFFFFL) | (region & 0xFFFFFL) << 20 | (long) order << 59;
  }

  static int region(long page) {
    return (int) (page >>> 20) & 0xFFFFF;
  }

  static int index(long page) {
    return (int) (page & 0xFFFFF >>> order(page));
  }

  static int order(long page) {
    return (int) (page >>> 59);
  }

  /**
   * Returns whether a page is large: a leaf with a single long pair, or a branch of long keys. A
   * large leaf is not cached, because it would displace many smaller pages; the operating system
   * caches it.
   */
  static boolean isLarge(long page) {
    return order(page) >= LARGE_ORDER;
  }

  /** Returns the size of the page in bytes. */
  static int bytes(long page) {
    return PAGE_BYTES << order(page);
  }

  /** Returns the order of the smallest page that holds {@code bytes} bytes. */
  static int orderFor(long bytes) {
    long pages = Math.max(1, (bytes + PAGE_BYTES - 1) / PAGE_BYTES);
    return 64 - Long.numberOfLeadingZeros(pages - 1);
  }

  static String text(long page) {
    return "r" + region(page) + "." + index(page) + "/" + order(page);
  }
}
