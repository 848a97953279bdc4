package io.divan.redb;

/**
 * The pages of one transaction, as trees see them. Arrays have the page's whole length; whoever
 * reads one never changes it.
 */
interface Pages {

  /** Looks at a page that has just come from disk, before anybody uses it. */
  @FunctionalInterface
  interface Check {

    /** Takes any page as it is. */
    Check NONE = (page, content) -> {};

    /**
     * Called by the thread that reads, while it reads.
     *
     * @throws RedbException.Corrupted when the page is not what was written there
     */
    void check(long page, byte[] content);

    /**
     * How many bytes of a small page have a meaning, as its first ones say, which are not believed:
     * to read less of it where that is so.
     *
     * @param page an array for the whole page
     * @param known how many bytes of it have been read
     * @return at most the array's length, which it is where nothing better is known
     */
    default int used(byte[] page, int known) {
      return page.length;
    }
  }

  /**
   * The content of a page.
   *
   * @param check called when the page comes from disk, not when it is in memory
   * @throws RedbException.Corrupted when there can be no such page, or the check says so
   */
  byte[] read(long page, Check check);

  /**
   * The same, for whoever has done with a page when it reads the next but one.
   *
   * @param spare what a page may be put into that is not kept in memory: where it has the length of
   *     a small page, and then with anything behind what the page uses. No branch is put there
   */
  default byte[] read(long page, Check check, byte[] spare) {
    return read(page, check);
  }

  /** Whether this page may be changed in place: this transaction has made it, lately enough. */
  boolean isOwn(long page);

  /**
   * The content of a page that {@link #isOwn}, to be changed by the caller before it calls anything
   * else here: only then the page may leave memory. Arrays of it that were read before may be the
   * same one, or have the content of before.
   */
  byte[] change(long page);

  /**
   * A new page of the smallest order that holds so many bytes; its content is zero.
   *
   * @throws RedbException.Full when the file cannot grow
   */
  long allocate(long bytes);

  /** Gives a page up: at once where it is own, otherwise when nobody can see it any more. */
  void free(long page);
}
