package io.divan.redb;

import static io.divan.redb.PageNumber.PAGE_BYTES;

/**
 * Writes the leaves of a large load in key order. Pages are allocated in the order in which leaves
 * split, so a load in random key order would scatter neighbouring leaves over the file and slow
 * down scans. The leaves exchange their pages; the set of pages stays the same. Runs before the
 * tree is sealed, and seals the leaves. Not thread-safe.
 *
 * <ol>
 *   <li>All changes of the transaction are in memory: a leaf that was already written keeps its
 *       page.
 *   <li>The leaves are not in memory afterwards, so this is used only if the cache could not keep
 *       them all.
 *   <li>A page may be overwritten in the file before its former leaf is written. That leaf is in
 *       memory, and no commit references the page.
 * </ol>
 */
final class LeafReorder {
  private static final int WRITE_PAGES = 256;

  private final Tree tree;
  private final PagedCachedFile file;
  private final Node leaf;
  private final LongList places = new LongList();
  private int placed;
  private boolean moving;

  /** A write buffer for consecutive pages, beginning with {@code first}. */
  private final byte[] together = new byte[WRITE_PAGES * PAGE_BYTES];

  private long first;
  private int pages;

  LeafReorder(Tree tree, PagedCachedFile file) {
    this.tree = tree;
    this.file = file;
    this.leaf = tree.newNode();
  }

  /**
   * Writes the leaves.
   *
   * @throws RedbException.Full if the disk is full; the tree is then unusable
   */
  void write() {
    if (tree.isEmpty() || !PageCheck.isDeferred(tree.checksumLow(), tree.checksumHigh())) {
      return;
    }
    int height = tree.height();
    visit(tree.rootPage(), height);
    // Page numbers of one size sort by file position.
    places.sort();
    moving = true;
    visit(tree.rootPage(), height);
    flush();
  }

  /** Visits the leaves below a page in key order: first to list their pages, then to move them. */
  private void visit(long page, int height) {
    if (height == 0) {
      return; // the root is the only leaf
    }
    Node node = tree.newNode();
    node.load(page, tree.pages().read(page, Pages.Check.NONE));
    for (int i = 0; i <= node.count(); i++) {
      if (!PageCheck.isDeferred(node.checksumLow(i), node.checksumHigh(i))) {
        continue; // unchanged since an earlier commit
      }
      long child = node.child(i);
      if (height > 1) {
        visit(child, height - 1);
      } else if (PageNumber.order(child) == 0) {
        if (moving) {
          move(node, i);
        } else {
          places.add(PageNumber.of(PageNumber.region(child), PageNumber.index(child), 0));
        }
      }
    }
  }

  private void move(Node branch, int i) {
    long place = places.get(placed++);
    byte[] content = file.take(branch.child(i));
    leaf.load(branch.child(i), content);
    Checksum sum = leaf.checksum();
    byte[] bytes = tree.pages().change(branch.page());
    Children.patch(bytes, branch, i, place);
    Children.putChecksum(bytes, branch, i, sum.low(), sum.high());
    if (pages == WRITE_PAGES || place != first + pages) {
      flush();
      first = place;
    }
    System.arraycopy(content, 0, together, pages * PAGE_BYTES, PAGE_BYTES);
    pages++;
  }

  private void flush() {
    if (pages > 0) {
      file.writePages(first, together, pages);
      pages = 0;
    }
  }
}
