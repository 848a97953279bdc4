package io.divan.redb;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;

/**
 * A buddy allocator for the pages of one region. A page of order k spans 2^k pages of 4096 bytes;
 * its index counts pages of that size. Not thread-safe.
 *
 * <ol>
 *   <li>A 4096-byte page is free in at most one order: that of the largest aligned free block
 *       around it. Two free buddies always merge into one free block of the next order.
 *   <li>The state therefore depends only on the set of free pages. It equals redb's, byte for byte.
 * </ol>
 *
 * <p>Serialized form, little-endian, the same as redb's:
 *
 * <pre>
 *   0  1          highest order
 *   1  3          unused
 *   4  4          number of pages
 *   8  4 × orders end of each order's bitmap, counted from the first of these bytes
 *      …          one {@link Bitmap} per order, from order 0; an unset bit marks a free page
 * </pre>
 */
final class BuddyAllocator {
  private static final int ENDS_AT = 8;

  private final Bitmap[] orders;
  private int pages;

  /**
   * Creates a region in which every page is free.
   *
   * @param pages the number of pages
   * @param capacity the highest number of pages it may ever have, at least 1
   */
  BuddyAllocator(int pages, int capacity) {
    this.orders = new Bitmap[orderMax(capacity) + 1];
    for (int order = 0; order < orders.length; order++) {
      orders[order] = new Bitmap(pages >> order, capacity >> order);
    }
    this.pages = pages;
    freeRange(0, pages);
  }

  private BuddyAllocator(Bitmap[] orders, int pages) {
    this.orders = orders;
    this.pages = pages;
  }

  private static int orderMax(int capacity) {
    return Math.min(PageNumber.ORDER_MAX, 31 - Integer.numberOfLeadingZeros(capacity));
  }

  /** Returns the number of pages, free or allocated. */
  int pages() {
    return pages;
  }

  /** Returns the highest page order of this region. */
  int orderMax() {
    return orders.length - 1;
  }

  /** Returns the highest order with a free page, or −1 if no page is free. */
  int highestFreeOrder() {
    int order = orderMax();
    while (order >= 0 && !orders[order].anyUnset()) {
      order--;
    }
    return order;
  }

  int freePages() {
    int count = 0;
    for (int order = 0; order < orders.length; order++) {
      count += orders[order].countUnset() << order;
    }
    return count;
  }

  int allocatedPages() {
    return pages - freePages();
  }

  /**
   * Returns the order of the free block around a 4096-byte page, or −1 if the page is allocated.
   */
  private int freeOrderOf(int page) {
    for (int order = 0; order < orders.length && page >> order < orders[order].length(); order++) {
      if (!orders[order].get(page >> order)) {
        return order;
      }
    }
    return -1;
  }

  /** Returns whether a 4096-byte page is free. */
  boolean isFree(int page) {
    return freeOrderOf(page) >= 0;
  }

  /** Returns the number of free pages at the end of the region. */
  int trailingFreePages() {
    int end = pages;
    while (end > 0) {
      int order = freeOrderOf(end - 1);
      if (order < 0) {
        break;
      }
      end -= 1 << order;
    }
    return pages - end;
  }

  /**
   * Allocates the first part of the first block among the smallest free blocks that are large
   * enough. Large blocks thus stay whole for large pages. Free space behind the last allocated page
   * is used last, whatever the size of its blocks, because it can be truncated.
   *
   * @param below accepts only blocks that begin before this 4096-byte page, while such blocks exist
   * @return the index, or −1 if no block is free
   */
  int alloc(int order, int below) {
    int end = Math.min(below, pages - trailingFreePages());
    for (int from = order; from < orders.length; from++) {
      int index = orders[from].firstUnset();
      if (index >= 0 && index << from < end) {
        return split(index, from, order);
      }
    }
    return allocLowest(order);
  }

  private int allocLowest(int order) {
    int best = -1;
    int bestIndex = Integer.MAX_VALUE;
    for (int from = order; from < orders.length; from++) {
      int index = orders[from].firstUnset();
      if (index >= 0 && index << (from - order) < bestIndex) {
        best = from;
        bestIndex = index << (from - order);
      }
    }
    return best < 0 ? -1 : split(bestIndex >> (best - order), best, order);
  }

  /** Allocates the first page of an order within a free block; the rest of the block stays free. */
  private int split(int block, int blockOrder, int order) {
    int index = block;
    orders[blockOrder].set(index);
    for (int k = blockOrder - 1; k >= order; k--) {
      index <<= 1;
      orders[k].clear(index + 1);
    }
    return index;
  }

  /** Allocates a known page. Returns false if it is not free or does not exist. */
  boolean recordAlloc(int index, int order) {
    int from = order;
    while (from < orders.length
        && index >> (from - order) < orders[from].length()
        && orders[from].get(index >> (from - order))) {
      from++;
    }
    if (from >= orders.length || index >> (from - order) >= orders[from].length()) {
      return false;
    }
    orders[from].set(index >> (from - order));
    for (int k = from - 1; k >= order; k--) {
      orders[k].clear(index >> (k - order) ^ 1);
    }
    return true;
  }

  /**
   * Frees a page.
   *
   * @return the order of the free block that now holds it, or −1 if a part of the page was already
   *     free or the page does not exist
   */
  int free(int index, int order) {
    if (!isAllocated(index, order)) {
      return -1;
    }
    return release(index, order);
  }

