package io.divan.redb;

import static io.divan.redb.PageBuilder.NONE;

import java.util.Arrays;
import java.util.function.LongPredicate;

/** Moves pages of a tree to lower positions, which it allocates as it goes. Not thread-safe. */
final class TreeCompaction {
  private final Tree tree;
  private final Pages pages;
  private final LongPredicate tooHigh;
  private int height;

  /** The number of pages moved to a better position. */
  private long moved;

  /** The number of changed pages, for any reason. */
  private long changed;

  /** For pages of this order and above, no better position is left. */
  private int stuck = Integer.MAX_VALUE;

  TreeCompaction(Tree tree, LongPredicate tooHigh) {
    this.tree = tree;
    this.pages = tree.pages();
    this.tooHigh = tooHigh;
  }

  long run() {
    if (tree.isEmpty()) {
      return 0;
    }
    // With a known height, leaves that stay need not be read.
    height = tree.height();
    long root = tree.rootPage();
    Node copy = tree.newNode();
    tree.readRoot(copy);
    if (height == 0) {
      long page = tooHigh.test(root) ? copy(copy) : root;
      tree.setRoot(page, tree.checksumLow(), tree.checksumHigh());
    } else {
      long page = branch(copy, height);
      if (changed > 0) {
        tree.setRoot(page, Checksum.DEFERRED.low(), Checksum.DEFERRED.high());
      }
    }
    return moved;
  }

  /** Moves the subtree of a branch, then the branch; returns its page, changed or not. */
  private long branch(Node branch, int above) {
    long[] targets = {};
    for (int i = 0; i <= branch.count() && stuck > 0; i++) {
      long before = changed;
      long target = below(branch, i, above);
      if (changed > before) {
        if (targets.length == 0) {
          targets = new long[branch.count() + 1];
          Arrays.fill(targets, NONE);
        }
        targets[i] = target;
      }
    }
    long page = target(branch, targets.length > 0);
    if (page == branch.page() && targets.length == 0) {
      return page;
    }
    changed++;
    byte[] bytes = pages.change(page);
    if (page != branch.page()) {
      System.arraycopy(branch.bytes(), 0, bytes, 0, branch.used());
    }
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] != NONE) {
        patch(bytes, branch, i, targets[i], above);
      }
    }
    if (page != branch.page()) {
      pages.free(branch.page());
    }
    return page;
  }

  /** Moves a child of a branch; returns its page. */
  private long below(Node branch, int i, int above) {
    long child = branch.child(i);
    if (above == 1 && !tooHigh.test(child)) {
      return child;
    }
    Node below = tree.newNode();
    tree.readChild(branch, i, below);
    if (below.isLeaf() != (above == 1)) {
      throw below.corrupted("its depth differs from its neighbour's");
    }
    return above == 1 ? copy(below) : branch(below, above - 1);
  }

  /** Returns the page to write a branch to: its current page or a new one. */
  private long target(Node branch, boolean changes) {
    boolean high = mayMove(branch) && tooHigh.test(branch.page());
    if (!high && (!changes || pages.isOwn(branch.page()))) {
      return branch.page();
    }
    long page = pages.allocate(branch.used());
    boolean better = high && !tooHigh.test(page);
    if (better) {
      moved++;
    } else if (high) {
      stuck = PageNumber.order(page);
    }
    if (!changes && !better) {
      pages.free(page);
      return branch.page();
    }
    return page;
  }

  /** Replaces a child. A moved leaf keeps its checksum; a moved branch references other pages. */
  private void patch(byte[] bytes, Node branch, int i, long target, int above) {
    long low = branch.checksumLow(i);
    long high = branch.checksumHigh(i);
    Children.patch(bytes, branch, i, target);
    if (above == 1) {
      Children.putChecksum(bytes, branch, i, low, high);
    }
  }

  private boolean mayMove(Node node) {
    return PageNumber.orderFor(node.used()) < stuck;
  }

  /**
   * Copies a leaf to a better position and frees the old page. Returns the old page if there is
   * none.
   */
  private long copy(Node leaf) {
    if (!mayMove(leaf)) {
      return leaf.page();
    }
    long page = pages.allocate(leaf.used());
    if (tooHigh.test(page)) {
      pages.free(page);
      stuck = PageNumber.order(page);
      return leaf.page();
    }
    System.arraycopy(leaf.bytes(), 0, pages.change(page), 0, leaf.used());
    pages.used(page, leaf.used());
    pages.free(leaf.page());
    moved++;
    changed++;
    return page;
  }
}
