package io.divan.redb;

import static io.divan.redb.TreeFormat.DEPTH_MAX;

import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A B-tree of one transaction: pairs of byte arrays in key order, stored in pages as {@link
 * TreeFormat} describes. Not thread-safe.
 *
 * <ol>
 *   <li>Pages are copied before they change; only pages that the transaction owns are changed in
 *       place. A holder of the old root therefore sees the complete old tree.
 *   <li>While a transaction changes a tree, each changed page has {@link Checksum#DEFERRED} as its
 *       checksum in its parent, and so has that parent in its own, up to the root. {@link #seal}
 *       replaces all deferred checksums.
 *   <li>All leaves have the same depth, a branch has at least two children, and no page is empty. A
 *       tree without pairs has no root.
 *   <li>Keys in branches are keys that the tree has or had, never made-up bytes, because other
 *       programs read them as values of the key type.
 *   <li>A change that fails midway leaves the tree unusable until {@link #reset}; all other methods
 *       throw {@link IllegalStateException}.
 * </ol>
 *
 * <p>The content of pages is not trusted: errors throw {@link RedbException.Corrupted} with the
 * name of the tree and the page number. No loop goes deeper than {@link TreeFormat#DEPTH_MAX}.
 */
final class Tree {
  // Allocating a spare array for uncached leaves pays off after this many searches.
  private static final int SEARCHES_FEW = 8;

  private final Pages pages;
  private final TreeFormat format;
  private final String name;
  private final Node reader;
  private final PageCheck check;
  private @Nullable TreeWriter writer;

  private long root = PageBuilder.NONE;
  private long checksumLow;
  private long checksumHigh;
  private long length;
  private long changes;
  private boolean changing;
  private int searches;
  private byte[] spare = {};

  /**
   * Creates a tree.
   *
   * @param root the root of the tree; empty for an empty tree
   * @param name the name of the tree for messages, such as {@code data.redb, table docs}
   */
  Tree(Pages pages, TreeFormat format, Optional<TreeRoot> root, String name) {
    this.pages = pages;
    this.format = format;
    this.name = name;
    this.reader = new Node(format, name);
    this.check = new PageCheck(format, name);
    setRoot(root);
  }

  private void setRoot(Optional<TreeRoot> newRoot) {
    if (newRoot.isEmpty()) {
      setRoot(PageBuilder.NONE, 0, 0);
      length = 0;
    } else {
      Checksum checksum = newRoot.get().checksum();
      setRoot(newRoot.get().page(), checksum.low(), checksum.high());
      length = newRoot.get().length();
    }
  }

  /** Returns the current root, whose checksum may be deferred; empty if the tree is empty. */
  Optional<TreeRoot> root() {
    requireWhole();
    return isEmpty()
        ? Optional.empty()
        : Optional.of(new TreeRoot(root, new Checksum(checksumLow, checksumHigh), length));
  }

  /** Resets the tree to another state, for example after a rollback. */
  void reset(Optional<TreeRoot> newRoot) {
    setRoot(newRoot);
    changes++;
    changing = false;
    writer = null;
  }

  /** Returns the number of pairs. */
  long length() {
    return length;
  }

  boolean isEmpty() {
    return root == PageBuilder.NONE;
  }

  /**
   * Finds the value of a key.
   *
   * @param result receives the location of the value, valid until the next search; unchanged if the
   *     key does not exist
   * @return whether the key exists
   */
  boolean find(byte[] key, ValueSlice result) {
    requireWhole();
    format.checkKey(key);
    if (isEmpty()) {
      return false;
    }
    if (searches < SEARCHES_FEW && ++searches == SEARCHES_FEW) {
      spare = new byte[PageNumber.PAGE_BYTES];
    }
    Node node = reader;
    long page = root;
    check.of(checksumLow, checksumHigh);
    for (int depth = 0; depth < DEPTH_MAX; depth++) {
      node.load(page, pages.read(page, check, spare));
      if (node.isLeaf()) {
        int found = node.search(key);
        if (found < 0) {
          return false;
        }
        int from = node.valueAt(found);
        result.set(node.bytes(), from, node.valueTo(found, from) - from);
        return true;
      }
      int child = node.lowerBound(key);
      check.of(node, child);
      page = node.child(child);
    }
    throw tooDeep(page);
  }

  /**
   * Returns a cursor over a range.
   *
   * @param from the first key, inclusive; null for no lower bound
   * @param to the last key, exclusive; null for no upper bound
   * @param reverse whether to iterate in descending order
   */
  TreeCursor cursor(byte @Nullable [] from, byte @Nullable [] to, boolean reverse) {
    return new TreeCursor(this, from, to, reverse);
  }

  /**
   * Sets the value of a key. Replacing a value of the same length in an own page neither allocates
   * nor frees pages.
   *
   * @return whether the key existed
   * @throws IllegalArgumentException if the pair is too large, or if its width differs from a fixed
   *     width
   */
  boolean put(byte[] key, byte[] value) {
    format.checkPair(key, value);
    TreeWriter changer = begin();
    boolean replaced = changer.put(key, value);
    if (!replaced) {
      length++;
    }
    end(true);
    return replaced;
  }

  /** Removes a key. Returns whether it existed. */
  boolean remove(byte[] key) {
    format.checkKey(key);
    TreeWriter changer = begin();
    boolean removed = changer.remove(key);
    if (removed) {
      length--;
    }
    end(removed);
    return removed;
  }

  /**
   * Removes a range. Reads and frees each page of the range, leaves only for their number of pairs,
   * and follows one path at each end of the range.
   *
   * @param from the first key, inclusive; null for no lower bound
   * @param to the last key, exclusive; null for no upper bound
   * @return the number of removed pairs
   */
  long removeRange(byte @Nullable [] from, byte @Nullable [] to) {
    if (from != null) {
      format.checkKey(from);
    }
    if (to != null) {
      format.checkKey(to);
    }
    begin();
    long removed = new RangeRemoval(this).remove(from, to, false);
    if (removed > length) {
      throw Node.corrupted(name, root, "the tree has more pairs than its length says");
    }
    length -= removed;
    end(removed > 0);
    return removed;
  }

  /**
   * Computes the checksums of all changed pages. The transaction must own every page that it
   * allocated: after this, no part of it can be rolled back.
   */
  Optional<TreeRoot> seal() {
    requireWhole();
    if (!isEmpty() && PageCheck.isDeferred(checksumLow, checksumHigh)) {
      Checksum made = TreeWalk.seal(this, root, 1);
      setRoot(root, made.low(), made.high());
    }
    return root();
  }

  /**
   * Reads the whole tree and verifies checksums, the order of keys within and across pages, the
   * depth of leaves, and the number of pairs. The tree must be sealed.
   *
   * @param visitor receives each page once, parents first
   * @throws RedbException.Corrupted that names the first damaged page
   */
  void verify(LongConsumer visitor) {
    requireWhole();
    new TreeWalk(this).verify(visitor);
  }

  /**
   * Reads all pages and verifies their checksums, but not the order of keys, which may be unknown.
   * The tree must be sealed.
   *
   * @param visitor receives each page once, parents first; it throws if it receives a page twice,
   *     which ends a walk in a cycle
   */
  void visitPages(LongConsumer visitor) {
    requireWhole();
    new TreeWalk(this).visitPages(visitor);
  }

  /** Computes statistics by reading all pages. */
  TreeStats stats() {
    requireWhole();
    return new TreeWalk(this).stats();
  }

  /**
   * Moves pages to newly allocated ones and updates their parents. Leaves that stay are not read.
   * Stops when a newly allocated page itself matches {@code tooHigh}.
   *
   * @param tooHigh selects the pages to move
   * @return the number of moved pages
   */
  long moveAbove(LongPredicate tooHigh) {
    begin();
    long moved = new TreeCompaction(this, tooHigh).run();
    end(true);
    return moved;
  }

  private TreeWriter begin() {
    requireWhole();
    changing = true;
    TreeWriter changer = writer;
    if (changer == null) {
      changer = new TreeWriter(this);
      writer = changer;
    }
    return changer;
  }

  private void end(boolean changed) {
    changing = false;
    if (changed) {
      changes++;
    }
  }

  private void requireWhole() {
    if (changing) {
      throw new IllegalStateException(name + " is unusable because a change failed; roll back");
    }
  }

  Pages pages() {
    return pages;
  }

  TreeFormat format() {
    return format;
  }

  String name() {
    return name;
  }

  long rootPage() {
    return root;
  }

  /** Returns a number that differs after each change. */
  long changes() {
    requireWhole();
    return changes;
  }

  /** Changes the root; {@link PageBuilder#NONE} empties the tree. */
  void setRoot(long page, long newChecksumLow, long newChecksumHigh) {
    root = page;
    checksumLow = newChecksumLow;
    checksumHigh = newChecksumHigh;
  }

  long checksumLow() {
    return checksumLow;
  }

  long checksumHigh() {
    return checksumHigh;
  }

  /** Returns the number of branches above each leaf. The tree must not be empty. */
  int height() {
    Node node = newNode();
    readRoot(node);
    int height = 0;
    while (!node.isLeaf()) {
      if (++height == DEPTH_MAX) {
        throw tooDeep(node.page());
      }
      readChild(node, 0, node);
    }
    return height;
  }

  /** Reads the root page into a node. */
  void readRoot(Node node) {
    node.load(root, pages.read(root, check.of(checksumLow, checksumHigh)));
  }

  /** Reads a child of a branch into a node, which may be the branch's own node. */
  void readChild(Node branch, int i, Node node) {
    long page = branch.child(i);
    node.load(page, pages.read(page, check.of(branch, i)));
  }

  /**
   * Reads a child of a branch; see {@link Pages#read(long, Pages.Check, byte[])} for {@code spare}.
   */
  void readChild(Node branch, int i, Node node, byte[] spare) {
    long page = branch.child(i);
    node.load(page, pages.read(page, check.of(branch, i), spare));
  }

  /** Reads a page with a known checksum into a node. */
  void read(long page, long low, long high, Node node) {
    node.load(page, pages.read(page, check.of(low, high)));
  }

  Node newNode() {
    return new Node(format, name);
  }

  RedbException.Corrupted tooDeep(long page) {
    return Node.corrupted(name, page, "it is more than " + DEPTH_MAX + " levels deep");
  }
}
