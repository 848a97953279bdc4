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
 * Opens or creates a database file.
 *
 * <ol>
 *   <li>Data that a killed process wrote is readable but may not be durable. It is synced first.
 *       Otherwise a power failure could destroy it after the previous, durable commit has been
 *       overwritten.
 *   <li>A file contains the allocator state if it was closed, or if its last commit saved that
 *       state in two phases.
 *   <li>For any other file, all trees of the primary commit are verified. If they are damaged, the
 *       previous commit is used instead. The same walk rebuilds the allocator state from the pages
 *       it reaches. A commit that references a page twice is not the result of a crash: it was
 *       written that way, and the file is rejected.
 *   <li>After that, a new commit of the same trees replaces the damaged one before anything else is
 *       written, so that the damaged one is never taken for the newer commit again.
 *   <li>The header durably marks the file as open before the first page is written. A closed file
 *       with its allocator state is not written before that: reading it costs no sync.
 * </ol>
 */
final class DatabaseOpener {
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

  DatabaseOpener(BlockFile disk, String name, Redb.Options options) {
    this(disk, name, options, System::nanoTime);
  }

  /** Creates an opener with another clock. */
  DatabaseOpener(BlockFile disk, String name, Redb.Options options, LongSupplier nanos) {
    this.disk = disk;
    this.name = name;
    this.options = options;
    this.nanos = nanos;
  }

  /** Returns the key of a region's allocator. */
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

  /** Opens the database. Closes the disk on failure. */
  Redb open() {
    boolean opened = false;
    try {
      Redb database = openNamed();
      opened = true;
      return database;
    } catch (IOException e) {
      throw new RedbException.Failed(name + " could not be opened: " + e.getMessage(), e);
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
      // Report the original failure instead.
      return;
    }
  }

