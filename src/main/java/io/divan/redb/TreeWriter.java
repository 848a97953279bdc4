package io.divan.redb;

import static io.divan.redb.PageNumber.PAGE_BYTES;
import static io.divan.redb.TreeFormat.DEPTH_MAX;
import static io.divan.redb.TreeFormat.SMALL_BYTES;

import java.util.Arrays;

/**
 * Sets and removes single pairs of a tree. Not thread-safe.
 *
 * <ol>
 *   <li>{@code nodes[0 … level]} is the path from the root to a leaf, and {@code index[i]} the
 *       child taken from {@code nodes[i]}. Each change descends again from the root.
 *   <li>A page is changed in place if it is own and its new content needs a page of the same size.
 *       The content to copy then lies in another array: in {@code scratch} or in a copy.
 *   <li>Pages are freed at the end of a change: until then, their keys are being written into other
 *       pages.
 *   <li>A load in key order leaves full leaves. At the right edge of the tree, and after a run of
 *       consecutive pairs of half a page in total, an overflowing leaf is not halved: the new pair
 *       gets a leaf of its own, to which the following pairs are added. A key greater than a leaf's
 *       bound belongs into the next leaf, so each such pair raises the bound of the leaf it is
 *       added to. A load in descending order is handled likewise and needs no change of bounds.
 * </ol>
 */
final class TreeWriter {
  private static final int RUN_BYTES = PAGE_BYTES / 2;

  private final Tree tree;
  private final Pages pages;
  private final TreeFormat format;
  private final PageBuilder builder;
  private final Pairs pairs;
  private final Node neighbour;
  private final byte[] scratch = new byte[PAGE_BYTES];
  private Node[] nodes = {};
  private int[] index = {};
  private Children fresh;
  private Children all;
  private Children next;
  private long[] dropped = new long[8];
  private int droppedCount;

  private byte[] lastKey = new byte[64];
  private int lastLength = -1;
  private long runBytes;

  TreeWriter(Tree tree) {
    this.tree = tree;
    this.pages = tree.pages();
    this.format = tree.format();
    this.builder = new PageBuilder(pages);
    this.pairs = new Pairs(format);
    this.neighbour = tree.newNode();
    this.fresh = new Children(format);
    this.all = new Children(format);
    this.next = new Children(format);
  }

  boolean put(byte[] key, byte[] value) {
    if (tree.isEmpty()) {
      pairs.add(key, value);
      builder.leaves(pairs, 0, 1, fresh);
      setRoot(fresh.page(0));
      remember(key);
      clear();
      return false;
    }
    int level = descend(key);
    Node leaf = nodes[level];
    int found = leaf.search(key);
    boolean replaces = found >= 0;
    int at = replaces ? found : ~found;
    boolean up = follows(level, at);
    boolean down = !up && at < leaf.count() && isLast(leaf, at);
    runBytes = up || down ? runBytes + key.length + value.length : 0;
    remember(key);
    boolean running = !replaces && runBytes >= RUN_BYTES;
    if (running && up && at == 0) {
      appendToLeft(level, key, value);
    } else {
      put(level, at, replaces, running, key, value);
    }
    clear();
    return replaces;
  }

  /** Descends to the leaf where a key belongs; returns its level. */
  private int descend(byte[] key) {
    tree.readRoot(node(0));
    int level = 0;
    while (!nodes[level].isLeaf()) {
      int child = nodes[level].lowerBound(key);
      index[level] = child;
      tree.readChild(nodes[level], child, node(level + 1));
      level++;
    }
    return level;
  }

  private Node node(int level) {
    if (level == DEPTH_MAX) {
      throw tree.tooDeep(nodes[level - 1].page());
    }
    if (level == nodes.length) {
      int size = Math.max(8, 2 * level);
      nodes = Arrays.copyOf(nodes, size);
      index = Arrays.copyOf(index, size);
      for (int i = level; i < size; i++) {
        nodes[i] = tree.newNode();
      }
    }
    return nodes[level];
  }

