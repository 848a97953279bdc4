package io.divan.storage.sqlite.pages;

/**
 * Decides how many pages to read at once: one, and twice as many with each sequential request, up
 * to {@value #MAX}. A table's pages may alternate with those of its indexes, so a request a few
 * pages further on also counts as sequential. Not thread-safe.
 */
final class ReadAhead {
  static final int MAX = 32;

  private int next = -MAX;
  private int count = 1;

  /** The number of pages to read, starting with this one. */
  int pages(int page) {
    count = page >= next && page - next < MAX ? Math.min(2 * count, MAX) : 1;
    next = page + count;
    return count;
  }
}
