package io.divan.redb;

import org.jspecify.annotations.Nullable;

/**
 * A page in memory. Fields guarded by the stripe's lock are also read without it, as {@link
 * CacheStripe} describes. Only the file's writer uses the writer's fields.
 */
final class CachedPage {
  // Approximate memory of an entry in addition to its page.
  static final int ENTRY_BYTES = 96;

  /** The page number combined with the bits of its file. */
  final long key;

  final byte[] bytes;

  /** Whether the bytes were verified against their checksum, or come from the writer. */
  boolean verified;

  // Guarded by the stripe's lock.

  @Nullable CachedPage next;

  /** Whether the page is not yet written. A written page that is cached is in the ring. */
  boolean dirty;

  int ringIndex = -1;
  byte uses;

  // Used by the writer only: the list of unwritten pages.

  boolean touched;

  /** How many bytes have to be written; the page's content ends before. */
  int written;

  @Nullable CachedPage older;
  @Nullable CachedPage newer;

  CachedPage(long key, byte[] bytes, boolean verified) {
    this.key = key;
    this.bytes = bytes;
    this.verified = verified;
    this.written = bytes.length;
  }

  /** Returns whether the cache keeps the page once it is written. */
  boolean isKept() {
    return !PageNumber.isLarge(key) || bytes[0] == TreeFormat.BRANCH;
  }

  long weight() {
    return (long) bytes.length + ENTRY_BYTES;
  }
}
