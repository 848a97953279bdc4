package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Tests opening files that were not closed. */
class RecoveryTest {

  /**
   * The system still holds writes of a killed process that were not synced. The next process reads
   * them, but must keep the previous commit until they are durable, because the power may fail.
   */
  @Test
  void open_afterKillDuringCommit_keepsThePreviousCommitUntilTheNewOneIsDurable() {
    SimulatedDisk disk = new SimulatedDisk().recording();
    Redb database = Redb.open(disk, "killed", Program.OPTIONS);
    Model first = change(database, new Model(), 1);
    long started = disk.position();
    Model second = change(database, first, 2);
    Epoch commit =
        disk.epochs().stream().filter(epoch -> epoch.first() >= started).findFirst().orElseThrow();
    SimulatedDisk next = commit.kill(commit.changes().size()).recording();
    try (Redb reopened = Redb.open(next, "reopened", Program.OPTIONS)) {
      assertThat(Model.found(List.of(first, second), reopened)).isSameAs(second);
    }
    for (Epoch epoch : next.epochs()) {
      for (int after = 0; after <= epoch.changes().size(); after++) {
        for (long crash = 0; crash < 200; crash++) {
          SimulatedDisk found = new SimulatedDisk(epoch.crash(after, crash));
          try (Redb again = Redb.open(found, "crashed", Program.OPTIONS)) {
            Model.found(List.of(first, second), again);
          }
        }
      }
    }
  }

  /** Almost no cache: repeated reads of a page are counted again. */
  private static final Redb.Options SMALL_CACHE = new Redb.Options(false, 64 << 10);

  private static SimulatedDisk ofManyPages() {
    SimulatedDisk disk = new SimulatedDisk();
    Redb database = Redb.open(disk, "many", Program.OPTIONS);
    for (int i = 0; i < 3; i++) {
      try (WriteTxn write = database.beginWrite()) {
        RedbTable<byte[], byte[]> rows = write.open(TableDefinition.bytes("rows"));
        for (int key = 0; key < 3_000; key++) {
          rows.put(new byte[] {(byte) (key >> 8), (byte) key}, new byte[1_000]);
        }
        write.commit();
      }
    }
    return disk;
  }

  @Test
  void open_notClosed_readsEachPageOnce() {
    SimulatedDisk disk = ofManyPages();
    DatabaseStats stats;
    try (Redb database = Redb.open(disk.reopened(), "counted", SMALL_CACHE)) {
      stats = database.stats();
    }
    long pages = stats.leafPages() + stats.branchPages();
    assertThat(pages).isGreaterThan(500);
    SimulatedDisk next = disk.reopened();
    Redb.open(next, "unclean", SMALL_CACHE);
    assertThat(next.count(SimulatedDisk.Operation.READ)).isBetween(pages, pages + 20);
  }

  @Test
  void close_fileThatWasOnlyRead_writesNothing() {
    SimulatedDisk disk = new SimulatedDisk();
    Model rows;
    try (Redb database = Redb.open(disk, "closed", Program.OPTIONS)) {
      rows = change(database, new Model(), 1);
    }
    SimulatedDisk next = disk.reopened();
    try (Redb database = Redb.open(next, "read", Program.OPTIONS)) {
      assertThat(Model.found(List.of(rows), database)).isSameAs(rows);
      database.checkIntegrity();
    }
    assertThat(next.count(SimulatedDisk.Operation.WRITE)).isZero();
    assertThat(next.count(SimulatedDisk.Operation.SYNC)).isZero();
  }

  /** Pages may be written long before the commit, so a crash after that requires a walk. */
  @Test
  void put_closedFile_durablyMarksItAsOpen() {
    SimulatedDisk disk = new SimulatedDisk();
    try (Redb database = Redb.open(disk, "closed", Program.OPTIONS)) {
      change(database, new Model(), 1);
    }
    SimulatedDisk next = disk.reopened();
    try (Redb database = Redb.open(next, "written", Program.OPTIONS)) {
      assertThat(isOpen(next.image())).isFalse();
      database.beginWrite().close();
      assertThat(isOpen(next.image())).isFalse();
      putAndRollBack(database);
      assertThat(isOpen(next.image())).isTrue();
      assertThat(next.current().changes())
          .as("not durable")
          .allMatch(Epoch.Change.Length.class::isInstance);
      long syncs = next.count(SimulatedDisk.Operation.SYNC);
      putAndRollBack(database);
      assertThat(next.count(SimulatedDisk.Operation.SYNC)).isEqualTo(syncs);
    }
    assertThat(isOpen(next.image())).isFalse();
  }

