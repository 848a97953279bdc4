package io.divan.redb;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;

/**
 * Tracks which regions may have a free page of each order. It errs on one side only: a region that
 * it reports may have no such page. Not thread-safe.
 *
 * <p>Serialized form, little-endian, the same as redb's:
 *
 * <pre>
 *   0  4          number of orders: 21
 *   4  4 × orders size of each order's bitmap in bytes
 *      …          one {@link Bitmap} per order, from order 0; an unset bit means possibly free
 * </pre>
 */
final class RegionTracker {
  private static final int ORDERS = PageNumber.ORDER_MAX + 1;
  // The initial number in redb.
  private static final int REGIONS_LEAST = 1000;

  private final Bitmap[] orders = new Bitmap[ORDERS];

  /** Creates a tracker in which no region has a free page. */
  RegionTracker(int regions) {
    for (int order = 0; order < ORDERS; order++) {
      orders[order] = new Bitmap(Math.max(regions, REGIONS_LEAST), PageNumber.REGIONS_MAX);
    }
  }

  private RegionTracker() {}

  /** Returns the first region that may have a free page of this order, or −1. */
  int findFree(int order) {
    return orders[order].firstUnset();
  }

  /** Records that a region has a free page of this order, hence of all lower orders. */
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

  /** Records that a region has no free page of this order, hence of no higher order. */
  void markFull(int order, int region) {
    for (int k = order; k < ORDERS; k++) {
      if (region < orders[k].length()) {
        orders[k].set(region);
      }
    }
  }

  /** Returns the size of {@link #write} in bytes. */
  int byteCount() {
    int count = Integer.BYTES;
    for (Bitmap bits : orders) {
      count += Integer.BYTES + bits.byteCount();
    }
    return count;
  }

  /** Serializes the tracker. */
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
   * Reads a tracker written by {@link #write} or by redb.
   *
   * @throws RedbException.Corrupted if the bytes are malformed
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
    return new RedbException.Corrupted("the allocator state holds a malformed region tracker");
  }
}
