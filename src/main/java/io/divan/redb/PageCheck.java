package io.divan.redb;

import static io.divan.redb.LittleEndian.int64;
import static io.divan.redb.LittleEndian.putInt64;

/**
 * Compares a page that comes from disk with the checksum that its parent has for it. The parent's
 * bytes are looked at only then, which is why reading from memory does not touch them. For one
 * thread.
 */
final class PageCheck implements Pages.Check {
  private final Node node;
  private final byte[] own = new byte[TreeFormat.CHECKSUM_BYTES];
  private byte[] source = own;
  private int at;

  PageCheck(TreeFormat format, String tree) {
    node = new Node(format, tree);
  }

  /** The next page is to have the checksum that a branch has for its child {@code i}. */
  PageCheck of(Node branch, int i) {
    source = branch.bytes();
    at = branch.checksumAt(i);
    return this;
  }

  /** The next page is to have this checksum. */
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
      // Written by this transaction, and back in memory before its checksum was made.
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
