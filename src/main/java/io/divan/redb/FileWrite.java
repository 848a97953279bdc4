package io.divan.redb;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The one write transaction of a database.
 *
 * <ol>
 *   <li>A page that this transaction allocated has the number of the mark it was allocated under.
 *       It is own, and may be changed in place, when that is the latest mark's number or a greater
 *       one: going back to the mark needs the older ones as they were.
 *   <li>An own page that is given up is free at once. One that was allocated before the latest mark
 *       is kept until no mark needs it. One of an earlier commit is {@code freed}: it waits until
 *       this commit is durable and nobody reads older ones.
 *   <li>Trees of tables are sealed, and entered as such into the tree of tables, when the
 *       transaction commits; until then an open table's tree is the truth.
 *   <li>When an operation fails in its middle (no space, a disk that fails), trees may be torn:
 *       only going back to a mark or closing is possible then.
 * </ol>
 */
final class FileWrite implements WriteTransaction, Pages {

  /** A table that is open; there is one for all handles. */
  private static final class OpenTable {
    private TableEntry entry;
    private Tree tree;
    private boolean closed;

    OpenTable(TableEntry entry, Tree tree) {
      this.entry = entry;
      this.tree = tree;
    }
  }

  private record Saved(OpenTable table, TableEntry entry, Optional<TreeRoot> root) {}

  private static final class Point implements Mark {
    private final int number;
    private final Optional<TreeRoot> master;
    private final Map<String, Saved> tables;
    private final int allocated;
    private final int freed;
    private final int later;

    Point(
        int number,
        Optional<TreeRoot> master,
        Map<String, Saved> tables,
        int allocated,
        int freed,
        int later) {
      this.number = number;
      this.master = master;
      this.tables = tables;
      this.allocated = allocated;
      this.freed = freed;
      this.later = later;
    }
  }

  private final FileRedb database;
  private final Space space;
  private final PageFile file;
  private final long version;
  private final long spillsBefore;

  /** Pages allocated here and not given up, with the number they were allocated under. */
  private final LongMap own = new LongMap();

  /** Pages allocated under marks, in order. */
  private final LongList allocated = new LongList();

  /** Pages of earlier commits that this one no longer refers to. */
  private final LongList freed = new LongList();

  /** Pages allocated here, under an earlier mark, that are given up unless it is gone back to. */
  private final LongList later = new LongList();

  private final Deque<Point> points = new ArrayDeque<>();
  private final Map<String, OpenTable> tables = new HashMap<>();
  private final Master master;
  private int number;
  private boolean torn;
  private boolean over;

  /** Pages are allocated before this one of 4096 bytes, as long as there are any. */
  private long below = Long.MAX_VALUE;

  FileWrite(FileRedb database, Space space, PageFile file, long version, Optional<TreeRoot> root) {
    this.database = database;
    this.space = space;
    this.file = file;
    this.version = version;
    this.spillsBefore = file.spills();
    this.master = new Master(this, root, database.name() + ", tables");
  }

  // Pages

  @Override
  public byte[] read(long page, Check check) {
    // It is likely to be changed, or read again soon.
    return file.read(page, check, true);
  }

  @Override
  public boolean isOwn(long page) {
    return own.get(page) >= floor();
  }

  private int floor() {
    return points.isEmpty() ? 0 : points.peekLast().number;
  }

  @Override
  public byte[] change(long page) {
    return file.change(page);
  }

