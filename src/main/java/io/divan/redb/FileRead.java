package io.divan.redb;

import java.util.List;

/** A read transaction over a file. */
final class FileRead implements ReadTransaction {
  private final FileRedb database;
  private final Pages pages;
  private final FileRedb.Committed seen;
  private final long beganNanos;
  private final Master master;
  private boolean closed;

  FileRead(FileRedb database, PageFile file, FileRedb.Committed seen, long beganNanos) {
    this.database = database;
    this.pages = new ReadOnlyPages(file);
    this.seen = seen;
    this.beganNanos = beganNanos;
    this.master = new Master(pages, seen.user(), database.name() + ", tables");
  }

  @Override
  public <K, V> ReadableTable<K, V> open(TableDefinition<K, V> definition) {
    requireOpen();
    TableEntry entry =
        master
            .find(definition.name())
            .orElseThrow(() -> FileRedb.noTable(definition.name()));
    if (!entry.matches(definition)) {
      throw FileRedb.otherTypes(definition, entry);
    }
    Tree tree = tree(definition.name(), entry, definition.key().order());
    return new TreeTable<>(
        definition,
        () -> {
          requireOpen();
          return tree;
        });
  }

  Master master() {
    return master;
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
    return master.infos();
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
