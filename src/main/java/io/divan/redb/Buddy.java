package io.divan.redb;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;

/**
 * The free pages of one region. Those of order k have 2^k pages of 4096 bytes, and their index
 * counts pages of that size. For one thread.
 *
 * <ol>
 *   <li>A page of 4096 bytes is free in one order at most: that of the largest aligned block around
 *       it that is free as a whole. Two free buddies are one free block of the next order.
 *   <li>So its content depends on the set of free pages alone, and equals what redb has for it,
 *       byte for byte.
 * </ol>
 *
 * <p>As bytes, little-endian; redb's own way:
 *
 * <pre>
 *   0  1          the greatest order
 *   1  3          unused
 *   4  4          how many pages
 *   8  4 × orders where the bits of each order end, from the beginning of these bytes
 *      …          the bits of each order, from 0 on; a {@link Bitmap}; not set means free
 * </pre>
 */
final class Buddy {
  private static final int ENDS_AT = 8;

  private final Bitmap[] orders;
  private int pages;

  /**
   * All pages free.
   *
   * @param pages how many there are
   * @param capacity how many there may ever be, at least 1
   */
  Buddy(int pages, int capacity) {
    this.orders = new Bitmap[orderMax(capacity) + 1];
    for (int order = 0; order < orders.length; order++) {
      orders[order] = new Bitmap(pages >> order, capacity >> order);
    }
    this.pages = pages;
    freeRange(0, pages);
  }

  private Buddy(Bitmap[] orders, int pages) {
    this.orders = orders;
    this.pages = pages;
  }

  private static int orderMax(int capacity) {
    return Math.min(PageNumber.ORDER_MAX, 31 - Integer.numberOfLeadingZeros(capacity));
  }

  /** How many pages there are, free or not. */
  int pages() {
    return pages;
  }

  /** The greatest order of a page. */
  int orderMax() {
    return orders.length - 1;
  }

  /** The greatest order that has a free page; −1 when none has. */
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

  /** The order of the free block that holds a page of 4096 bytes; −1 when the page is in use. */
  private int freeOrderOf(int page) {
    for (int order = 0; order < orders.length && page >> order < orders[order].length(); order++) {
      if (!orders[order].get(page >> order)) {
        return order;
      }
    }
    return -1;
  }

  /** Whether a page of 4096 bytes is free. */
  boolean isFree(int page) {
    return freeOrderOf(page) >= 0;
  }

  /** How many pages at the end are free. */
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
   * Takes a page: of the smallest free blocks that are large enough the first one, and its first
   * part. So large blocks stay whole for large pages. Only what is free behind the last page in use
   * is left for last, however small its blocks: there it can be cut off.
   *
   * @param below only blocks that begin before this page of 4096 bytes, as long as there are any
   * @return its index; −1 when there is none
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

  /** Takes a free block's first page of some order; the rest of it stays free. */
  private int split(int block, int blockOrder, int order) {
    int index = block;
    orders[blockOrder].set(index);
    for (int k = blockOrder - 1; k >= order; k--) {
      index <<= 1;
      orders[k].clear(index + 1);
    }
    return index;
  }

  /** Takes a page of which the number is known; false when it is not free, or there is none. */
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
   * Gives a page back.
   *
   * @return the order of the free block that it is part of now; −1 when part of it was free, or
   *     there is none
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

  /** Whether no part of this page is free. */
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
   * Adds free pages at the end, or takes free ones away there.
   *
   * @param next how many pages there shall be, at most the capacity
   */
  void resize(int next) {
    if (next < pages) {
      if (trailingFreePages() < pages - next) {
        throw new IllegalStateException("pages in use would be cut off");
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
    for (int at = from; at < to; ) {
      int order = blockAt(at, to);
      release(at >> order, order);
      at += 1 << order;
    }
  }

  private void takeRange(int from, int to) {
    for (int at = from; at < to; ) {
      int order = blockAt(at, to);
      if (!recordAlloc(at >> order, order)) {
        throw new IllegalStateException("a free page is in use");
      }
      at += 1 << order;
    }
  }

  /** The order of the largest block that begins here and ends before {@code to}. */
  private int blockAt(int at, int to) {
    int aligned = at == 0 ? orderMax() : Math.min(orderMax(), Integer.numberOfTrailingZeros(at));
    return Math.min(aligned, 31 - Integer.numberOfLeadingZeros(to - at));
  }

  /** How many bytes {@link #write} makes; depends on the number of pages alone. */
  int byteCount() {
    int count = ENDS_AT;
    for (Bitmap order : orders) {
      count += Integer.BYTES + order.byteCount();
    }
    return count;
  }

  /** Its bytes. */
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
   * Reads what {@link #write} made, or redb.
   *
   * @param capacity how many pages there may ever be
   * @throws RedbException.Corrupted when it is none
   */
  static Buddy read(byte[] bytes, int capacity) {
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
    Buddy result = new Buddy(orders, pages);
    result.checkOnce();
    return result;
  }

  /** Checks that no page is free twice, which would give it to two owners. */
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
    return new RedbException.Corrupted("the table of the pages in use holds a region that is none");
  }

  /** The first page of 4096 bytes that is free here and in use there, or the other way; or −1. */
  int firstDifference(Buddy other) {
    int both = Math.min(pages, other.pages);
    for (int page = 0; page < both; page++) {
      if (isFree(page) != other.isFree(page)) {
        return page;
      }
    }
    return pages == other.pages ? -1 : both;
  }
}
