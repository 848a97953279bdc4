package io.divan.redb;

import org.jspecify.annotations.Nullable;

/**
 * A page in memory. What is guarded by its stripe's lock is read without it too, as {@link
 * CacheStripe} says; what is the writer's is its file's writer's alone.
 */
final class CachedPage {
  // What an entry takes beside its page, about.
  static final int ENTRY_BYTES = 96;

  /** The page's number, and which file's it is. */
  final long key;

  final byte[] bytes;

  /** Whether the bytes were compared with their checksum, or are the writer's own. */
  boolean verified;

  // The stripe's.

  @Nullable CachedPage next;

  /** Not written yet. Otherwise in the ring; −1 when it is not kept. */
  boolean dirty;

  int ringIndex = -1;
  byte uses;

  // The writer's: the list of unwritten pages.

  boolean touched;
  @Nullable CachedPage older;
  @Nullable CachedPage newer;

  CachedPage(long key, byte[] bytes, boolean verified) {
    this.key = key;
    this.bytes = bytes;
    this.verified = verified;
  }

  long weight() {
    return (long) bytes.length + ENTRY_BYTES;
  }
}
