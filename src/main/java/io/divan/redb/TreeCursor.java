package io.divan.redb;

import static io.divan.redb.TreeFormat.DEPTH_MAX;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the pairs of a range, up or down. Allocates nothing for a pair, and next to nothing
 * for a page. For the thread of its tree; once the tree has changed it throws {@link
 * IllegalStateException}.
 *
 * <ol>
 *   <li>{@code nodes[0 … level]} is the way to the leaf that it is in.
 *   <li>The range's bounds are looked for once in each leaf, not compared with each pair.
 *   <li>Each leaf lies behind the one before it in the order of keys, or the tree is corrupted: so
 *       it comes to an end whatever the pages say.
 * </ol>
 */
final class TreeCursor {
  private static final int CLIMBS_FEW = 2;

  private final Tree tree;
  private final byte @Nullable [] from;
  private final byte @Nullable [] to;
  private final boolean reverse;
  private final long changes;
  private final boolean isOrdered;

  private Node[] nodes = {};
  private int[] index = {};
  private int level;
  private Node leaf;
  private boolean started;
  private boolean inLastLeaf;
  private int at;
  private int remaining;

  private int keyFrom;
  private int keyTo;
  private int valueFrom;
  private int valueTo;

  /** The key nearest to the leaf that comes next. */
  private byte[] edge = {};

  private int edgeFrom;
  private int edgeTo;

  private int climbs;
  private byte[] spare = {};
  private byte[] otherSpare = {};

  TreeCursor(Tree tree, byte @Nullable [] from, byte @Nullable [] to, boolean reverse) {
    if (from != null) {
      tree.format().checkKey(from);
    }
    if (to != null) {
      tree.format().checkKey(to);
    }
    this.tree = tree;
    this.from = from;
    this.to = to;
    this.reverse = reverse;
    this.changes = tree.changes();
    this.isOrdered = tree.format().order() != KeyOrder.UNKNOWN;
    this.leaf = tree.newNode();
  }

  /** Goes to the next pair, the first one at first; false when there is none. */
  boolean next() {
    if (tree.changes() != changes) {
      throw new IllegalStateException(tree.name() + " has changed since the cursor was made");
    }
    if (remaining == 0 && !nextLeaf()) {
      return false;
    }
    remaining--;
    at += reverse ? -1 : 1;
    keyFrom = leaf.keyAt(at);
    keyTo = leaf.keyTo(at, keyFrom);
    valueFrom = leaf.valueAt(at);
    valueTo = leaf.valueTo(at, valueFrom);
    return true;
  }

  /**
   * Goes to before a key of the range: the next pair is that of this key or, when it is not there,
   * the first one behind it in the cursor's direction. A key outside the range is as its nearest
   * bound.
   */
  void seek(byte[] key) {
    tree.format().checkKey(key);
    if (tree.changes() != changes) {
      throw new IllegalStateException(tree.name() + " has changed since the cursor was made");
    }
    byte[] bound = reverse ? to : from;
    boolean outside = bound != null && isBefore(key, bound);
    start(outside ? bound : key, !outside);
  }

  /** Whether a key lies before the bound where the cursor begins. */
  private boolean isBefore(byte[] key, byte[] bound) {
    int order = leaf.compare(key, 0, key.length, bound, 0, bound.length);
    return reverse ? order >= 0 : order < 0;
  }

  /** Goes to a leaf with pairs of the range; false when there is none. */
  private boolean nextLeaf() {
    if (!started) {
      start(reverse ? to : from, false);
    }
    while (remaining == 0) {
      if (inLastLeaf || !climb()) {
        inLastLeaf = true;
        return false;
      }
      descend(null);
      int first = reverse ? leaf.count() - 1 : 0;
      int order = leaf.compare(first, edge, edgeFrom, edgeTo);
      if (isOrdered && (reverse ? order >= 0 : order <= 0)) {
        throw leaf.corrupted("its keys are out of order");
      }
      enter(reverse ? leaf.count() : 0);
    }
    return true;
  }

  /** Goes to the leaf of a key, or to the first leaf in the cursor's direction. */
  private void start(byte @Nullable [] key, boolean withKey) {
    started = true;
    remaining = 0;
    inLastLeaf = tree.isEmpty();
    if (inLastLeaf) {
      return;
    }
    level = 0;
    tree.readRoot(node(0));
    descend(key);
    int start = reverse ? leaf.count() : 0;
    if (key != null) {
      int found = leaf.search(key);
      start = found < 0 ? ~found : reverse && withKey ? found + 1 : found;
    }
    enter(start);
  }

  /** From the node at {@code level} down to a leaf. */
  private void descend(byte @Nullable [] key) {
    Node node = nodes[level];
    while (!node.isLeaf()) {
      int child = key != null ? node.lowerBound(key) : reverse ? node.count() : 0;
      index[level] = child;
      Node below = node(level + 1);
      tree.readChild(node, child, below);
      node = below;
      level++;
    }
    leaf = node;
  }

  /** From a leaf up to the next branch with a child further on, and into that; false at the end. */
  private boolean climb() {
    while (level > 0) {
      Node branch = nodes[level - 1];
      int child = index[level - 1] + (reverse ? -1 : 1);
      if (child >= 0 && child <= branch.count()) {
        index[level - 1] = child;
        tree.readChild(branch, child, nodes[level], spare());
        return true;
      }
      level--;
    }
    return false;
  }

  /**
   * An array for a leaf that is not kept in memory: of two, the one that has not the key of {@link
   * #edge}. A cursor that goes through a few leaves does without.
   */
  private byte[] spare() {
    if (climbs < CLIMBS_FEW && ++climbs == CLIMBS_FEW) {
      spare = new byte[PageNumber.PAGE_BYTES];
      otherSpare = new byte[PageNumber.PAGE_BYTES];
    }
    return edge == spare ? otherSpare : spare;
  }

  /** Finds out which pairs of a leaf belong to the range, {@code start} being a bound of them. */
  private void enter(int start) {
    int count = leaf.count();
    int last = reverse ? 0 : count - 1;
    edge = leaf.bytes();
    edgeFrom = leaf.keyAt(last);
    edgeTo = leaf.keyTo(last, edgeFrom);
    int end = reverse ? 0 : count;
    byte[] bound = reverse ? from : to;
    if (bound != null) {
      int order = leaf.compare(last, bound, 0, bound.length);
      if (reverse ? order <= 0 : order >= 0) {
        end = leaf.lowerBound(bound);
        inLastLeaf = true;
      }
    }
    remaining = Math.max(0, reverse ? start - end : end - start);
    at = reverse ? start : start - 1;
  }

  private Node node(int i) {
    if (i == DEPTH_MAX) {
      throw tree.tooDeep(nodes[i - 1].page());
    }
    if (i == nodes.length) {
      int size = Math.max(4, 2 * i);
      nodes = Arrays.copyOf(nodes, size);
      index = Arrays.copyOf(index, size);
      for (int j = i; j < size; j++) {
        nodes[j] = tree.newNode();
      }
    }
    return nodes[i];
  }

  /** The array that holds the pair's key and value, which nobody may change. */
  byte[] array() {
    return leaf.bytes();
  }

  int keyOffset() {
    return keyFrom;
  }

  int keyLength() {
    return keyTo - keyFrom;
  }

  int valueOffset() {
    return valueFrom;
  }

  int valueLength() {
    return valueTo - valueFrom;
  }
}