  @Override
  public long allocate(long bytes) {
    boolean done = false;
    try {
      database.markOpen();
      long page = space.allocate(PageNumber.orderFor(bytes), below);
      file.create(page);
      own.put(page, number);
      if (!points.isEmpty()) {
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

  // Tables

  private void requireUsable() {
    if (over) {
      throw new IllegalStateException("The transaction is over");
    }
    if (torn) {
      throw new IllegalStateException("The transaction has failed; it can only be rolled back");
    }
  }

  @Override
  public <K, V> Table<K, V> open(TableDefinition<K, V> definition) {
    requireUsable();
    OpenTable open = openTable(definition.name(), Optional.of(definition));
    if (!open.entry.matches(definition)) {
      throw FileRedb.otherTypes(definition, open.entry);
    }
    return new TreeTable<>(definition, () -> tree(open, definition.name()));
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
          master
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

  /** The tree of a table that is not open. */
  Tree tree(String table, TableEntry entry, KeyOrder order) {
    TreeFormat format = TreeFormat.of(entry.keyWidth(), entry.valueWidth(), order);
    return new Tree(this, format, entry.root(), database.name() + ", table " + table);
  }

  @Override
  public List<TableInfo> tables() {
    requireUsable();
    enterTables();
    return master.infos();
  }

  @Override
  public void rename(String from, String to) {
    requireUsable();
    enterTables();
    TableEntry entry = master.find(from).orElseThrow(() -> FileRedb.noTable(from));
    if (master.find(to).isPresent()) {
      throw new RedbException.Table("There is a table " + to);
    }
    OpenTable open = tables.remove(from);
    if (open != null) {
      open.closed = true;
      // Nobody has it open by the new name, but its tree is still to be sealed.
      tables.put(to, new OpenTable(entry, open.tree));
    }
    master.remove(from);
    master.put(to, entry);
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
    Optional<TableEntry> entry = master.find(name);
    if (entry.isEmpty()) {
      return false;
    }
    close(name);
    master.remove(name);
    tree(name, entry.get(), KeyOrder.UNKNOWN).removeRange(null, null);
    return true;
  }

  /** Enters what open tables have become; their trees are not sealed by it. */
  private void enterTables() {
    tables.forEach(
        (name, table) -> {
          Optional<TreeRoot> root = table.tree.root();
          if (!root.equals(table.entry.root()) || master.find(name).isEmpty()) {
            table.entry = table.entry.with(root);
            master.put(name, table.entry);
          }
        });
  }

  // Marks

  @Override
  public Mark mark() {
    requireUsable();
    Map<String, Saved> saved = new HashMap<>();
    tables.forEach(
        (name, table) -> saved.put(name, new Saved(table, table.entry, table.tree.root())));
    number++;
    Point point =
        new Point(
            number, master.tree().root(), saved, allocated.size(), freed.size(), later.size());
    points.addLast(point);
    return point;
  }

  private Point latest(Mark mark) {
    if (over) {
      throw new IllegalStateException("The transaction is over");
    }
    Point point = points.peekLast();
    if (point != mark) {
      throw new IllegalArgumentException("Only the latest mark can be gone back to or kept");
    }
    return point;
  }

  @Override
  public void rollbackTo(Mark mark) {
    Point point = latest(mark);
    points.removeLast();
    for (int i = point.allocated; i < allocated.size(); i++) {
      long page = allocated.get(i);
      if (own.get(page) >= point.number) {
        release(page);
      }
    }
    allocated.truncate(point.allocated);
    freed.truncate(point.freed);
    later.truncate(point.later);
    master.tree().reset(point.master);
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
  public void keep(Mark mark) {
    Point point = latest(mark);
    requireUsable();
    points.removeLast();
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

  // The end

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
    if (!points.isEmpty()) {
      throw new IllegalStateException("A mark is neither kept nor gone back to");
    }
    boolean done = false;
    try {
      database.markOpen(); // what only gives pages up has allocated none
      tables.forEach(
          (name, table) -> {
            if (isMoreThanCached()) {
              new LeafOrder(table.tree, file).write();
            }
            Optional<TreeRoot> root = table.tree.seal();
            if (!root.equals(table.entry.root()) || master.find(name).isEmpty()) {
              table.entry = table.entry.with(root);
              master.put(name, table.entry);
            }
          });
      Optional<TreeRoot> root = master.tree().seal();
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

  /** Whether all that was made is in memory, and more than can stay there. */
  private boolean isMoreThanCached() {
    return file.spills() == spillsBefore
        && (long) own.size() * PageNumber.PAGE_BYTES > file.cacheBytesMax();
  }

  /**
   * Moves pages that lie far behind to the front.
   *
   * @param keep how many pages of 4096 bytes from the beginning stay where they are
   * @return whether any was moved
   */
  boolean moveToFront(long keep) {
    Layout layout = space.layout();
    boolean moved = false;
    below = keep;
    for (Master.Named table : master.all()) {
      Tree tree = tree(table.name(), table.entry(), KeyOrder.UNKNOWN);
      if (tree.moveAbove(page -> layout.place(page) >= keep) > 0) {
        moved = true;
        master.put(table.name(), table.entry().with(tree.seal()));
      }
    }
    return master.tree().moveAbove(page -> layout.place(page) >= keep) > 0 || moved;
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

  /** The tree of system tables, for who keeps them. */
  Master system(Optional<TreeRoot> root) {
    return new Master(this, root, database.name() + ", system tables");
  }
}
