package io.divan.redb;

/**
 * Where a page lies, as it is stored: 20 bits its index within the region, in units of its own
 * size; 20 bits its region; 19 bits unused; 5 bits its order, of which the page has 2^order times
 * 4096 bytes. Of the index only the lowest 20 − order bits count.
 */
final class PageNumber {
  static final int PAGE_BYTES = 4096;
  static final int ORDER_MAX = 20;
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

  /** The page's size in bytes. */
  static int bytes(long page) {
    return PAGE_BYTES << order(page);
  }

  /** The order of the smallest page that holds so many bytes. */
  static int orderFor(long bytes) {
    long pages = Math.max(1, (bytes + PAGE_BYTES - 1) / PAGE_BYTES);
    return 64 - Long.numberOfLeadingZeros(pages - 1);
  }

  static String text(long page) {
    return "r" + region(page) + "." + index(page) + "/" + order(page);
  }
}