  private int release(int index, int order) {
    int at = index;
    int k = order;
    while (k < orderMax() && (at ^ 1) < orders[k].length() && !orders[k].get(at ^ 1)) {
      orders[k].set(at ^ 1);
      at >>= 1;
      k++;
    }
    orders[k].clear(at);
    return k;
  }

  /** Returns whether no part of a page is free. */
  boolean isAllocated(int index, int order) {
    if (order >= orders.length || index < 0 || index >= orders[order].length()) {
      return false;
    }
    for (int k = order; k < orders.length; k++) {
      if (index >> (k - order) < orders[k].length() && !orders[k].get(index >> (k - order))) {
        return false;
      }
    }
    for (int k = 0; k < order; k++) {
      if (!orders[k].allSet(index << (order - k), (index + 1) << (order - k))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Adds free pages at the end, or removes free pages from the end.
   *
   * @param next the new number of pages, at most the capacity
   */
  void resize(int next) {
    if (next < pages) {
      if (trailingFreePages() < pages - next) {
        throw new IllegalStateException("resizing would cut off allocated pages");
      }
      takeRange(next, pages);
    }
    for (int order = 0; order < orders.length; order++) {
      orders[order].resize(next >> order);
    }
    if (next > pages) {
      freeRange(pages, next);
    }
    pages = next;
  }

  private void freeRange(int from, int to) {
    for (int at = from; at < to;) {
      int order = blockAt(at, to);
      release(at >> order, order);
      at += 1 << order;
    }
  }

  private void takeRange(int from, int to) {
    for (int at = from; at < to;) {
      int order = blockAt(at, to);
      if (!recordAlloc(at >> order, order)) {
        throw new IllegalStateException("a page at the end of the region is not free");
      }
      at += 1 << order;
    }
  }

  /**
   * Returns the order of the largest block that begins at {@code at} and ends at or before {@code
   * to}.
   */
  private int blockAt(int at, int to) {
    int aligned = at == 0 ? orderMax() : Math.min(orderMax(), Integer.numberOfTrailingZeros(at));
    return Math.min(aligned, 31 - Integer.numberOfLeadingZeros(to - at));
  }

  /** Returns the size of {@link #write} in bytes, which depends on the number of pages alone. */
  int byteCount() {
    int count = ENDS_AT;
    for (Bitmap order : orders) {
      count += Integer.BYTES + order.byteCount();
    }
    return count;
  }

  /** Serializes the region. */
  byte[] write() {
    ByteBuffer target = ByteBuffer.allocate(byteCount()).order(LITTLE_ENDIAN);
    target.putInt(orderMax()).putInt(pages);
    int end = ENDS_AT + Integer.BYTES * orders.length;
    for (Bitmap order : orders) {
      end += order.byteCount();
      target.putInt(end);
    }
    for (Bitmap order : orders) {
      order.write(target);
    }
    return target.array();
  }

  /**
   * Reads a region written by {@link #write} or by redb.
   *
   * @param capacity the highest number of pages it may ever have
   * @throws RedbException.Corrupted if the bytes are malformed
   */
  static BuddyAllocator read(byte[] bytes, int capacity) {
    ByteBuffer source = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
    int count = orderMax(capacity) + 1;
    int begin = ENDS_AT + Integer.BYTES * count;
    if (bytes.length < begin || bytes[0] != count - 1) {
      throw corrupted();
    }
    int pages = source.getInt(4);
    if (pages < 0 || pages > capacity) {
      throw corrupted();
    }
    Bitmap[] orders = new Bitmap[count];
    for (int order = 0; order < count; order++) {
      int end = source.getInt(ENDS_AT + Integer.BYTES * order);
      if (end < begin || end > bytes.length) {
        throw corrupted();
      }
      source.limit(end).position(begin);
      orders[order] = Bitmap.read(source, pages >> order, capacity >> order);
      source.clear();
      begin = end;
    }
    BuddyAllocator result = new BuddyAllocator(orders, pages);
    result.checkOnce();
    return result;
  }

  /** Checks that no page is free in two orders, which would allocate it twice. */
  private void checkOnce() {
    for (int order = 0; order < orderMax(); order++) {
      Bitmap bits = orders[order];
      for (int index = bits.nextUnset(0); index >= 0; index = bits.nextUnset(index + 1)) {
        boolean buddyFree = (index ^ 1) < bits.length() && !bits.get(index ^ 1);
        if (buddyFree || recordedAbove(index, order)) {
          throw corrupted();
        }
      }
    }
  }

  private boolean recordedAbove(int index, int order) {
    for (int k = order + 1; k < orders.length; k++) {
      int above = index >> (k - order);
      if (above < orders[k].length() && !orders[k].get(above)) {
        return true;
      }
    }
    return false;
  }

  private static RedbException.Corrupted corrupted() {
    return new RedbException.Corrupted("the allocator state holds a malformed region");
  }

  /** Returns the first 4096-byte page that is free in only one of the two, or −1. */
  int firstDifference(BuddyAllocator other) {
    int both = Math.min(pages, other.pages);
    for (int page = 0; page < both; page++) {
      if (isFree(page) != other.isFree(page)) {
        return page;
      }
    }
    return pages == other.pages ? -1 : both;
  }
}
