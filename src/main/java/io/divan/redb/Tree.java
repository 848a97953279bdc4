package io.divan.redb;

import static io.divan.redb.TreeFormat.DEPTH_MAX;

import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A B-tree of one transaction: pairs of bytes in the order of their keys, in pages as {@link
 * TreeFormat} describes them. For one thread.
 *
 * <ol>
 *   <li>Pages are copied before they change, and only pages that are own to the transaction are
 *       changed in place; so whoever has the old root sees the old tree, whole.
 *   <li>While a transaction changes a tree, what has changed carries {@link Checksum#DEFERRED} in
 *       its parent; a page with such a child is itself deferred in its own parent, up to the root.
 *       {@link #seal} replaces all of them.
 *   <li>All leaves have the same depth, a branch has two or more children, and no page is empty: a
 *       tree without pairs has no root.
 *   <li>Keys within branches are keys that the tree has, or had: never made up, since others read
 *       them as values of the keys' type.
 *   <li>A change that failed in its middle leaves the tree unusable until {@link #reset}: up to
 *       then everything throws {@link IllegalStateException}.
 * </ol>
 *
 * <p>Nothing that a page says is believed: what is wrong is {@link RedbException.Corrupted}, with
 * the tree's name and the page's number. No loop goes deeper than {@link TreeFormat#DEPTH_MAX}.
 */
final class Tree {
  // After so many an array for leaves that are not kept in memory is worth its making.
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
   * A tree.
   *
   * @param root where it is; nothing for an empty one
   * @param name what messages call it, as in {@code data.redb, table docs}
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

  /** Its root of now, whose checksum may be deferred; nothing when it is empty. */
  Optional<TreeRoot> root() {
    requireWhole();
    return isEmpty()
        ? Optional.empty()
        : Optional.of(new TreeRoot(root, new Checksum(checksumLow, checksumHigh), length));
  }

  /** Goes to another state, as after a rollback. */
  void reset(Optional<TreeRoot> newRoot) {
    setRoot(newRoot);
    changes++;
    changing = false;
    writer = null;
  }

  /** How many pairs it has. */
  long length() {
    return length;
  }

  boolean isEmpty() {
    return root == PageBuilder.NONE;
  }

  /**
   * Looks for a key.
   *
   * @param result where its value lies until the next search, set only when it is there
   * @return whether it is there
   */
  boolean find(byte[] key, Found result) {
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
   * Goes through a range.
   *
   * @param from the first key, inclusive; nothing for the first there is
   * @param to the last key, exclusive; nothing for all from there
   * @param reverse from the greatest key down
   */
  TreeCursor cursor(byte @Nullable [] from, byte @Nullable [] to, boolean reverse) {
    return new TreeCursor(this, from, to, reverse);
  }

  /**
   * Sets a key's value. One of the same length as before, in a page that is own, neither takes nor
   * gives up pages.
   *
   * @return whether it had one
   * @throws IllegalArgumentException when the pair is too large, or not as wide as all are
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

  /** Removes a key, and says whether it was there. */
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
   * Removes a range. Costs one read for each page of it, of which a leaf's is only for its count,
   * and one call to free it; and beside that a path at each end of the range.
   *
   * @param from the first key, inclusive; nothing for the first there is
   * @param to the last key, exclusive; nothing for all from there
   * @return how many there were
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
   * Makes the checksums of all that has changed. Every page that the transaction made is own then:
   * no part of it can be rolled back any more.
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
   * Reads everything and compares: checksums, the order of keys within pages and between them, the
   * depth of leaves, the length. The tree is sealed.
   *
   * @param visitor is given each page once, parents first
   * @throws RedbException.Corrupted naming the first page that is wrong
   */
  void verify(LongConsumer visitor) {
    requireWhole();
    new TreeWalk(this).verify(visitor);
  }

  /**
   * Reads all pages and compares their checksums, but not the order of keys, which may be unknown.
   * The tree is sealed.
   *
   * @param visitor is given each page once, parents first; it refuses one that it knows already,
   *     which ends a walk in circles
   */
  void visitPages(LongConsumer visitor) {
    requireWhole();
    new TreeWalk(this).visitPages(visitor);
  }

  /** Reads all pages and counts. */
  TreeStats stats() {
    requireWhole();
    return new TreeWalk(this).stats();
  }

  /**
   * Moves pages to others that are allocated now, and then their parents. Leaves that stay are not
   * read. Ends when an allocated page is itself one to move.
   *
   * @param tooHigh which pages to move
   * @return how many were moved
   */
  long moveAbove(LongPredicate tooHigh) {
    begin();
    long moved = new TreeMove(this, tooHigh).run();
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
      throw new IllegalStateException(name + " is unusable: a change of it has failed");
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

  /** A number that is another one after each change. */
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

  /** How many branches are above each leaf: all leaves have one depth. It is not empty. */
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

  /** Reads a child of a branch into a node, which may be the branch's own. */
  void readChild(Node branch, int i, Node node) {
    long page = branch.child(i);
    node.load(page, pages.read(page, check.of(branch, i)));
  }

  /** The same; {@link Pages#read(long, Pages.Check, byte[])} tells of {@code spare}. */
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
    return Node.corrupted(name, page, "it lies deeper than " + DEPTH_MAX + " levels");
  }
}
