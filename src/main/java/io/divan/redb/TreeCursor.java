package io.divan.redb;

import static io.divan.redb.TreeFormat.DEPTH_MAX;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the pairs of a range, in either direction. Allocates nothing per pair, and almost
 * nothing per page. Used by the tree's thread only. After the tree has changed, it throws {@link
 * IllegalStateException}.
 *
 * <ol>
 *   <li>{@code nodes[0 … level]} is the path to the current leaf.
 *   <li>The bounds of the range are searched once per leaf, not compared with each pair.
 *   <li>The keys of each leaf must follow those of the previous leaf; otherwise the tree is
 *       corrupted. The cursor therefore terminates whatever the pages contain.
 * </ol>
 */
final class TreeCursor {
  private static final int CLIMBS_FEW = 2;
  private static final int LARGE_SPARE_BYTES_MAX = 256 << 10;
  private static final byte[] NO_SPARE = {};

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

  /** The last key of the current leaf in cursor direction. */
  private byte[] edge = {};

  private int edgeFrom;
  private int edgeTo;

  private int climbs;

  /** Two arrays for leaves of 4096 bytes, then two for large ones. */
  private final byte[][] spares = {NO_SPARE, NO_SPARE, NO_SPARE, NO_SPARE};

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

  /** Moves to the next pair, initially to the first. Returns false at the end. */
  boolean next() {
    if (tree.changes() != changes) {
      throw new IllegalStateException(tree.name() + " has changed since the cursor was created");
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
   * Moves before a key: {@link #next} then returns the pair of this key or, if it does not exist,
   * the next pair in cursor direction. A key outside the range is treated as the nearest bound.
   */
  void seek(byte[] key) {
    tree.format().checkKey(key);
    if (tree.changes() != changes) {
      throw new IllegalStateException(tree.name() + " has changed since the cursor was created");
    }
    byte[] bound = reverse ? to : from;
    boolean outside = bound != null && isBefore(key, bound);
    start(outside ? bound : key, !outside);
  }

  /** Returns whether a key precedes the bound at which the cursor begins. */
  private boolean isBefore(byte[] key, byte[] bound) {
    int order = leaf.compare(key, 0, key.length, bound, 0, bound.length);
    return reverse ? order >= 0 : order < 0;
  }

  /** Moves to the next leaf with pairs in the range. Returns false at the end. */
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

  /** Moves to the leaf of a key, or to the first leaf in cursor direction. */
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

  /** Descends from the node at {@code level} to a leaf. */
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

  /**
   * Climbs to the nearest branch with a further child and reads that child. Returns false at the
   * end.
   */
  private boolean climb() {
    while (level > 0) {
      Node branch = nodes[level - 1];
      int child = index[level - 1] + (reverse ? -1 : 1);
      if (child >= 0 && child <= branch.count()) {
        index[level - 1] = child;
        tree.readChild(branch, child, nodes[level], spare(branch.child(child)));
        return true;
      }
      level--;
    }
    return false;
  }

  /**
   * Returns the one of two spare arrays for uncached leaves that does not hold {@link #edge}. A
   * cursor that visits only a few small leaves allocates none.
   */
  private byte[] spare(long page) {
    boolean large = PageNumber.isLarge(page);
    boolean few = climbs < CLIMBS_FEW && ++climbs < CLIMBS_FEW;
    int length = large ? PageNumber.bytes(page) : PageNumber.PAGE_BYTES;
    if (few && !large || length < 0 || length > LARGE_SPARE_BYTES_MAX) {
      return NO_SPARE;
    }
    int slot = large ? 2 : 0;
    slot += edge == spares[slot] ? 1 : 0;
    if (spares[slot].length != length) {
      spares[slot] = new byte[length];
    }
    return spares[slot];
  }

  /** Determines which pairs of a leaf are in the range, which begins at index {@code start}. */
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

  /** Returns the array that contains the current key and value; it must not be changed. */
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