  private void remember(byte[] key) {
    if (key.length > lastKey.length) {
      lastKey = new byte[Math.max(key.length, 2 * lastKey.length)];
    }
    System.arraycopy(key, 0, lastKey, 0, key.length);
    lastLength = key.length;
  }

  private boolean isLast(Node node, int i) {
    return lastLength >= 0 && node.compare(i, lastKey, 0, lastLength) == 0;
  }

  /** Returns whether the pair to insert at {@code at} directly follows the latest one. */
  private boolean follows(int level, int at) {
    if (at > 0) {
      return isLast(nodes[level], at - 1);
    }
    return level > 0 && index[level - 1] > 0 && isLast(nodes[level - 1], index[level - 1] - 1);
  }

  private void put(
      int level, int at, boolean replaces, boolean running, byte[] key, byte[] value) {
    Node leaf = nodes[level];
    long page = leaf.page();
    boolean own = pages.isOwn(page);
    int oldValue = 0;
    if (replaces) {
      int from = leaf.valueAt(at);
      oldValue = leaf.valueTo(at, from) - from;
      if (own && oldValue == value.length) {
        System.arraycopy(value, 0, pages.change(page), from, value.length);
        replaceAbove(level, page);
        return;
      }
    }
    if (!own) {
      leaf.checkEntries();
    }
    int count = leaf.count() + (replaces ? 0 : 1);
    long content = (long) leaf.contentBytes() + value.length;
    content += replaces ? -oldValue : key.length;
    long bytes = format.leafBytes(count, content);
    if (count == 1 || bytes <= PAGE_BYTES) {
      long target = target(leaf, own, bytes);
      if (target == page && count > 1) {
        moveAside(leaf);
      }
      Pairs.writeWith(format, leaf, at, replaces, key, value, pages.change(target));
      pages.used(target, (int) bytes);
      replaceAbove(level, target);
    } else {
      split(level, at, replaces, running, key, value);
    }
  }

  /** Returns the page for a leaf's new content: its own page, or a new one that replaces it. */
  private long target(Node leaf, boolean own, long bytes) {
    if (own && PageNumber.orderFor(bytes) == PageNumber.order(leaf.page())) {
      return leaf.page();
    }
    long target = pages.allocate(bytes);
    drop(leaf.page());
    return target;
  }

  /** Makes a copy of an own page as the source, so that the page can be rewritten. */
  private void moveAside(Node leaf) {
    byte[] copy = leaf.used() <= scratch.length ? scratch : new byte[leaf.used()];
    System.arraycopy(leaf.bytes(), 0, copy, 0, leaf.used());
    leaf.load(leaf.page(), copy);
  }

  private void split(
      int level, int at, boolean replaces, boolean running, byte[] key, byte[] value) {
    Node leaf = nodes[level];
    int count = leaf.count();
    boolean atEnd = at == count;
    boolean alone = running || leaf.isLarge() || atEnd && isRightmost(level);
    if (!replaces && alone && (at == 0 || atEnd)) {
      // Keep the leaf and add a new one next to it.
      if (atEnd) {
        addFinished(level, leaf, running || !leaf.isLarge());
        bindLast(leaf);
      }
      pairs.add(key, value);
      builder.leaves(pairs, 0, 1, fresh);
      if (!atEnd) {
        addFinished(level, leaf, false);
      }
    } else {
      boolean reuses = pages.isOwn(leaf.page()) && PageNumber.order(leaf.page()) == 0;
      if (reuses) {
        moveAside(leaf);
        builder.offer(leaf.page());
      }
      pairs.addAll(leaf, 0, at);
      pairs.add(key, value);
      pairs.addAll(leaf, replaces ? at + 1 : at, count);
      if (!replaces && alone) {
        builder.leaves(pairs, 0, at, fresh);
        builder.leaves(pairs, at, at + 1, fresh);
        builder.leaves(pairs, at + 1, count + 1, fresh);
      } else {
        builder.leaves(pairs, 0, pairs.count(), fresh);
      }
      if (!reuses || !builder.used()) {
        drop(leaf.page());
      }
    }
    int above = level - 1;
    int child = above < 0 ? 0 : index[above];
    replace(above, child, child + 1, false);
  }