  private Redb openNamed() throws IOException {
    try {
      long length = disk.length();
      byte[] bytes = new byte[(int) Math.min(length, DatabaseHeader.BYTES)];
      disk.read(0, bytes, 0, bytes.length);
      if (length == 0 || DatabaseHeader.isUnfinished(bytes, length)) {
        if (!options.create()) {
          throw new RedbException.Unsupported("the file is empty");
        }
        bytes = create();
        length = disk.length();
      }
      return open(DatabaseHeader.parse(bytes, length));
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

  /**
   * Creates a file. An empty commit is durable before the magic number makes the file a database.
   */
  private byte[] create() throws IOException {
    DatabaseHeader header = DatabaseHeader.initial(FileLayout.INITIAL);
    try {
      disk.setLength(FileLayout.INITIAL.fileBytes());
    } catch (IOException e) {
      throw new RedbException.Full(name + " could not be created: " + e.getMessage(), e);
    }
    disk.write(0, header.format(false), 0, DatabaseHeader.BYTES);
    disk.sync();
    byte[] bytes = header.format(true);
    disk.write(0, bytes, 0, DatabaseHeader.BYTES);
    disk.sync();
    return bytes;
  }

  private Redb open(DatabaseHeader.Opened opened) {
    FileLayout layout = opened.header().layout();
    PagedCachedFile file =
        new PagedCachedFile(disk, name, layout, options.cache(), options.unwrittenBytes());
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

  private Redb open(DatabaseHeader.Opened opened, PagedCachedFile file) {
    DatabaseHeader header = opened.header();
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
    Allocators allocators;
    if (saved.isPresent()) {
      allocators = saved.get();
      freed(pages, header).forEach(allocators::free);
    } else {
      Verified verified = verify(pages, file, header);
      allocators = verified.allocators();
      header = recommit(file, verified.header());
    }
    requireKnown(pages, header);
    if (opened.recoveryRequired() || saved.isEmpty()) {
      header = header.withOpen(true);
      file.writeHeader(header.format(true));
      file.sync();
    }
    FreeSpace space = new FreeSpace(file, allocators);
    return new FileRedb(name, file, space, header, saved.isPresent(), nanos);
  }

  /**
   * The result of verifying all trees.
   *
   * @param header the header whose primary commit is complete
   * @param allocators the allocators, with every page that the commit reaches marked as allocated
   */
  private record Verified(DatabaseHeader header, Allocators allocators) {}

  private Verified verify(Pages pages, PagedCachedFile file, DatabaseHeader header) {
    RepairProgress progress =
        new RepairProgress(name, header.layout().fileBytes(), nanos);
    TableVerifier verifier =
        new TableVerifier(pages, name, new Allocators(header.layout()), progress);
    try {
      Verified verified = verify(verifier, header);
      progress.end();
      return verified;
    } catch (RedbException.Corrupted e) {
      if (header.isTwoPhase() || !header.isSecondaryWhole() || verifier.foundPageTwice()) {
        throw e;
      }
      // Pages of the rejected commit may be in the cache.
      file.clear();
      return verify(
          new TableVerifier(pages, name, new Allocators(header.layout()), progress),
          header.swapped(false));
    }
  }

  private static Verified verify(TableVerifier verifier, DatabaseHeader header) {
    verifier.verify(header.primary().user(), "");
    verifier.verify(header.primary().system(), "system ");
    return new Verified(header, verifier.allocators());
  }

  /** Commits the primary's trees again, over the other slot. */
  private static DatabaseHeader recommit(PagedCachedFile file, DatabaseHeader header) {
    long newest =
        Math.max(header.primary().transactionId(), header.secondary().transactionId());
    DatabaseHeader.Slot again =
        new DatabaseHeader.Slot(header.primary().user(), header.primary().system(), newest + 1);
    DatabaseHeader written = header.withSecondary(again);
    file.writeHeader(written.format(true));
    file.sync();
    DatabaseHeader recommitted = written.swapped(true);
    file.writeHeader(recommitted.format(true));
    file.sync();
    return recommitted;
  }

  private Optional<Tree> systemTable(
      Pages pages, DatabaseHeader header, String table, TreeFormat format) {
    TableTree system = new TableTree(pages, header.primary().system(), name + ", system tables");
    return system
        .find(table)
        .map(entry -> new Tree(pages, format, entry.root(), name + ", system table " + table));
  }

  /** Returns the saved allocator state, if it belongs to the primary commit. */
  private Optional<Allocators> saved(Pages pages, DatabaseHeader header) {
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
    ValueSlice slot = new ValueSlice();
    return tree.find(key, slot)
        ? Optional.of(ColumnType.BYTES.decode(slot.array(), slot.offset(), slot.length()))
        : Optional.empty();
  }

  /** Returns the pages that redb has still to free. No reader sees older commits at this point. */
  private LongList freed(Pages pages, DatabaseHeader header) {
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

  /** Parses a list: a 2-byte length, then the page numbers, all little-endian. */
  private static void addPages(LongList freed, TreeCursor cursor, String table) {
    ByteBuffer list =
        ByteBuffer.wrap(cursor.array(), cursor.valueOffset(), cursor.valueLength())
            .order(ByteOrder.LITTLE_ENDIAN);
    int count = list.remaining() < 2 ? -1 : list.getShort() & 0xFFFF;
    if (count < 0 || count * Long.BYTES > list.remaining()) {
      throw new RedbException.Corrupted(
          "the system table " + table + " has a truncated list of pages");
    }
    for (int i = 0; i < count; i++) {
      freed.add(list.getLong());
    }
  }

  private void requireKnown(Pages pages, DatabaseHeader header) {
    systemTable(
        pages,
        header,
        SystemTables.SAVEPOINTS,
        TreeFormat.of(OptionalInt.of(8), OptionalInt.empty(), KeyOrder.LITTLE_ENDIAN))
        .filter(tree -> tree.length() > 0)
        .ifPresent(
            tree -> {
              throw new RedbException.Unsupported(
                  name + " holds persistent savepoints, which are not supported: delete them with"
                      + " redb first");
            });
    TableTree user = new TableTree(pages, header.primary().user(), name + ", tables");
    user.all()
        .forEach(
            table -> TableVerifier.requireNormal(table.entry(), name + ", table " + table.name()));
  }
}
