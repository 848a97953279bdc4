package io.divan.redb;

import static io.divan.redb.PageNumber.PAGE_BYTES;

/**
 * Writes the leaves of a large load in the order of their keys. Pages are given out in the order in
 * which leaves are split, so a load in no order would leave them anywhere, each leaf of a scan far
 * from the one before. Leaves exchange pages; which ones are used stays the same. For one thread,
 * before the tree is sealed, which is done here for the leaves.
 *
 * <ol>
 *   <li>All that the transaction has made is in memory: what was written keeps its page.
 *   <li>Leaves are not in memory afterwards. So this is for more of them than the cache would keep.
 *   <li>A page's former content may be overwritten in the file before its leaf's turn comes: that
 *       one is in memory, and no commit refers to the page.
 * </ol>
 */
final class LeafOrder {
  private static final int WRITE_PAGES = 256;

  private final Tree tree;
  private final PageFile file;
  private final Node leaf;
  private final LongList places = new LongList();
  private int placed;
  private boolean moving;

  /** What is written at once: pages that follow one another, from this one on. */
  private final byte[] together = new byte[WRITE_PAGES * PAGE_BYTES];

  private long first;
  private int pages;

  LeafOrder(Tree tree, PageFile file) {
    this.tree = tree;
    this.file = file;
    this.leaf = tree.newNode();
  }

  /**
   * Writes them.
   *
   * @throws RedbException.Full when there is no space; the tree is of no use then
   */
  void write() {
    if (tree.isEmpty() || !PageCheck.isDeferred(tree.checksumLow(), tree.checksumHigh())) {
      return;
    }
    int height = tree.height();
    visit(tree.rootPage(), height);
    // Numbers of pages of one size sort as they lie in the file.
    places.sort();
    moving = true;
    visit(tree.rootPage(), height);
    flush();
  }

  /** Goes through the leaves below a page in order: to list their pages, and then to move them. */
  private void visit(long page, int height) {
    if (height == 0) {
      return; // the root alone
    }
    Node node = tree.newNode();
    node.load(page, tree.pages().read(page, Pages.Check.NONE));
    for (int i = 0; i <= node.count(); i++) {
      if (!PageCheck.isDeferred(node.checksumLow(i), node.checksumHigh(i))) {
        continue; // of an earlier commit
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
