package io.divan.redb;

/**
 * The pages as the trees of one transaction see them. An array has the full length of its page, but
 * the bytes beyond the used size of a large page are undefined. An array that was returned for
 * reading must not be changed.
 */
interface Pages {

  /** Checks a page that was just read from disk, before its first use. */
  @FunctionalInterface
  interface Check {

    /** Accepts any page. */
    Check NONE = (page, content) -> {};

    /**
     * Checks a page, on the thread that reads it.
     *
     * @throws RedbException.Corrupted if the page differs from what was written
     */
    void check(long page, byte[] content);

    /**
     * Returns how many bytes of a page are used, according to its first bytes, which are
     * not verified yet. The caller uses this to read less.
     *
     * @param page an array for the whole page
     * @param known how many of its bytes have been read
     * @return at most the length of the array; exactly that if the used size is unknown
     */
    default int used(byte[] page, int known) {
      return page.length;
    }
  }

  /**
   * Returns the content of a page.
   *
   * @param check runs if the page comes from disk, not if it is in memory
   * @throws RedbException.Corrupted if there can be no such page, or if the check fails
   */
  byte[] read(long page, Check check);

  /**
   * Returns the content of a page, for callers that no longer use a page by the time they read the
   * next but one.
   *
   * @param spare an array that may be reused for a leaf that is not cached, if it has the length of
   *     the page; the bytes beyond the page's used size are then undefined
   */
  default byte[] read(long page, Check check, byte[] spare) {
    return read(page, check);
  }

  /**
   * Returns whether the page may be changed in place: this transaction allocated it since the
   * latest savepoint.
   */
  boolean isOwn(long page);

  /**
   * Returns the content of a page that {@link #isOwn}. The caller changes it before it calls any
   * other method here, because only such a call may move the page out of memory. Arrays of the page
   * that were read earlier may be the same array, or may hold the old content.
   */
  byte[] change(long page);

  /**
   * Reports the used size of a page that was just changed, whose other bytes need not be written.
   */
  default void used(long page, int bytes) {}

  /**
   * Allocates a page of the smallest order that holds {@code bytes} bytes, filled with zeros.
   *
   * @throws RedbException.Full if the file cannot grow
   */
  long allocate(long bytes);

  /** Frees a page: at once if it is own, otherwise when no reader can see it any more. */
  void free(long page);
}
