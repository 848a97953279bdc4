package io.divan.redb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * Opens a file, or makes one.
 *
 * <ol>
 *   <li>What a killed process has written can be seen here without being durable. It is synced
 *       first: else a power failure could take it away after the commit before it, which is, was
 *       overwritten.
 *   <li>A file that was closed, or whose last commit wrote the allocator's state in two phases,
 *       brings along what is allocated.
 *   <li>For any other all trees of the primary commit are verified. If they are not whole, it is
 *       the one before. What they reach, which is found out in the same walk, is what is allocated.
 *       A commit with a page in two places is none that a crash has cut off: it was written so, and
 *       is refused.
 *   <li>After that a commit of the same trees takes the place of the one that was not whole, before
 *       anything else is written: it must never be taken for the newer one again.
 *   <li>The header says that the file is open, durably, before the first page is written. A file
 *       that was closed, and brings along what is allocated, is not written before that: reading
 *       alone costs no sync.
 * </ol>
 */
final class Opening {
  static final TreeFormat ALLOCATOR_STATE =
      TreeFormat.of(OptionalInt.of(5), OptionalInt.empty(), KeyOrder.ALLOCATOR_STATE);

  private static final byte REGION = 3;
  private static final byte TRACKER = 4;
  private static final byte TRANSACTION = 5;
  private static final TreeFormat FREED =
      TreeFormat.of(OptionalInt.of(16), OptionalInt.empty(), KeyOrder.PAIRS_OF_U64);

  private final BlockFile disk;
  private final String name;
  private final Redb.Options options;
  private final LongSupplier nanos;

  Opening(BlockFile disk, String name, Redb.Options options) {
    this(disk, name, options, System::nanoTime);
  }

  /** The same with another clock. */
  Opening(BlockFile disk, String name, Redb.Options options, LongSupplier nanos) {
    this.disk = disk;
    this.name = name;
    this.options = options;
    this.nanos = nanos;
  }

  /** The key of a region, of the tracker ({@link #trackerKey}) or of the commit's number. */
  static byte[] regionKey(int region) {
    return ByteBuffer.allocate(5)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(REGION)
        .putInt(region)
        .array();
  }

  static byte[] trackerKey() {
    return new byte[] {TRACKER, 0, 0, 0, 0};
  }

  static byte[] transactionKey() {
    return new byte[] {TRANSACTION, 0, 0, 0, 0};
  }

  /** Opens it; closes the disk where that fails. */
  Redb open() {
    boolean opened = false;
    try {
      Redb database = openNamed();
      opened = true;
      return database;
    } catch (IOException e) {
      throw new RedbException.Failed(name + " cannot be opened: " + e.getMessage(), e);
    } finally {
      if (!opened) {
        closeQuietly();
      }
    }
  }

  private void closeQuietly() {
    try {
      disk.close();
    } catch (IOException e) {
      // What is told is why it could not be opened.
      return;
    }
  }

  private Redb openNamed() throws IOException {
    try {
      long length = disk.length();
      byte[] bytes = new byte[(int) Math.min(length, Header.BYTES)];
      disk.read(0, bytes, 0, bytes.length);
      if (length == 0 || Header.isUnfinished(bytes, length)) {
        if (!options.create()) {
          throw new RedbException.Unsupported("the file is empty");
        }
        bytes = create();
        length = disk.length();
      }
      return open(Header.parse(bytes, length));
    } catch (RedbException.Corrupted e) {
      throw new RedbException.Corrupted(named(e));
    } catch (RedbException.Unsupported e) {
      throw new RedbException.Unsupported(named(e));
    }
  }

  private String named(RedbException e) {
    String message = String.valueOf(e.getMessage());
    return message.startsWith(name) ? message : name + ": " + message;
  }

  /** An empty commit is durable before the magic number says that there is one. */
  private byte[] create() throws IOException {
    Header header = Header.initial(Layout.INITIAL);
    try {
      disk.setLength(Layout.INITIAL.fileBytes());
    } catch (IOException e) {
      throw new RedbException.Full(name + " cannot be made: " + e.getMessage(), e);
    }
    disk.write(0, header.format(false), 0, Header.BYTES);
    disk.sync();
    byte[] bytes = header.format(true);
    disk.write(0, bytes, 0, Header.BYTES);
    disk.sync();
    return bytes;
  }

  private Redb open(Header.Opened opened) {
    Layout layout = opened.header().layout();
    PageFile file = new PageFile(disk, name, layout, options.cache(), options.unwrittenBytes());
    boolean done = false;
    try {
      Redb database = open(opened, file);
      done = true;
      return database;
    } finally {
      if (!done) {
        file.forget();
      }
    }
  }

  private Redb open(Header.Opened opened, PageFile file) {
    Header header = opened.header();
    if (opened.recoveryRequired()) {
      file.sync();
    }
    if (!opened.clean()) {
      file.writeHeader(header.format(true));
      file.sync();
    }
    Pages pages = new ReadOnlyPages(file);
    Optional<Allocators> saved =
        header.isTwoPhase() ? saved(pages, header) : Optional.empty();
    Allocators books;
    if (saved.isPresent()) {
      books = saved.get();
      freed(pages, header).forEach(books::free);
    } else {
      Whole whole = whole(pages, file, header);
      books = whole.books();
      header = settle(file, whole.header());
    }
    requireKnown(pages, header);
    if (opened.recoveryRequired() || saved.isEmpty()) {
      header = header.withOpen(true);
      file.writeHeader(header.format(true));
      file.sync();
    }
    return new FileRedb(name, file, new Space(file, books), header, saved.isPresent(), nanos);
  }

