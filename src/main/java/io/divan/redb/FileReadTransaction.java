package io.divan.redb;

import java.util.List;

/** A read transaction over a file. */
final class FileReadTransaction implements ReadTxn {
  private final FileRedb database;
  private final Pages pages;
  private final FileRedb.Committed seen;
  private final long beganNanos;
  private final TableTree tableTree;
  private boolean closed;

  FileReadTransaction(
      FileRedb database, PagedCachedFile file, FileRedb.Committed seen, long beganNanos) {
    this.database = database;
    this.pages = new ReadOnlyPages(file);
    this.seen = seen;
    this.beganNanos = beganNanos;
    this.tableTree = new TableTree(pages, seen.user(), database.name() + ", tables");
  }

  @Override
  public <K, V> ReadableTable<K, V> open(TableDefinition<K, V> definition) {
    requireOpen();
    TableEntry entry =
        tableTree
            .find(definition.name())
            .orElseThrow(() -> FileRedb.noTable(definition.name()));
    if (!entry.matches(definition)) {
      throw FileRedb.otherTypes(definition, entry);
    }
    Tree tree = tree(definition.name(), entry, definition.key().order());
    return new BtreeTable<>(
        definition,
        () -> {
          requireOpen();
          return tree;
        });
  }

  TableTree tableTree() {
    return tableTree;
  }

  Tree tree(String table, TableEntry entry, KeyOrder order) {
    return new Tree(
        pages,
        TreeFormat.of(entry.keyWidth(), entry.valueWidth(), order),
        entry.root(),
        database.name() + ", table " + table);
  }

  /** Returns when the transaction began, by the database's clock. */
  long beganNanos() {
    return beganNanos;
  }

  private void requireOpen() {
    database.check();
    if (closed) {
      throw new IllegalStateException("The transaction is closed");
    }
  }

  @Override
  public List<TableInfo> tables() {
    requireOpen();
    return tableTree.infos();
  }

  @Override
  public long version() {
    return seen.version();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      database.closed(this);
    }
  }
}
