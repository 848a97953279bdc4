package io.divan.redb;

import static io.divan.redb.LittleEndian.int64;
import static io.divan.redb.LittleEndian.putInt64;

/**
 * Compares a page read from disk with the checksum in its parent. Reads the parent's bytes only
 * then, so reading from memory does not touch them. Not thread-safe.
 */
final class PageCheck implements Pages.Check {
  private final Node node;
  private final byte[] own = new byte[TreeFormat.CHECKSUM_BYTES];
  private byte[] source = own;
  private int at;

  PageCheck(TreeFormat format, String tree) {
    node = new Node(format, tree);
  }

  /** Expects the next page to have the checksum that a branch stores for its child {@code i}. */
  PageCheck of(Node branch, int i) {
    source = branch.bytes();
    at = branch.checksumAt(i);
    return this;
  }

  /** Expects the next page to have this checksum. */
  PageCheck of(long low, long high) {
    putInt64(own, 0, low);
    putInt64(own, Long.BYTES, high);
    source = own;
    at = 0;
    return this;
  }

  @Override
  public void check(long page, byte[] content) {
    node.load(page, content);
    long low = int64(source, at);
    long high = int64(source, at + Long.BYTES);
    if (isDeferred(low, high)) {
      // Written and evicted by this transaction before its checksum was computed.
      return;
    }
    Checksum found = node.checksum();
    if (found.low() != low || found.high() != high) {
      throw node.corrupted("its checksum is wrong");
    }
  }

  @Override
  public int used(byte[] page, int known) {
    return node.used(page, known);
  }

  static boolean isDeferred(long low, long high) {
    return low == Checksum.DEFERRED.low() && high == Checksum.DEFERRED.high();
  }
}
