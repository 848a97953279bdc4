package io.divan.redb;

import static io.divan.redb.PageBuilder.NONE;
import static io.divan.redb.PageNumber.PAGE_BYTES;
import static io.divan.redb.TreeFormat.DEPTH_MAX;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Removes a range of keys from a tree and closes the gap. Used once. Not thread-safe.
 *
 * <ol>
 *   <li>{@link #cut} works from the root down. It drops children within the range together with
 *       their subtrees. The remainders of the nodes at both ends of the range become drafts. Where
 *       the paths to both ends diverge, the two drafts of each level are joined. Each level thus
 *       has at most one draft, which is the inner draft of the level above.
 *   <li>{@link #settle} works from the bottom up. It merges a neighbour into a draft that is too
 *       small, then writes the draft. A draft without a neighbour in its branch waits: that branch
 *       has only one child, so it merges with a neighbour of its own and thereby gains neighbours
 *       for the draft.
 *   <li>At the root, levels with a single child are removed.
 *   <li>Pages within the range are freed at once. Others are freed at the end, because drafts refer
 *       to their bytes.
 * </ol>
 */
final class RangeRemoval {
  private final Tree tree;
  private final Pages pages;
  private final TreeFormat format;
  private final PageBuilder builder;
  private final Draft untouched;
  private byte @Nullable [] first;
  private byte @Nullable [] last;
  private boolean withLast;
  private long removed;
  private long[] dropped = new long[16];
  private int droppedCount;

  RangeRemoval(Tree tree) {
    this.tree = tree;
    this.pages = tree.pages();
    this.format = tree.format();
    this.builder = new PageBuilder(pages);
    this.untouched = Draft.branch(format);
  }

  /**
   * Removes the keys from {@code from} to {@code to}.
   *
   * @param withTo whether to remove {@code to} too
   */
  long remove(byte @Nullable [] from, byte @Nullable [] to, boolean withTo) {
    if (tree.isEmpty() || from != null && to != null && compare(from, to) > (withTo ? 0 : -1)) {
      return 0;
    }
    first = from;
    last = to;
    withLast = withTo;
    Node root = tree.newNode();
    tree.readRoot(root);
    Draft draft = cut(root, from != null, to != null, 1);
    if (draft != untouched) {
      finish(draft);
    }
    for (int i = 0; i < droppedCount; i++) {
      pages.free(dropped[i]);
    }
    return removed;
  }

  private int compare(byte[] a, byte[] b) {
    return format.order().compare(a, 0, a.length, b, 0, b.length);
  }

  /**
   * Returns the remainder of a node: null, {@code untouched} or a draft.
   *
   * @param below whether the range begins within the node, so that smaller keys stay
   * @param above whether the range ends within the node, so that greater keys stay
   */
  private @Nullable Draft cut(Node node, boolean below, boolean above, int depth) {
    if (depth > DEPTH_MAX) {
      throw tree.tooDeep(node.page());
    }
    if (node.isLeaf()) {
      return cutLeaf(node, below, above);
    }
    int children = node.count() + 1;
    int i = below ? node.lowerBound(key(first)) : -1;
    int j = above ? node.lowerBound(key(last)) : children;
    if (i == j) {
      Draft part = cut(child(node, i), true, true, depth + 1);
      return part == untouched ? untouched : branch(node, i, part, untouched, j);
    }
    Draft left = i < 0 ? null : cut(child(node, i), true, false, depth + 1);
    for (int between = i + 1; between < j; between++) {
      Node whole = child(node, between);
      dropAll(whole, depth + 1);
    }
    Draft right = j == children ? null : cut(child(node, j), false, true, depth + 1);
    boolean same = i + 1 == j && (i < 0 || left == untouched);
    if (same && (j == children || right == untouched)) {
      return untouched;
    }
    return branch(node, i, left, right, j);
  }

  private static byte[] key(byte @Nullable [] bound) {
    if (bound == null) {
      throw new IllegalStateException("an unbounded end of a range has no path to it");
    }
    return bound;
  }

  private Node child(Node branch, int i) {
    Node child = tree.newNode();
    tree.readChild(branch, i, child);
    return child;
  }

  private @Nullable Draft cutLeaf(Node leaf, boolean below, boolean above) {
    int from = below ? leaf.lowerBound(key(first)) : 0;
    int to = leaf.count();
    if (above) {
      int found = leaf.search(key(last));
      to = found < 0 ? ~found : withLast ? found + 1 : found;
    }
    if (from >= to) {
      return untouched;
    }
    removed += to - from;
    drop(leaf.page());
    if (to - from == leaf.count()) {
      return null;
    }
    Draft draft = Draft.leaf(format);
    draft.pairs().addAll(leaf, 0, from);
    draft.pairs().addAll(leaf, to, leaf.count());
    return draft;
  }

  /** Drops a page and its subtree; leaves are read only for their number of pairs. */
  private void dropAll(Node node, int depth) {
    if (depth > DEPTH_MAX) {
      throw tree.tooDeep(node.page());
    }
    if (node.isLeaf()) {
      removed += node.count();
    } else {
      Node child = tree.newNode();
      for (int i = 0; i <= node.count(); i++) {
        tree.readChild(node, i, child);
        dropAll(child, depth + 1);
      }
    }
    pages.free(node.page());
  }

  /** Returns the remainder of a branch after its children {@code i} and {@code j} were cut. */
  private @Nullable Draft branch(
      Node node, int i, @Nullable Draft left, @Nullable Draft right, int j) {
    Draft draft = Draft.branch(format);
    Children children = draft.children();
    children.addAll(node, 0, Math.max(i, 0));
    boolean one = i == j;
    if (i >= 0) {
      add(draft, node, i, left);
    }
    if (!one && j <= node.count()) {
      if (left != null && left != untouched && right != null && right != untouched) {
        left.append(right, children, children.count() - 1);
        if (j < node.count()) {
          children.bound(node, j);
        }
      } else {
        add(draft, node, j, right);
      }
    }
    children.addAll(node, Math.min(j, node.count()) + 1, node.count() + 1);
    drop(node.page());
    return children.count() == 0 ? null : draft;
  }

  private void add(Draft draft, Node node, int i, @Nullable Draft part) {
    if (part == untouched) {
      draft.children().addAll(node, i, i + 1);
    } else if (part != null) {
      draft.addInner(part);
      if (i < node.count()) {
        draft.children().bound(node, i);
      }
    }
  }

  private void finish(@Nullable Draft draft) {
    Draft top = draft;
    while (top != null && !top.isLeaf()) {
      settle(top);
      if (top.children().count() > 1) {
        break;
      }
      if (top.inner() == null) {
        Children only = top.children();
        tree.setRoot(only.page(0), only.checksumLow(0), only.checksumHigh(0));
        return;
      }
      top = top.inner();
    }
    if (top == null) {
      tree.setRoot(NONE, 0, 0);
      return;
    }
    Children level = write(top);
    while (level.count() > 1) {
      Children higher = new Children(format);
      builder.branches(level, 0, level.count(), higher);
      level = higher;
    }
    tree.setRoot(level.page(0), level.checksumLow(0), level.checksumHigh(0));
  }

  private Children write(Draft draft) {
    Children result = new Children(format);
    if (draft.isLeaf()) {
      builder.leaves(draft.pairs(), 0, draft.pairs().count(), result);
    } else {
      builder.branches(draft.children(), 0, draft.children().count(), result);
    }
    return result;
  }

  /** Writes the inner draft of a branch, if possible. */
  private void settle(Draft branch) {
    boolean grown = false;
    for (Draft inner = branch.inner(); inner != null; inner = branch.inner()) {
      if (!inner.isLeaf()) {
        settle(inner);
      }
      boolean good = inner.isComplete() && (grown || !inner.isSmall());
      if (!good && mergeNeighbour(branch, inner)) {
        grown = true;
      } else if (good || inner.isComplete() && branch.children().count() > 1) {
        branch.replace(branch.innerAt(), branch.innerAt() + 1, write(inner));
      } else {
        return;
      }
    }
  }

  /**
   * Merges a neighbour into the inner draft of a branch, preferring one that leaves the draft on
   * one page. Returns whether there was a neighbour. A leaf with a single large pair is never
   * merged.
   */
  private boolean mergeNeighbour(Draft branch, Draft inner) {
    Children children = branch.children();
    int at = branch.innerAt();
    @Nullable Node left = at == 0 ? null : neighbour(children, at - 1, inner);
    @Nullable Node right = at + 1 == children.count() ? null : neighbour(children, at + 1, inner);
    boolean leftFits = left != null && inner.bytes() + left.used() <= PAGE_BYTES;
    if (left != null && (leftFits || right == null || inner.bytes() + right.used() > PAGE_BYTES)) {
      Draft joined = draft(left);
      joined.append(inner, children, at - 1);
      branch.replaceInner(joined);
      branch.removeAdjacent(at - 1);
    } else if (right != null) {
      inner.append(draft(right), children, at);
      branch.removeAdjacent(at + 1);
    } else {
      return false;
    }
    return true;
  }

  private @Nullable Node neighbour(Children children, int i, Draft inner) {
    Node node = tree.newNode();
    tree.read(children.page(i), children.checksumLow(i), children.checksumHigh(i), node);
    if (node.isLeaf() != inner.isLeaf()) {
      throw node.corrupted("its depth differs from its neighbour's");
    }
    return node.isLarge() ? null : node;
  }

  private Draft draft(Node node) {
    drop(node.page());
    Draft draft = node.isLeaf() ? Draft.leaf(format) : Draft.branch(format);
    if (node.isLeaf()) {
      draft.pairs().addAll(node, 0, node.count());
    } else {
      draft.children().addAll(node, 0, node.count() + 1);
    }
    return draft;
  }

  private void drop(long page) {
    if (droppedCount == dropped.length) {
      dropped = Arrays.copyOf(dropped, 2 * droppedCount);
    }
    dropped[droppedCount++] = page;
  }
}
