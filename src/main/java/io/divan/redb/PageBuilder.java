package io.divan.redb;

import static io.divan.redb.PageNumber.PAGE_BYTES;

/**
 * Writes new pages of a tree. Leaves and branches larger than 4096 bytes are halved by size,
 * recursively. A larger pair gets a leaf of its own, and two or three children with larger keys
 * share a larger branch page. Not thread-safe.
 */
final class PageBuilder {

  /** The absence of a page. */
  static final long NONE = -1;

  private final Pages pages;
  private long spare = NONE;

  PageBuilder(Pages pages) {
    this.pages = pages;
  }

  /**
   * Offers an own 4096-byte page for reuse as the first page that fits. The content to write must
   * not be in that page's array.
   */
  void offer(long page) {
    spare = page;
  }

  /** Withdraws the offered page and returns whether it was used. */
  boolean used() {
    boolean used = spare == NONE;
    spare = NONE;
    return used;
  }

  /** Writes leaves and adds them to {@code result}, with their last keys as bounds. */
  void leaves(Pairs pairs, int from, int to, Children result) {
    long bytes = pairs.bytes(from, to);
    boolean fits = bytes <= PAGE_BYTES && to - from <= TreeFormat.COUNT_MAX;
    if (to - from > 1 && !fits) {
      int cut = pairs.middle(from, to);
      leaves(pairs, from, cut, result);
      leaves(pairs, cut, to, result);
      return;
    }
    long page = page(bytes);
    pairs.write(from, to, pages.change(page));
    pages.used(page, (int) bytes);
    result.addNew(page);
    result.bound(pairs.keyArray(to - 1), pairs.keyFrom(to - 1), pairs.keyLength(to - 1));
  }

  /**
   * Writes branches with at least two children each and adds them to {@code result}, with bounds.
   */
  void branches(Children children, int from, int to, Children result) {
    long bytes = children.bytes(from, to);
    if (to - from >= 4 && bytes > PAGE_BYTES) {
      cut(children, from, children.middle(from, to), to, result);
      return;
    }
    long page = page(bytes);
    children.write(from, to, pages.change(page));
    result.addNew(page);
    result.bound(children, to - 1);
  }

  /**
   * Writes branches that will grow at their end: all but the last are filled, and the last has two
   * children.
   */
  void branchesAtEnd(Children children, Children result) {
    int count = children.count();
    if (count >= 4 && children.bytes(0, count) > PAGE_BYTES) {
      cut(children, 0, count - 2, count, result);
    } else {
      branches(children, 0, count, result);
    }
  }

  private void cut(Children children, int from, int cut, int to, Children result) {
    branches(children, from, cut, result);
    branches(children, cut, to, result);
  }

  private long page(long bytes) {
    if (spare == NONE || bytes > PAGE_BYTES) {
      return pages.allocate(bytes);
    }
    long page = spare;
    spare = NONE;
    return page;
  }
}
