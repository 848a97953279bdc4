package io.divan.redb;

import static io.divan.redb.PageBuilder.NONE;
import static io.divan.redb.TreeFormat.DEPTH_MAX;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Visits all pages of a tree once, from the root down: to seal it, to verify it, to count. For one
 * thread.
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

  /** The last key that was seen, in an array that nobody changes. */
  private byte[] lastKey = {};

  private int lastFrom;
  private int lastTo;

  TreeWalk(Tree tree) {
    this.tree = tree;
    this.pages = tree.pages();
  }

  /** Makes the checksums of a page and of all below it that are deferred; returns the page's. */
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
      throw node.corrupted("it lacks a checksum of a page below it");
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
          "the tree has " + pairs + " pairs, and should have " + tree.length());
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
      // What is in memory is compared too.
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
        throw node.corrupted("it lies at depth " + newDepth + ", the first leaf at " + leafDepth);
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

  /** A bound is not less than what lies before it; what comes next is greater than it. */
  private void bound(Node branch, int i) {
    if (branch.compare(i, lastKey, lastFrom, lastTo) < 0) {
      throw branch.corrupted("key " + i + " is less than what lies below it");
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
