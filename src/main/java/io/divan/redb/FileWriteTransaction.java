package io.divan.redb;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The write transaction of a database; there is at most one.
 *
 * <ol>
 *   <li>Every page that this transaction allocates records the number of the latest savepoint at
 *       that time. The page is own, and may be changed in place, if its number is not less than
 *       that of the latest savepoint: rolling back to a savepoint needs all older pages unchanged.
 *   <li>Giving up an own page frees it at once. A page that was allocated before the latest
 *       savepoint is kept until no savepoint needs it. A page of an earlier commit is {@code
 *       freed}: it waits until this commit is durable and no reader sees an older one.
 *   <li>The trees of open tables are current; commit seals them and enters them into the table
 *       tree.
 *   <li>An operation that fails midway (full disk, failed disk) may leave a tree torn. After that,
 *       only rolling back to a savepoint or closing is possible.
 * </ol>
 */
final class FileWriteTransaction implements WriteTxn, Pages {

  /** An open table, shared by all its handles. */
  private static final class OpenTable {
    private TableEntry entry;
    private Tree tree;
    private boolean closed;

    OpenTable(TableEntry entry, Tree tree) {
      this.entry = entry;
      this.tree = tree;
    }
  }

  private record SavedTable(OpenTable table, TableEntry entry, Optional<TreeRoot> root) {}

  private static final class FileSavepoint implements Savepoint {
    private final int number;
    private final Optional<TreeRoot> tableTree;
    private final Map<String, SavedTable> tables;
    private final int allocated;
    private final int freed;
    private final int later;

    FileSavepoint(
        int number,
        Optional<TreeRoot> tableTree,
        Map<String, SavedTable> tables,
        int allocated,
        int freed,
        int later) {
      this.number = number;
      this.tableTree = tableTree;
      this.tables = tables;
      this.allocated = allocated;
      this.freed = freed;
      this.later = later;
    }
  }

  private static final long NO_PAGE = -1;
  private static final int LARGE_BYTES_MAX = 1 << 20;

  private final FileRedb database;
  private final FreeSpace space;
  private final PagedCachedFile file;
  private final long version;
  private final long spillsBefore;

  /** Pages allocated here and not given up, with the savepoint number they were allocated under. */
  private final LongMap own = new LongMap();

  /** Pages allocated while a savepoint exists, in order. */
  private final LongList allocated = new LongList();

  /** Pages of earlier commits that this transaction no longer references. */
  private final LongList freed = new LongList();

  /**
   * Own pages of an earlier savepoint that are given up unless that savepoint is rolled back to.
   */
  private final LongList later = new LongList();

  private final Deque<FileSavepoint> savepoints = new ArrayDeque<>();
  private final Map<String, OpenTable> tables = new HashMap<>();
  private final TableTree tableTree;

  /**
   * The large page of an earlier commit that was read last, which no cache keeps. While values of
   * such pages are inserted, each insertion reads the leaf after them. Nothing changes a page of an
   * earlier commit, or reuses its number, before this transaction ends.
   */
  private byte[] large = {};

  private long largePage = NO_PAGE;
  private int number;
  private boolean torn;
  private boolean over;

  /** Allocation prefers pages that begin before this 4096-byte page. */
  private long below = Long.MAX_VALUE;

  FileWriteTransaction(
      FileRedb database,
      FreeSpace space,
      PagedCachedFile file,
      long version,
      Optional<TreeRoot> root) {
    this.database = database;
    this.space = space;
    this.file = file;
    this.version = version;
    this.spillsBefore = file.spills();
    this.tableTree = new TableTree(this, root, database.name() + ", tables");
  }

  @Override
  public byte[] read(long page, Check check) {
    if (page == largePage) {
      return large;
    }
    // Keep the page: this transaction is likely to change it or to read it again.
    byte[] bytes = file.read(page, check, true);
    boolean fits = PageNumber.isLarge(page) && bytes.length <= LARGE_BYTES_MAX;
    if (fits && own.get(page) == LongMap.ABSENT) {
      largePage = page;
      large = bytes;
    }
    return bytes;
  }

  @Override
  public boolean isOwn(long page) {
    return own.get(page) >= floor();
  }

  private int floor() {
    return savepoints.isEmpty() ? 0 : savepoints.peekLast().number;
  }

  @Override
  public byte[] change(long page) {
    return file.change(page);
  }

