package io.divan.redb;

import java.util.Optional;

/**
 * Reads all pages of tables, compares their checksums, their order and their lengths, and marks
 * them as in use: each is in one place only.
 */
final class Walk {
  private final Pages pages;
  private final String name;
  private final Allocators books;
  private boolean pageTwice;

  /**
   * Makes a walk.
   *
   * @param name the database's, for messages
   * @param books as long as the file; in which nothing that is reached may be in use
   */
  Walk(Pages pages, String name, Allocators books) {
    this.pages = pages;
    this.name = name;
    this.books = books;
  }

  /** In which all that was reached is in use. */
  Allocators books() {
    return books;
  }

  /**
   * Whether the walk ended at a page that it had reached already. Both ways there are verified, so
   * that is how the commit was written.
   */
  boolean foundPageTwice() {
    return pageTwice;
  }

  /**
   * Walks a tree of tables and the tables.
   *
   * @param kind stands before "table" in messages
   * @throws RedbException.Corrupted at the first thing that is wrong
   * @throws RedbException.Unsupported where a table is whole and none that this engine knows
   */
  void verify(Optional<TreeRoot> root, String kind) {
    Master master = new Master(pages, root, name + ", " + kind + "tables");
    verify(master.tree(), name + ", " + kind + "tables");
    for (Master.Named table : master.all()) {
      TableEntry entry = table.entry();
      String of = name + ", " + kind + "table " + table.name();
      requireNormal(entry, of);
      KeyOrder order =
          kind.isEmpty() ? order(entry) : SystemTables.order(table.name());
      if (!order.fits(entry.keyWidth().orElse(TreeFormat.VARIABLE))) {
        throw new RedbException.Unsupported(
            of + " has keys of another width than this engine knows");
      }
      TreeFormat format = TreeFormat.of(entry.keyWidth(), entry.valueWidth(), order);
      verify(new Tree(pages, format, entry.root(), of), of);
      if (entry.root().map(TreeRoot::length).orElse(0L) != entry.length()) {
        throw new RedbException.Corrupted(of + ": its length is told in two ways");
      }
    }
  }

  private void verify(Tree tree, String of) {
    tree.verify(
        page -> {
          if (books.layout().contains(page)) { // else reading it says so
            mark(page, of);
          }
        });
  }

  private void mark(long page, String of) {
    try {
      books.markAllocated(page);
    } catch (RedbException.Corrupted e) {
      pageTwice = true;
      throw new RedbException.Corrupted(of + ": " + e.getMessage());
    }
  }

  /** The order of keys of a type that this engine knows; nothing is known of that of others. */
  private static KeyOrder order(TableEntry entry) {
    return switch (entry.keyType().name()) {
      case "&[u8]", "&str", "String" -> KeyOrder.BYTES;
      case "u8", "u16", "u32", "u64", "u128" -> KeyOrder.LITTLE_ENDIAN;
      default -> KeyOrder.UNKNOWN;
    };
  }

  static void requireNormal(TableEntry entry, String of) {
    if (entry.multimap()) {
      throw new RedbException.Unsupported(
          of + " holds many values for a key (a multimap table of redb), which this engine neither"
              + " reads nor writes: remove it with redb first");
    }
  }
}
