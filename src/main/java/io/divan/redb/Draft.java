package io.divan.redb;

import org.jspecify.annotations.Nullable;

/**
 * A node that is not yet written: the pairs of a leaf or the children of a branch. One child of a
 * branch may itself be a draft; an entry without a page marks its position among the children.
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
      throw new IllegalStateException("a branch draft has no pairs");
    }
    return pairs;
  }

  Children children() {
    return children;
  }

  @Nullable
  Draft inner() {
    return inner;
  }

  int innerAt() {
    return innerAt;
  }

  /** Adds a draft as the next child. The caller adds its bound to the children. */
  void addInner(Draft draft) {
    inner = draft;
    innerAt = children.count();
    children.add(PageBuilder.NONE, 0, 0);
  }

  /** Replaces the children from {@code from} to {@code to}, exclusive, with pages. */
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

  /** Removes a child that the adjacent inner draft has absorbed. */
  void removeAdjacent(int i) {
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

  void replaceInner(Draft draft) {
    inner = draft;
  }

  /**
   * Appends the draft that follows this one at the same height.
   *
   * @param bounds the children of a branch, whose child {@code i} has the key between the two
   *     drafts as its bound
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
      // Both ends of a removed range: they become one node.
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

  /** Returns the size of this node if it were written to one page. */
  long bytes() {
    return isLeaf() ? pairs().bytes(0, pairs().count()) : children.bytes(0, children.count());
  }

  /**
   * Returns whether this node can be written: a branch needs two children, none of them a draft.
   */
  boolean isComplete() {
    return isLeaf() || inner == null && children.count() >= 2;
  }

  /** Returns whether this node should be merged into a neighbour instead of written alone. */
  boolean isSmall() {
    return bytes() < TreeFormat.SMALL_BYTES;
  }
}
