package io.divan.redb;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;

/**
 * Which regions may have a free page of which order. It may be wrong in one way only: a region that
 * it names has perhaps no such page. For one thread.
 *
 * <p>As bytes, little-endian; redb's own way:
 *
 * <pre>
 *   0  4          how many orders: 21
 *   4  4 × orders how many bytes each order takes
 *      …          the bits of each order, from 0 on; a {@link Bitmap}; not set means perhaps free
 * </pre>
 */
final class RegionTracker {
  private static final int ORDERS = PageNumber.ORDER_MAX + 1;
  // As many as redb begins with.
  private static final int REGIONS_LEAST = 1000;

  private final Bitmap[] orders = new Bitmap[ORDERS];

  /** No region has anything free. */
  RegionTracker(int regions) {
    for (int order = 0; order < ORDERS; order++) {
      orders[order] = new Bitmap(Math.max(regions, REGIONS_LEAST), PageNumber.REGIONS_MAX);
    }
  }

  private RegionTracker() {}

  /** The first region that may have a free page; −1 when none has. */
  int findFree(int order) {
    return orders[order].firstUnset();
  }

  /** A region has a free page of this order, hence of all smaller ones. */
  void markFree(int order, int region) {
    if (region >= orders[0].length()) {
      for (Bitmap bits : orders) {
        bits.resize(region + 1);
      }
    }
    for (int k = 0; k <= order; k++) {
      orders[k].clear(region);
    }
  }

  /** A region has no free page of this order, hence of none greater. */
  void markFull(int order, int region) {
    for (int k = order; k < ORDERS; k++) {
      if (region < orders[k].length()) {
        orders[k].set(region);
      }
    }
  }

  /** How many bytes {@link #write} makes. */
  int byteCount() {
    int count = Integer.BYTES;
    for (Bitmap bits : orders) {
      count += Integer.BYTES + bits.byteCount();
    }
    return count;
  }

  /** Its bytes. */
  byte[] write() {
    ByteBuffer target = ByteBuffer.allocate(byteCount()).order(LITTLE_ENDIAN);
    target.putInt(ORDERS);
    for (Bitmap bits : orders) {
      target.putInt(bits.byteCount());
    }
    for (Bitmap bits : orders) {
      bits.write(target);
    }
    return target.array();
  }

  /**
   * Reads what {@link #write} made, or redb.
   *
   * @throws RedbException.Corrupted when it is none
   */
  static RegionTracker read(byte[] bytes) {
    ByteBuffer source = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
    int begin = Integer.BYTES * (1 + ORDERS);
    if (bytes.length < begin || source.getInt(0) != ORDERS) {
      throw corrupted();
    }
    RegionTracker result = new RegionTracker();
    int length = -1;
    for (int order = 0; order < ORDERS; order++) {
      int count = source.getInt(Integer.BYTES * (1 + order));
      if (count < 0 || count > bytes.length - begin) {
        throw corrupted();
      }
      source.limit(begin + count).position(begin);
      result.orders[order] = Bitmap.read(source, length, PageNumber.REGIONS_MAX);
      source.clear();
      length = result.orders[order].length();
      begin += count;
    }
    return result;
  }

  private static RedbException.Corrupted corrupted() {
    return new RedbException.Corrupted("the table of the pages in use holds regions that are none");
  }
}
