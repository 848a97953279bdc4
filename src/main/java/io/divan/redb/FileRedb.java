package io.divan.redb;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * A database over a file.
 *
 * <ol>
 *   <li>The header on disk names two commits. The primary commit is complete; the other is the
 *       previous commit or one that was never finished.
 *   <li>A commit writes its pages to places that the primary commit does not use, then the other
 *       slot together with the flag that makes it the primary, and syncs once. If a crash leaves
 *       only part of that on disk, the checksums from the slot down to the last page detect it, and
 *       the previous commit is still intact.
 *   <li>The allocated pages are tracked in memory only. Closing writes them to the table {@code
 *       allocator_state}; after a crash a walk of all pages rebuilds them.
 *   <li>The pages waiting to be freed are also tracked in memory only: after a crash no reader sees
 *       older commits, so every page that the trees do not reach is free. redb tracks these pages
 *       in system tables; the first commit removes such tables from files that contain them.
 * </ol>
 */
final class FileRedb implements Redb {

  /**
   * The state that a transaction sees.
   *
   * @param version the number of the commit
   * @param user the root of the table tree
   */
  record Committed(long version, Optional<TreeRoot> user) {}

  /**
   * Each round moves what it can. More than two are needed only if pages of many sizes are mixed.
   */
  private static final int COMPACT_ROUNDS_MAX = 50;

  /** The number of steps is limited because each step walks all branches of all trees. */
  private static final int COMPACT_PARTS = 256;

  private final String name;
  private final PagedCachedFile file;
  private final FreeSpace space;
  private final Semaphore writer = new Semaphore(1);

  /** Guards {@code latest}, {@code readers} and {@code closed}. */
  private final ReentrantLock lock = new ReentrantLock();

  /** In the order in which they began, so the first one sees the earliest commit. */
  private final SequencedSet<FileReadTransaction> readers = new LinkedHashSet<>();

  private final LongSupplier nanos;
  private Committed latest;

  /** The header on disk. Used by the writer only. */
  private DatabaseHeader header;

  private boolean closed;

  /** As of the latest commit. */
  private volatile FreeSpace.Usage usage;

  /** Whether the file contains the current allocator state. */
  private boolean allocatorsSaved;

  /**
   * Creates a database over an open file.
   *
   * @param header the header on disk
   * @param allocatorsSaved whether the file contains the current allocator state
   * @param nanos the clock, for {@link #readers}
   */
  FileRedb(
      String name,
      PagedCachedFile file,
      FreeSpace space,
      DatabaseHeader header,
      boolean allocatorsSaved,
      LongSupplier nanos) {
    this.name = name;
    this.file = file;
    this.space = space;
    this.header = header;
    this.allocatorsSaved = allocatorsSaved;
    this.nanos = nanos;
    this.usage = space.usage();
    this.latest = new Committed(header.primary().transactionId(), header.primary().user());
  }

  String name() {
    return name;
  }

  /** Throws if an earlier write or sync failed. */
  void check() {
    file.check();
  }

  static RedbException noTable(String table) {
    return new RedbException.TableError("Table " + table + " does not exist");
  }

  static RedbException otherTypes(TableDefinition<?, ?> definition, TableEntry entry) {
    return new RedbException.TableError(
        "The table " + definition.name() + " holds "
            + (entry.multimap() ? "many values for a key, " : "") + entry.keyType().name() + " and "
            + entry.valueType().name() + ", not " + definition.key().name() + " and "
            + definition.value().name());
  }

  @Override
  public ReadTxn beginRead() {
    return read();
  }

  private FileReadTransaction read() {
    file.check();
    lock.lock();
    try {
      requireOpen();
      FileReadTransaction begun = new FileReadTransaction(this, file, latest, nanos.getAsLong());
      readers.addLast(begun);
      return begun;
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The database is closed");
    }
  }

  /** Removes a closed reader. */
  void closed(FileReadTransaction reader) {
    lock.lock();
    try {
      readers.remove(reader);
    } finally {
      lock.unlock();
    }
  }

  private Committed latest() {
    lock.lock();
    try {
      return latest;
    } finally {
      lock.unlock();
    }
  }

