package io.divan.redb;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The table tree: a tree that maps table names to {@link TableEntry}. Used by its transaction's
 * thread only.
 */
final class TableTree {
  static final TreeFormat FORMAT =
      TreeFormat.of(OptionalInt.empty(), OptionalInt.empty(), KeyOrder.BYTES);

  private final Tree tree;
  private final ValueSlice slot = new ValueSlice();

  TableTree(Pages pages, Optional<TreeRoot> root, String name) {
    this.tree = new Tree(pages, FORMAT, root, name);
  }

  Tree tree() {
    return tree;
  }

  Optional<TableEntry> find(String table) {
    return tree.find(key(table), slot)
        ? Optional.of(TableEntry.read(slot.array(), slot.offset(), slot.length(), table))
        : Optional.empty();
  }

  void put(String table, TableEntry entry) {
    tree.put(key(table), entry.toBytes());
  }

  void remove(String table) {
    tree.remove(key(table));
  }

  record Named(String name, TableEntry entry) {}

  List<Named> all() {
    List<Named> all = new ArrayList<>();
    TreeCursor cursor = tree.cursor(null, null, false);
    while (cursor.next()) {
      String name =
          new String(
              cursor.array(), cursor.keyOffset(), cursor.keyLength(), StandardCharsets.UTF_8);
      all.add(
          new Named(
              name,
              TableEntry.read(
                  cursor.array(), cursor.valueOffset(), cursor.valueLength(), name)));
    }
    return all;
  }

  List<TableInfo> infos() {
    return all().stream()
        .map(
            table -> new TableInfo(
                table.name(),
                table.entry().keyType().name(),
                table.entry().valueType().name(),
                table.entry().length()))
        .toList();
  }

  private static byte[] key(String table) {
    return table.getBytes(StandardCharsets.UTF_8);
  }
}
