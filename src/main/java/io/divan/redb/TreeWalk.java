package io.divan.redb;

import static io.divan.redb.PageBuilder.NONE;
import static io.divan.redb.TreeFormat.DEPTH_MAX;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Visits every page of a tree once, from the root down, to seal it, verify it or compute
 * statistics. Not thread-safe.
 */
final class TreeWalk {
  private final Tree tree;
  private final Pages pages;
  private LongConsumer visitor = page -> {};
  private boolean checked;
  private boolean ordered;

  private long pairs;
  private int leafDepth;
  private int depth;
  private long leafPages;
  private long branchPages;
  private long storedBytes;
  private long usedBytes;
  private long allBytes;

  /** The last visited key, within an array that is not changed. */
  private byte[] lastKey = {};

  private int lastFrom;
  private int lastTo;

  TreeWalk(Tree tree) {
    this.tree = tree;
    this.pages = tree.pages();
  }

  /** Computes the deferred checksums of a page and its subtree; returns the page's checksum. */
  static Checksum seal(Tree tree, long page, int depth) {
    if (depth > DEPTH_MAX) {
      throw tree.tooDeep(page);
    }
    Node node = tree.newNode();
    node.load(page, tree.pages().read(page, Pages.Check.NONE));
    if (node.isLeaf()) {
      return node.checksum();
    }
    long[] sums = {};
    int[] sealed = {};
    int count = 0;
    for (int i = 0; i <= node.count(); i++) {
      if (PageCheck.isDeferred(node.checksumLow(i), node.checksumHigh(i))) {
        if (sealed.length == count) {
          int size = count == 0 ? 8 : node.count() + 1;
          sealed = Arrays.copyOf(sealed, Math.max(size, count + 1));
          sums = Arrays.copyOf(sums, 2 * sealed.length);
        }
        Checksum sum = seal(tree, node.child(i), depth + 1);
        sealed[count] = i;
        sums[2 * count] = sum.low();
        sums[2 * count + 1] = sum.high();
        count++;
      }
    }
    if (count == 0) {
      return node.checksum();
    }
    if (!tree.pages().isOwn(page)) {
      throw node.corrupted("the checksum of one of its children is missing");
    }
    byte[] bytes = tree.pages().change(page);
    for (int i = 0; i < count; i++) {
      Children.putChecksum(bytes, node, sealed[i], sums[2 * i], sums[2 * i + 1]);
    }
    return Checksums.of(bytes, 0, node.used());
  }

  void verify(LongConsumer newVisitor) {
    visitor = newVisitor;
    checked = true;
    ordered = tree.format().order() != KeyOrder.UNKNOWN;
    walkAll();
    if (pairs != tree.length()) {
      throw Node.corrupted(
          tree.name(),
          tree.rootPage(),
          "the tree has " + pairs + " pairs instead of " + tree.length());
    }
  }

  void visitPages(LongConsumer newVisitor) {
    visitor = newVisitor;
    checked = true;
    walkAll();
  }

  TreeStats stats() {
    walkAll();
    return new TreeStats(
        leafPages, branchPages, depth, storedBytes, usedBytes - storedBytes, allBytes - usedBytes);
  }

  private void walkAll() {
    if (tree.rootPage() != NONE) {
      walk(tree.rootPage(), tree.checksumLow(), tree.checksumHigh(), 1);
    }
  }

  private void walk(long page, long low, long high, int newDepth) {
    if (newDepth > DEPTH_MAX) {
      throw tree.tooDeep(page);
    }
    visitor.accept(page);
    Node node = tree.newNode();
    if (checked) {
      // Verify cached pages too.
      node.load(page, pages.read(page, Pages.Check.NONE));
      Checksum sum = node.checksum();
      if (sum.low() != low || sum.high() != high) {
        throw node.corrupted("its checksum is wrong");
      }
    } else {
      tree.read(page, low, high, node);
    }
    depth = Math.max(depth, newDepth);
    usedBytes += node.used();
    allBytes += node.bytes().length;
    if (node.isLeaf()) {
      leaf(node, newDepth);
      return;
    }
    branchPages++;
    for (int i = 0; i <= node.count(); i++) {
      walk(node.child(i), node.checksumLow(i), node.checksumHigh(i), newDepth + 1);
      if (ordered && i < node.count()) {
        bound(node, i);
      }
    }
  }

  private void leaf(Node node, int newDepth) {
    leafPages++;
    storedBytes += node.contentBytes();
    if (ordered) {
      if (leafDepth != 0 && leafDepth != newDepth) {
        throw node.corrupted("its depth is " + newDepth + ", that of the first leaf " + leafDepth);
      }
      leafDepth = newDepth;
      node.checkEntries();
      for (int i = 0; i < node.count(); i++) {
        int from = node.keyAt(i);
        int to = node.keyTo(i, from);
        if (pairs + i > 0 && node.compare(i, lastKey, lastFrom, lastTo) <= 0) {
          throw node.corrupted("key " + i + " is out of order");
        }
        remember(node, from, to);
      }
    }
    pairs += node.count();
  }

  /**
   * Checks that a bound is not less than the preceding key. The next key must be greater than it.
   */
  private void bound(Node branch, int i) {
    if (branch.compare(i, lastKey, lastFrom, lastTo) < 0) {
      throw branch.corrupted("key " + i + " is less than a key in its child");
    }
    int from = branch.keyAt(i);
    remember(branch, from, branch.keyTo(i, from));
  }

  private void remember(Node node, int from, int to) {
    lastKey = node.bytes();
    lastFrom = from;
    lastTo = to;
  }
}
