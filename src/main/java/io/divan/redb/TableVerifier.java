package io.divan.redb;

import java.util.Optional;

/**
 * Verifies tables: reads all their pages, checks checksums, key order and lengths, and marks the
 * pages as allocated. A page may be referenced only once.
 */
final class TableVerifier {
  private final Pages pages;
  private final String name;
  private final Allocators allocators;
  private final RepairProgress progress;
  private boolean pageTwice;

  /**
   * Creates a verifier.
   *
   * @param name the name of the database for messages
   * @param allocators allocators as long as the file, in which the pages to verify are still free
   * @param progress counts the pages
   */
  TableVerifier(Pages pages, String name, Allocators allocators, RepairProgress progress) {
    this.progress = progress;
    this.pages = pages;
    this.name = name;
    this.allocators = allocators;
  }

  /** Returns the allocators, in which all verified pages are allocated. */
  Allocators allocators() {
    return allocators;
  }

  /**
   * Returns whether verification failed at a page that was referenced twice. Both paths to it have
   * valid checksums, so the commit was written that way.
   */
  boolean foundPageTwice() {
    return pageTwice;
  }

  /**
   * Verifies a table tree and its tables.
   *
   * @param kind precedes "table" in messages
   * @throws RedbException.Corrupted that names the first error
   * @throws RedbException.Unsupported if a table is intact but not supported
   */
  void verify(Optional<TreeRoot> root, String kind) {
    TableTree tableTree = new TableTree(pages, root, name + ", " + kind + "tables");
    verify(tableTree.tree(), name + ", " + kind + "tables");
    for (TableTree.Named table : tableTree.all()) {
      TableEntry entry = table.entry();
      String of = name + ", " + kind + "table " + table.name();
      requireNormal(entry, of);
      KeyOrder order =
          kind.isEmpty() ? order(entry) : SystemTables.order(table.name());
      if (!order.fits(entry.keyWidth().orElse(TreeFormat.VARIABLE))) {
        throw new RedbException.Unsupported(
            of + " has keys of an unsupported width");
      }
      TreeFormat format = TreeFormat.of(entry.keyWidth(), entry.valueWidth(), order);
      verify(new Tree(pages, format, entry.root(), of), of);
      if (entry.root().map(TreeRoot::length).orElse(0L) != entry.length()) {
        throw new RedbException.Corrupted(of + ": its two stored lengths differ");
      }
    }
  }

  private void verify(Tree tree, String of) {
    tree.verify(
        page -> {
          if (allocators.layout().contains(page)) { // otherwise reading it fails
            mark(page, of);
          }
        });
  }

  private void mark(long page, String of) {
    try {
      allocators.markAllocated(page);
      progress.verified(page);
    } catch (RedbException.Corrupted e) {
      pageTwice = true;
      throw new RedbException.Corrupted(of + ": " + e.getMessage());
    }
  }

  /** Returns the key order of a supported type; unknown for other types. */
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
          of + " is a multimap table, which is not supported: remove it with redb first");
    }
  }
}
