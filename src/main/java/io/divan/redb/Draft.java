package io.divan.redb;

import org.jspecify.annotations.Nullable;

/**
 * A node that is not written yet: the pairs of a leaf, or the children of a branch, of which one
 * may itself be a draft. Its place among the children is kept by an entry without a page.
 */
final class Draft {
  private final TreeFormat format;
  private final @Nullable Pairs pairs;
  private Children children;
  private @Nullable Draft inner;
  private int innerAt;

  private Draft(TreeFormat format, @Nullable Pairs pairs) {
    this.format = format;
    this.pairs = pairs;
    this.children = new Children(format);
  }

  static Draft leaf(TreeFormat format) {
    return new Draft(format, new Pairs(format));
  }

  static Draft branch(TreeFormat format) {
    return new Draft(format, null);
  }

  boolean isLeaf() {
    return pairs != null;
  }

  Pairs pairs() {
    if (pairs == null) {
      throw new IllegalStateException("a branch has no pairs");
    }
    return pairs;
  }

  Children children() {
    return children;
  }

  @Nullable Draft inner() {
    return inner;
  }

  int innerAt() {
    return innerAt;
  }

  /** Adds a draft as the next child; its bound is added to the children. */
  void addInner(Draft draft) {
    inner = draft;
    innerAt = children.count();
    children.add(PageBuilder.NONE, 0, 0);
  }

  /** Puts pages in the place of the children from {@code from} on, up to {@code to}. */
  void replace(int from, int to, Children others) {
    Children result = new Children(format);
    result.addAll(children, 0, from);
    result.addAll(others, 0, others.count());
    if (others.count() > 0) {
      result.bound(children, to - 1);
    }
    result.addAll(children, to, children.count());
    children = result;
    inner = null;
  }

  /** Takes a child out which the inner draft, beside it, has taken in. */
  void removeBeside(int i) {
    Children result = new Children(format);
    result.addAll(children, 0, i);
    if (i > innerAt) {
      result.bound(children, i);
    } else {
      innerAt--;
    }
    result.addAll(children, i + 1, children.count());
    children = result;
  }

  /** Puts another draft in the place of the inner one. */
  void replaceInner(Draft draft) {
    inner = draft;
  }

  /**
   * Adds what follows this draft at the same height.
   *
   * @param bounds the children of a branch, of which {@code i} has the key between the two as its
   *     bound
   */
  void append(Draft other, Children bounds, int i) {
    if (isLeaf()) {
      pairs().addAll(other.pairs());
      return;
    }
    children.bound(bounds, i);
    int count = children.count();
    Draft last = inner;
    Draft first = other.inner;
    if (last != null && innerAt == count - 1 && first != null && other.innerAt == 0) {
      // Both ends of a range that was removed: one node from now on.
      last.append(first, bounds, i);
      Children joined = new Children(format);
      joined.addAll(children, 0, count);
      joined.bound(other.children, 0);
      joined.addAll(other.children, 1, other.children.count());
      children = joined;
      return;
    }
    if (first != null) {
      inner = first;
      innerAt = count + other.innerAt;
    }
    children.addAll(other.children, 0, other.children.count());
  }

  /** The size of what it would be on one page. */
  long bytes() {
    return isLeaf() ? pairs().bytes(0, pairs().count()) : children.bytes(0, children.count());
  }

  /** Whether it can be written: a branch needs two children, and no draft among them. */
  boolean isComplete() {
    return isLeaf() || inner == null && children.count() >= 2;
  }

  /** Whether it should not be written where a neighbour can take it in. */
  boolean isSmall() {
    return bytes() < TreeFormat.SMALL_BYTES;
  }
}
