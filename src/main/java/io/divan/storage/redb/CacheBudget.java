package io.divan.storage.redb;

/**
 * Divides what all databases together may keep of their pages in memory. Each that is opened gets
 * half of what is left, at least its share if all had the same: so one alone has much, and all
 * together never more than twice the budget. Safe for use by many threads.
 */
final class CacheBudget {
  private final long floor;
  private long left;

  CacheBudget(long bytes, int storesMax) {
    floor = Math.max(1, bytes / storesMax);
    left = bytes;
  }

  synchronized long grant() {
    long granted = Math.max(floor, left / 2);
    left -= granted;
    return granted;
  }

  synchronized void giveBack(long granted) {
    left += granted;
  }
}
