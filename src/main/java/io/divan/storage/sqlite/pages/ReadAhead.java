package io.divan.storage.sqlite.pages;

/**
 * How many pages to read at once: one, until pages are asked for in order; then more with each
 * request, up to {@value #MAX}. Pages of a table may have those of its indexes between them, so
 * one that lies a little further on is in order, too. For one thread.
 */
final class ReadAhead {
  static final int MAX = 32;

  private int next = -MAX;
  private int count = 1;

  /** How many pages to read from this one on, which is about to be read. */
  int pages(int page) {
    count = page >= next && page - next < MAX ? Math.min(2 * count, MAX) : 1;
    next = page + count;
    return count;
  }
}