  private long oldestReader() {
    lock.lock();
    try {
      return readers.isEmpty() ? latest.version() : readers.getFirst().version();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public WriteTxn beginWrite() {
    return write();
  }

  private FileWriteTransaction write() {
    acquire();
    boolean begun = false;
    try {
      release();
      FileWriteTransaction transaction = next();
      begun = true;
      return transaction;
    } finally {
      if (!begun) {
        writer.release();
      }
    }
  }

  /** Waits until the current writer ends. Releases the permit again if the database is unusable. */
  private void acquire() {
    writer.acquireUninterruptibly();
    boolean usable = false;
    try {
      file.check();
      lock.lock();
      try {
        requireOpen();
      } finally {
        lock.unlock();
      }
      usable = true;
    } finally {
      if (!usable) {
        writer.release();
      }
    }
  }

  /**
   * Durably marks the file as open, before the first page is allocated.
   *
   * @throws RedbException.Full if the disk is full
   */
  void markOpen() {
    if (!header.isOpen()) {
      DatabaseHeader open = header.withOpen(true);
      file.writeFlag(open.format(true));
      file.sync();
      header = open;
    }
  }

  private FileWriteTransaction next() {
    Committed from = latest();
    return new FileWriteTransaction(this, space, file, from.version() + 1, from.user());
  }

  /** Records the end of the write transaction. */
  void ended() {
    writer.release();
  }

  private void release() {
    space.release(oldestReader(), header.primary().transactionId());
  }

  /**
   * Makes the trees of a transaction the latest state.
   *
   * @param root its sealed table tree
   */
  void commit(FileWriteTransaction transaction, Optional<TreeRoot> root, boolean durable) {
    allocatorsSaved = false;
    if (durable) {
      Optional<TreeRoot> system = withoutUnmaintained(transaction);
      writeCommit(new DatabaseHeader.Slot(root, system, transaction.version()), false);
    }
    committed(transaction, root, durable);
  }

  private void committed(
      FileWriteTransaction transaction, Optional<TreeRoot> root, boolean durable) {
    space.committed(transaction.version(), transaction.freed(), transaction.own(), durable);
    lock.lock();
    try {
      latest = new Committed(transaction.version(), root);
    } finally {
      lock.unlock();
    }
    usage = space.usage();
  }

  /**
   * Writes pages and header. With two phases, the pages are durable before the header names them.
   */
  private void writeCommit(DatabaseHeader.Slot slot, boolean twoPhase) {
    file.writeDirty();
    DatabaseHeader next = header.withLayout(space.layout()).withSecondary(slot);
    if (twoPhase) {
      file.writeHeader(next.format(true));
      file.sync();
    }
    DatabaseHeader swapped = next.swapped(twoPhase);
    file.writeHeader(swapped.format(true));
    file.sync();
    header = swapped;
  }

  /** Returns the system tables without those that this implementation does not maintain. */
  private Optional<TreeRoot> withoutUnmaintained(FileWriteTransaction transaction) {
    Optional<TreeRoot> root = header.primary().system();
    if (root.isEmpty()) {
      return root;
    }
    TableTree system = transaction.system(root);
    for (String table : SystemTables.UNMAINTAINED) {
      Optional<TableEntry> entry = system.find(table);
      if (entry.isPresent()) {
        transaction.tree(table, entry.get(), KeyOrder.UNKNOWN).removeRange(null, null);
        system.remove(table);
      }
    }
    return system.tree().seal();
  }

  @Override
  public ReaderStats readers() {
    lock.lock();
    try {
      if (readers.isEmpty()) {
        return new ReaderStats(0, latest.version(), Duration.ZERO, 0, 0);
      }
      FileReadTransaction oldest = readers.getFirst();
      boolean holds = oldest.version() < latest.version();
      return new ReaderStats(
          readers.size(),
          oldest.version(),
          Duration.ofNanos(nanos.getAsLong() - oldest.beganNanos()),
          holds ? usage.waitingPages() : 0,
          holds ? usage.waitingBytes() : 0);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public SpaceStats space() {
    FreeSpace.Usage used = usage;
    return new SpaceStats(used.fileBytes(), used.freePages() * PageNumber.PAGE_BYTES);
  }

  @Override
  public DatabaseStats stats() {
    try (FileReadTransaction read = read()) {
      List<TreeStats> trees = new ArrayList<>();
      trees.add(read.tableTree().tree().stats());
      for (TableTree.Named table : read.tableTree().all()) {
        trees.add(read.tree(table.name(), table.entry(), KeyOrder.UNKNOWN).stats());
      }
      return withSpace(trees);
    }
  }

  private DatabaseStats withSpace(List<TreeStats> trees) {
    FreeSpace.Usage used = usage;
    return new DatabaseStats(
        used.fileBytes(),
        used.allocatedPages(),
        used.freePages(),
        used.waitingPages(),
        trees.stream().mapToLong(TreeStats::leafPages).sum(),
        trees.stream().mapToLong(TreeStats::branchPages).sum(),
        trees.stream().mapToInt(TreeStats::depth).max().orElse(0),
        trees.stream().mapToLong(TreeStats::storedBytes).sum(),
        trees.stream().mapToLong(TreeStats::fragmentedBytes).sum(),
        oldestReader());
  }

  @Override
  public void checkIntegrity() {
    writer.acquireUninterruptibly();
    try {
      file.writeDirty(); // commits without a sync are in memory only
      file.clear();
      release();
      Allocators found = new Allocators(space.layout());
      TableVerifier verifier =
          new TableVerifier(
              new ReadOnlyPages(file), name, found, new RepairProgress(name, 0, () -> 0));
      verifier.verify(latest().user(), "");
      verifier.verify(header.primary().system(), "system ");
      space.markWaiting(found);
      long wrong = found.firstDifference(space.allocators());
      if (wrong >= 0) {
        throw new RedbException.Corrupted(
            name + ": the page " + PageNumber.text(wrong)
                + (found.isAllocated(wrong)
                    ? " is referenced but marked as free"
                    : " is marked as allocated but not referenced"));
      }
    } finally {
      writer.release();
    }
  }

  @Override
  public boolean compact() {
    long before = space.layout().fileBytes();
    long keep = 0;
    for (int round = 0; round < COMPACT_ROUNDS_MAX; round++) {
      try (FileWriteTransaction transaction = write()) {
        long end = space.usedPages();
        keep = Math.max(keep, space.allocators().allocatedPages());
        if (keep >= end) {
          break;
        }
        if (transaction.moveToFront(keep)) {
          transaction.commit();
        } else {
          keep += Math.max(1, (end - keep) / 2); // large pages need contiguous space: move less
        }
      }
    }
    try (FileWriteTransaction transaction = write()) {
      space.shrink();
      transaction.commit();
    }
    cutOff();
    return space.layout().fileBytes() < before;
  }

  @Override
  public boolean compactSome(long pagesMin) {
    boolean moved = false;
    try (FileWriteTransaction transaction = write()) {
      FileLayout before = space.layout();
      long end = space.usedPages();
      long some = Math.max(pagesMin, end / COMPACT_PARTS);
      long keep = Math.max(space.allocators().allocatedPages(), end - some);
      while (!moved && keep < end) {
        moved = transaction.moveToFront(keep);
        keep += Math.max(1, (end - keep) / 2); // large pages need contiguous space: move less
      }
      space.shrink();
      if (!moved && space.layout().equals(before)) {
        return false;
      }
      transaction.commit();
    }
    cutOff();
    return moved;
  }

  /** Truncates the file to the layout of the latest commit, while no transaction writes. */
  private void cutOff() {
    acquire();
    try {
      file.resize(space.layout());
      usage = space.usage();
    } finally {
      writer.release();
    }
  }

  @Override
  public void close() {
    writer.acquireUninterruptibly();
    lock.lock();
    try {
      if (closed) {
        writer.release();
        return;
      }
      closed = true;
    } finally {
      lock.unlock();
    }
    try {
      file.check();
      Committed last = latest();
      boolean durable = last.version() == header.primary().transactionId();
      if (!durable || !allocatorsSaved && header.primary().system().isPresent()) {
        commit(next(), last.user(), true);
      }
      if (header.isOpen() && (allocatorsSaved || saveAllocators(last))) {
        header = header.withOpen(false);
        file.writeHeader(header.format(true));
        file.sync();
      }
    } finally {
      writer.release();
      file.close();
    }
  }

  /**
   * Saves the allocator state. Returns false if the disk is full; the next opening then walks all
   * pages.
   */
  private boolean saveAllocators(Committed last) {
    space.release(Long.MAX_VALUE, header.primary().transactionId());
    try {
      FileWriteTransaction transaction = next();
      Optional<TreeRoot> system = new AllocatorStateWriter(transaction, space, name).write();
      DatabaseHeader.Slot slot =
          new DatabaseHeader.Slot(last.user(), system, transaction.version());
      writeCommit(slot, true);
      file.resize(space.layout());
      return true;
    } catch (RedbException.Full e) {
      return false;
    }
  }
}