  /**
   * What was found out by a walk.
   *
   * @param header its primary commit is whole
   * @param books what that commit reaches is in use
   */
  private record Whole(Header header, Allocators books) {}

  private Whole whole(Pages pages, PageFile file, Header header) {
    Walk walk = new Walk(pages, name, new Allocators(header.layout()));
    try {
      return whole(walk, header);
    } catch (RedbException.Corrupted e) {
      if (header.isTwoPhase() || !header.isSecondaryWhole() || walk.foundPageTwice()) {
        throw e;
      }
      // Pages of the commit that is taken back may be in the cache.
      file.clear();
      return whole(
          new Walk(pages, name, new Allocators(header.layout())), header.swapped(false));
    }
  }

  private static Whole whole(Walk walk, Header header) {
    walk.verify(header.primary().user(), "");
    walk.verify(header.primary().system(), "system ");
    return new Whole(header, walk.books());
  }

  /** Commits the primary's trees once more, over the other slot. */
  private static Header settle(PageFile file, Header header) {
    long newest =
        Math.max(header.primary().transactionId(), header.secondary().transactionId());
    Header.Slot again =
        new Header.Slot(header.primary().user(), header.primary().system(), newest + 1);
    Header written = header.withSecondary(again);
    file.writeHeader(written.format(true));
    file.sync();
    Header settled = written.swapped(true);
    file.writeHeader(settled.format(true));
    file.sync();
    return settled;
  }

  private Optional<Tree> systemTable(
      Pages pages, Header header, String table, TreeFormat format) {
    Master system = new Master(pages, header.primary().system(), name + ", system tables");
    return system
        .find(table)
        .map(entry -> new Tree(pages, format, entry.root(), name + ", system table " + table));
  }

  /** What is allocated, where the primary commit says so. */
  private Optional<Allocators> saved(Pages pages, Header header) {
    Optional<Tree> table =
        systemTable(pages, header, SystemTables.ALLOCATOR_STATE, ALLOCATOR_STATE);
    if (table.isEmpty()) {
      return Optional.empty();
    }
    Tree tree = table.get();
    Optional<byte[]> transaction = value(tree, transactionKey());
    Optional<byte[]> tracker = value(tree, trackerKey());
    boolean ofThis =
        transaction
            .filter(bytes -> bytes.length == Long.BYTES)
            .map(bytes -> ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong())
            .filter(number -> number == header.primary().transactionId())
            .isPresent();
    if (!ofThis || tracker.isEmpty()) {
      return Optional.empty();
    }
    List<byte[]> regions = new ArrayList<>();
    Optional<byte[]> region = value(tree, regionKey(0));
    while (region.isPresent()) {
      regions.add(region.get());
      region = value(tree, regionKey(regions.size()));
    }
    return Optional.of(Allocators.load(header.layout(), regions, tracker.get()));
  }

  private static Optional<byte[]> value(Tree tree, byte[] key) {
    Found slot = new Found();
    return tree.find(key, slot)
        ? Optional.of(ColumnType.BYTES.decode(slot.array(), slot.offset(), slot.length()))
        : Optional.empty();
  }

  /** The pages that redb has still to free: nobody reads older commits now. */
  private LongList freed(Pages pages, Header header) {
    LongList freed = new LongList();
    for (String table : List.of(SystemTables.DATA_FREED, SystemTables.SYSTEM_FREED)) {
      Optional<Tree> tree = systemTable(pages, header, table, FREED);
      if (tree.isPresent()) {
        TreeCursor cursor = tree.get().cursor(null, null, false);
        while (cursor.next()) {
          addPages(freed, cursor, table);
        }
      }
    }
    return freed;
  }

  /** A list is 2 bytes with its length, then the page numbers; little-endian. */
  private static void addPages(LongList freed, TreeCursor cursor, String table) {
    ByteBuffer list =
        ByteBuffer.wrap(cursor.array(), cursor.valueOffset(), cursor.valueLength())
            .order(ByteOrder.LITTLE_ENDIAN);
    int count = list.remaining() < 2 ? -1 : list.getShort() & 0xFFFF;
    if (count < 0 || count * Long.BYTES > list.remaining()) {
      throw new RedbException.Corrupted(
          "the system table " + table + " has a list of pages that is cut off");
    }
    for (int i = 0; i < count; i++) {
      freed.add(list.getLong());
    }
  }

  private void requireKnown(Pages pages, Header header) {
    systemTable(
            pages,
            header,
            SystemTables.SAVEPOINTS,
            TreeFormat.of(OptionalInt.of(8), OptionalInt.empty(), KeyOrder.LITTLE_ENDIAN))
        .filter(tree -> tree.length() > 0)
        .ifPresent(
            tree -> {
              throw new RedbException.Unsupported(
                  name + " holds persistent savepoints, which this engine would not keep: delete"
                      + " them with redb first");
            });
    Master user = new Master(pages, header.primary().user(), name + ", tables");
    user.all()
        .forEach(table -> Walk.requireNormal(table.entry(), name + ", table " + table.name()));
  }
}