  @Override
  public void used(long page, int bytes) {
    if (PageNumber.isLarge(page)) {
      file.used(page, bytes);
    }
  }

  @Override
  public long allocate(long bytes) {
    boolean done = false;
    try {
      database.markOpen();
      long page = space.allocate(PageNumber.orderFor(bytes), below);
      file.create(page);
      own.put(page, number);
      if (!savepoints.isEmpty()) {
        allocated.add(page);
      }
      done = true;
      return page;
    } finally {
      torn |= !done;
    }
  }

  @Override
  public void free(long page) {
    int under = own.get(page);
    if (under == LongMap.ABSENT) {
      freed.add(page);
    } else if (under >= floor()) {
      release(page);
    } else {
      later.add(page);
    }
  }

  private void release(long page) {
    own.remove(page);
    space.free(page);
  }

  private void requireUsable() {
    if (over) {
      throw new IllegalStateException("The transaction has ended");
    }
    if (torn) {
      throw new IllegalStateException("An operation of the transaction has failed; roll it back");
    }
  }

  @Override
  public <K, V> RedbTable<K, V> open(TableDefinition<K, V> definition) {
    requireUsable();
    OpenTable open = openTable(definition.name(), Optional.of(definition));
    if (!open.entry.matches(definition)) {
      throw FileRedb.otherTypes(definition, open.entry);
    }
    return new BtreeTable<>(definition, () -> tree(open, definition.name()));
  }

  private Tree tree(OpenTable open, String table) {
    requireUsable();
    if (open.closed) {
      throw new IllegalStateException("The table " + table + " is closed");
    }
    file.spill();
    return open.tree;
  }

  private OpenTable openTable(String table, Optional<TableDefinition<?, ?>> definition) {
    OpenTable open = tables.get(table);
    if (open == null) {
      TableEntry entry =
          tableTree
              .find(table)
              .or(() -> definition.map(TableEntry::empty))
              .orElseThrow(() -> FileRedb.noTable(table));
      KeyOrder order = definition.map(d -> d.key().order()).orElse(KeyOrder.BYTES);
      if (definition.isPresent() && !entry.matches(definition.get())) {
        throw FileRedb.otherTypes(definition.get(), entry);
      }
      open = new OpenTable(entry, tree(table, entry, order));
      tables.put(table, open);
    }
    return open;
  }

  /** Returns the tree of a table that is not open. */
  Tree tree(String table, TableEntry entry, KeyOrder order) {
    TreeFormat format = TreeFormat.of(entry.keyWidth(), entry.valueWidth(), order);
    return new Tree(this, format, entry.root(), database.name() + ", table " + table);
  }

  @Override
  public List<TableInfo> tables() {
    requireUsable();
    enterTables();
    return tableTree.infos();
  }

  @Override
  public void rename(String from, String to) {
    requireUsable();
    enterTables();
    TableEntry entry = tableTree.find(from).orElseThrow(() -> FileRedb.noTable(from));
    if (tableTree.find(to).isPresent()) {
      throw new RedbException.TableError("Table " + to + " already exists");
    }
    OpenTable open = tables.remove(from);
    if (open != null) {
      open.closed = true;
      // No handle has it open under the new name, but commit still has to seal its tree.
      tables.put(to, new OpenTable(entry, open.tree));
    }
    tableTree.remove(from);
    tableTree.put(to, entry);
  }

  private void close(String table) {
    OpenTable open = tables.remove(table);
    if (open != null) {
      open.closed = true;
    }
  }

  @Override
  public boolean delete(String name) {
    requireUsable();
    enterTables();
    Optional<TableEntry> entry = tableTree.find(name);
    if (entry.isEmpty()) {
      return false;
    }
    close(name);
    tableTree.remove(name);
    tree(name, entry.get(), KeyOrder.UNKNOWN).removeRange(null, null);
    return true;
  }

  /** Enters the current roots of open tables into the table tree, without sealing their trees. */
  private void enterTables() {
    tables.forEach(
        (name, table) -> {
          Optional<TreeRoot> root = table.tree.root();
          if (!root.equals(table.entry.root()) || tableTree.find(name).isEmpty()) {
            table.entry = table.entry.with(root);
            tableTree.put(name, table.entry);
          }
        });
  }