  private static void putAndRollBack(Redb database) {
    try (WriteTxn write = database.beginWrite()) {
      write.open(TableDefinition.bytes("new")).put(new byte[] {1}, new byte[] {2});
    }
  }

  private static boolean isOpen(Blocks.Image image) {
    byte[] content = image.content();
    return DatabaseHeader.parse(content, content.length).header().isOpen();
  }

  /** Returns the file with another primary commit, which replaces the previous commit. */
  private static SimulatedDisk withPrimary(
      SimulatedDisk disk, UnaryOperator<DatabaseHeader.Slot> change) {
    byte[] content = disk.image().content();
    DatabaseHeader header = DatabaseHeader.parse(content, content.length).header();
    byte[] changed =
        header
            .withSecondary(change.apply(header.primary()))
            .swapped(false)
            .format(true);
    System.arraycopy(changed, 0, content, 0, changed.length);
    return new SimulatedDisk(Blocks.Image.of(content));
  }

  @Test
  void open_pageReferencedTwice_isRejectedAlthoughThePreviousCommitIsWhole() {
    SimulatedDisk disk =
        withPrimary(
            ofManyPages(),
            last -> new DatabaseHeader.Slot(last.user(), last.user(), last.transactionId() + 1));
    assertThatThrownBy(() -> Redb.open(disk, "twice", SMALL_CACHE))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("twice, system tables: page")
        .hasMessageContaining("is referenced twice");
    assertThat(disk.count(SimulatedDisk.Operation.WRITE)).isZero();
  }

  /** Returns a file in which a user's table takes the place of redb's system table of that name. */
  private static SimulatedDisk withSystemTable(String name) {
    SimulatedDisk disk = new SimulatedDisk();
    Redb database = Redb.open(disk, "one", Program.OPTIONS);
    try (WriteTxn write = database.beginWrite()) {
      write.open(TableDefinition.bytes(name)).put(new byte[] {1}, new byte[] {2});
      write.commit();
    }
    return withPrimary(
        disk,
        last -> new DatabaseHeader.Slot(Optional.empty(), last.user(), last.transactionId() + 1));
  }

  @Test
  void open_systemTableWithKeysOfWrongWidth_isRejected() {
    for (String name : SystemTables.UNMAINTAINED) {
      SimulatedDisk disk = withSystemTable(name);
      assertThatThrownBy(() -> Redb.open(disk, "odd", SMALL_CACHE))
          .isInstanceOf(RedbException.Unsupported.class)
          .hasMessageContaining("odd, system table " + name + " has keys of an unsupported width");
    }
  }

  @Test
  void open_unknownSystemTable_isKept() {
    SimulatedDisk disk = withSystemTable("future");
    try (Redb database = Redb.open(disk, "new", SMALL_CACHE)) {
      database.checkIntegrity();
      try (WriteTxn write = database.beginWrite()) {
        write.open(TableDefinition.bytes("rows")).put(new byte[1], new byte[1]);
        write.commit();
      }
      database.checkIntegrity();
    }
  }

  @Test
  void open_damagedCommit_usesThePreviousOne() {
    long outside = PageNumber.of(7, 7, 0);
    UnaryOperator<TreeRoot> otherSum =
        root -> new TreeRoot(root.page(), new Checksum(1, 2), root.length());
    UnaryOperator<TreeRoot> elsewhere =
        root -> new TreeRoot(outside, root.checksum(), root.length());
    for (UnaryOperator<TreeRoot> broken : List.of(otherSum, elsewhere)) {
      SimulatedDisk disk =
          withPrimary(
              ofManyPages(),
              last -> new DatabaseHeader.Slot(
                  last.user().map(broken), last.system(), last.transactionId() + 1));
      try (Redb database = Redb.open(disk, "broken", SMALL_CACHE);
          ReadTxn read = database.beginRead()) {
        assertThat(read.open(TableDefinition.bytes("rows")).length()).isEqualTo(3_000);
        database.checkIntegrity();
      }
    }
  }

  private static Model change(Redb database, Model before, long seed) {
    try (WriteTxn write = database.beginWrite()) {
      Model after = new Session(write, before, new SplittableRandom(seed), Program.SMALL).run(30);
      write.commit();
      return after;
    }
  }
}