  private boolean isRightmost(int level) {
    for (int i = 0; i < level; i++) {
      if (index[i] < nodes[i].count()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Adds an unchanged leaf with the checksum in its parent. If the leaf is likely to stay
   * unchanged, computes its checksum now, while it is in memory.
   */
  private void addFinished(int level, Node leaf, boolean forGood) {
    long low = level == 0 ? tree.checksumLow() : nodes[level - 1].checksumLow(index[level - 1]);
    long high = level == 0 ? tree.checksumHigh() : nodes[level - 1].checksumHigh(index[level - 1]);
    addFinished(leaf, low, high, forGood);
  }

  private void addFinished(Node leaf, long low, long high, boolean forGood) {
    if (forGood && PageCheck.isDeferred(low, high)) {
      Checksum checksum = leaf.checksum();
      fresh.add(leaf.page(), checksum.low(), checksum.high());
    } else {
      fresh.add(leaf.page(), low, high);
    }
  }

  /** Sets the bound of the last added child to the last key of its leaf. */
  private void bindLast(Node leaf) {
    int i = leaf.count() - 1;
    int from = leaf.keyAt(i);
    fresh.bound(leaf.bytes(), from, leaf.keyTo(i, from) - from);
  }

  /**
   * Adds a pair that would be the first of its leaf to the previous leaf, or to a new leaf between
   * the two.
   */
  private void appendToLeft(int level, byte[] key, byte[] value) {
    int above = level - 1;
    Node parent = nodes[above];
    int left = index[above] - 1;
    Node leaf = neighbour;
    tree.readChild(parent, left, leaf);
    if (!leaf.isLeaf()) {
      throw leaf.corrupted("it is a branch, its neighbour a leaf");
    }
    long content = (long) leaf.contentBytes() + key.length + value.length;
    long bytes = format.leafBytes(leaf.count() + 1, content);
    if (bytes <= PAGE_BYTES) {
      boolean own = pages.isOwn(leaf.page());
      if (!own) {
        leaf.checkEntries();
      }
      long target = target(leaf, own, bytes);
      if (target == leaf.page()) {
        moveAside(leaf);
      }
      Pairs.writeWith(format, leaf, leaf.count(), false, key, value, pages.change(target));
      if (moveBound(above, left, target, key)) {
        return;
      }
      fresh.addNew(target);
    } else {
      addFinished(leaf, parent.checksumLow(left), parent.checksumHigh(left), true);
      bindLast(leaf);
      pairs.add(key, value);
      builder.leaves(pairs, 0, 1, fresh);
    }
    fresh.bound(key, 0, key.length);
    replace(above, left, left + 1, true);
  }

  /**
   * Replaces a child and its bound in place, if the branch is own and the bound keeps its length.
   */
  private boolean moveBound(int level, int child, long page, byte[] key) {
    Node branch = nodes[level];
    int from = branch.keyAt(child);
    if (!pages.isOwn(branch.page()) || branch.keyTo(child, from) - from != key.length) {
      return false;
    }
    byte[] bytes = pages.change(branch.page());
    Children.patch(bytes, branch, child, page);
    System.arraycopy(key, 0, bytes, from, key.length);
    replaceAbove(level, branch.page());
    return true;
  }

  /** Replaces the page at a level; its bound stays. */
  private void replaceAbove(int level, long page) {
    long child = page;
    for (int i = level - 1; i >= 0; i--) {
      Node branch = nodes[i];
      int at = index[i];
      if (branch.child(at) == child
          && PageCheck.isDeferred(branch.checksumLow(at), branch.checksumHigh(at))) {
        return;
      }
      if (pages.isOwn(branch.page())) {
        Children.patch(pages.change(branch.page()), branch, at, child);
        child = branch.page();
      } else {
        long copy = pages.allocate(branch.used());
        byte[] bytes = pages.change(copy);
        System.arraycopy(branch.bytes(), 0, bytes, 0, branch.used());
        Children.patch(bytes, branch, at, child);
        drop(branch.page());
        child = copy;
      }
    }
    setRoot(child);
  }

  /**
   * Replaces some children of the branch at a level with {@code fresh}, and continues upwards; at
   * level −1 replaces the root.
   *
   * @param bound whether the last new child has a bound; otherwise it takes that of the last
   *     replaced child
   */
  private void replace(int branchLevel, int branchFrom, int branchTo, boolean bound) {
    int level = branchLevel;
    int from = branchFrom;
    int to = branchTo;
    boolean bounded = bound;
    while (level >= 0) {
      if (fresh.count() == 1 && to - from == 1 && !bounded) {
        replaceAbove(level + 1, fresh.page(0));
        return;
      }
      Node branch = nodes[level];
      long page = branch.page();
      boolean reuses = pages.isOwn(page) && PageNumber.order(page) == 0;
      if (reuses) {
        branch.load(page, Arrays.copyOf(branch.bytes(), branch.used()));
        builder.offer(page);
      }
      boolean atEnd = to == branch.count() + 1;
      all.addAll(branch, 0, from);
      all.addAll(fresh, 0, fresh.count());
      if (!bounded && !atEnd) {
        all.bound(branch, to - 1);
      }
      all.addAll(branch, to, branch.count() + 1);
      if (atEnd) {
        builder.branchesAtEnd(all, next);
      } else {
        builder.branches(all, 0, all.count(), next);
      }
      if (!reuses || !builder.used()) {
        drop(page);
      }
      goUp();
      level--;
      from = level < 0 ? 0 : index[level];
      to = from + 1;
      bounded = false;
    }
    while (fresh.count() > 1) {
      builder.branches(fresh, 0, fresh.count(), next);
      goUp();
    }
    tree.setRoot(fresh.page(0), fresh.checksumLow(0), fresh.checksumHigh(0));
  }

  /** Makes the pages just written the children to add to the branch above. */
  private void goUp() {
    Children written = next;
    next = fresh;
    fresh = written;
    all.clear();
    next.clear();
  }

  boolean remove(byte[] key) {
    if (tree.isEmpty()) {
      return false;
    }
    int level = descend(key);
    Node leaf = nodes[level];
    int at = leaf.search(key);
    if (at < 0) {
      return false;
    }
    int keyFrom = leaf.keyAt(at);
    int valueFrom = leaf.valueAt(at);
    int removed = leaf.keyTo(at, keyFrom) - keyFrom + leaf.valueTo(at, valueFrom) - valueFrom;
    int count = leaf.count() - 1;
    long bytes = format.leafBytes(count, (long) leaf.contentBytes() - removed);
    if (count == 0 || level > 0 && bytes < SMALL_BYTES) {
      new RangeRemoval(tree).remove(key, key, true);
      return true;
    }
    boolean own = pages.isOwn(leaf.page());
    if (!own) {
      leaf.checkEntries();
    }
    long target = target(leaf, own, bytes);
    if (target == leaf.page()) {
      moveAside(leaf);
    }
    Pairs.writeWithout(format, leaf, at, 1, pages.change(target));
    replaceAbove(level, target);
    clear();
    return true;
  }

  private void setRoot(long page) {
    tree.setRoot(page, Checksum.DEFERRED.low(), Checksum.DEFERRED.high());
  }

  private void drop(long page) {
    if (droppedCount == dropped.length) {
      dropped = Arrays.copyOf(dropped, 2 * droppedCount);
    }
    dropped[droppedCount++] = page;
  }

  /** Frees the pages given up in this change and releases arrays. */
  private void clear() {
    for (int i = 0; i < droppedCount; i++) {
      pages.free(dropped[i]);
    }
    droppedCount = 0;
    pairs.clear();
    fresh.clear();
    all.clear();
    next.clear();
  }
}