  @Override
  public Savepoint savepoint() {
    requireUsable();
    Map<String, SavedTable> saved = new HashMap<>();
    tables.forEach(
        (name, table) -> saved.put(name, new SavedTable(table, table.entry, table.tree.root())));
    number++;
    FileSavepoint point =
        new FileSavepoint(
            number, tableTree.tree().root(), saved, allocated.size(), freed.size(), later.size());
    savepoints.addLast(point);
    return point;
  }

  private FileSavepoint latest(Savepoint savepoint) {
    if (over) {
      throw new IllegalStateException("The transaction has ended");
    }
    FileSavepoint point = savepoints.peekLast();
    if (point != savepoint) {
      throw new IllegalArgumentException(
          "Only the latest savepoint can be rolled back or released");
    }
    return point;
  }

  @Override
  public void rollbackTo(Savepoint savepoint) {
    FileSavepoint point = latest(savepoint);
    savepoints.removeLast();
    for (int i = point.allocated; i < allocated.size(); i++) {
      long page = allocated.get(i);
      if (own.get(page) >= point.number) {
        release(page);
      }
    }
    allocated.truncate(point.allocated);
    freed.truncate(point.freed);
    later.truncate(point.later);
    tableTree.tree().reset(point.tableTree);
    tables.values().forEach(table -> table.closed = true);
    tables.clear();
    point.tables.forEach(
        (table, saved) -> {
          saved.table().closed = false;
          saved.table().entry = saved.entry();
          saved.table().tree.reset(saved.root());
          tables.put(table, saved.table());
        });
    torn = false;
  }

  @Override
  public void release(Savepoint savepoint) {
    FileSavepoint point = latest(savepoint);
    requireUsable();
    savepoints.removeLast();
    int floor = floor();
    LongList needed = new LongList();
    for (int i = point.later; i < later.size(); i++) {
      long page = later.get(i);
      if (own.get(page) >= floor) {
        release(page);
      } else {
        needed.add(page);
      }
    }
    later.truncate(point.later);
    needed.forEach(later::add);
  }

  @Override
  public void commit() {
    commit(true);
  }

  @Override
  public void commitWithoutSync() {
    commit(false);
  }

  private void commit(boolean durable) {
    requireUsable();
    if (!savepoints.isEmpty()) {
      throw new IllegalStateException("A savepoint was neither released nor rolled back");
    }
    boolean done = false;
    try {
      database.markOpen(); // a transaction that only frees pages has not done it
      tables.forEach(
          (name, table) -> {
            if (isMoreThanCached()) {
              new LeafReorder(table.tree, file).write();
            }
            Optional<TreeRoot> root = table.tree.seal();
            if (!root.equals(table.entry.root()) || tableTree.find(name).isEmpty()) {
              table.entry = table.entry.with(root);
              tableTree.put(name, table.entry);
            }
          });
      Optional<TreeRoot> root = tableTree.tree().seal();
      if (!durable) {
        file.writeLarge();
      }
      database.commit(this, root, durable);
      done = true;
    } finally {
      torn = !done;
      if (done) {
        over = true;
        database.ended();
      }
    }
  }

  /** Returns whether all changes are still in memory and exceed the page cache. */
  private boolean isMoreThanCached() {
    return file.spills() == spillsBefore
        && (long) own.size() * PageNumber.PAGE_BYTES > file.cacheBytesMax();
  }

  /**
   * Moves pages from the end of the file to the front.
   *
   * @param keep the number of 4096-byte pages at the beginning that stay where they are
   * @return whether any page was moved
   */
  boolean moveToFront(long keep) {
    FileLayout layout = space.layout();
    boolean moved = false;
    below = keep;
    for (TableTree.Named table : tableTree.all()) {
      Tree tree = tree(table.name(), table.entry(), KeyOrder.UNKNOWN);
      if (tree.moveAbove(page -> layout.place(page) >= keep) > 0) {
        moved = true;
        tableTree.put(table.name(), table.entry().with(tree.seal()));
      }
    }
    return tableTree.tree().moveAbove(page -> layout.place(page) >= keep) > 0 || moved;
  }

  LongMap own() {
    return own;
  }

  LongList freed() {
    return freed;
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public void close() {
    if (over) {
      return;
    }
    over = true;
    try {
      own.forEachKey(space::free);
    } finally {
      database.ended();
    }
  }

  /** Returns the system table tree, for the classes that maintain it. */
  TableTree system(Optional<TreeRoot> root) {
    return new TableTree(this, root, database.name() + ", system tables");
  }
}
