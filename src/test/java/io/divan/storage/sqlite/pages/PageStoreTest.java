package io.divan.storage.sqlite.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.NameRange;
import io.divan.storage.Range;
import io.divan.storage.Seeds;
import io.divan.storage.StorageException;
import io.divan.storage.fdb.TestCluster;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of pages, compared with arrays of bytes as a model. */
class PageStoreTest extends PageStoreFixture {
  private static final int FILE_BYTES_MAX = 60_000;

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  PageStoreTest() {
    super(CLUSTER.adapter());
  }

  private static void same(byte[] found, byte[] expected, long seed) {
    assertThat(Arrays.mismatch(found, expected)).as(Seeds.replay(seed)).isEqualTo(-1);
  }

  /** Makes one random change of a file and of its model. */
  private static byte[] change(SplittableRandom random, FileHandle handle, byte[] model) {
    if (random.nextInt(6) == 0) {
      int size = random.nextInt(FILE_BYTES_MAX);
      size = random.nextBoolean() ? size / 4_096 * 4_096 : size;
      handle.truncate(size);
      return Arrays.copyOf(model, size);
    }
    int offset = random.nextInt(FILE_BYTES_MAX);
    byte[] bytes = new byte[1 + random.nextInt(random.nextInt(5) == 0 ? 20_000 : 4_096)];
    if (random.nextBoolean()) { // whole pages, as SQLite writes
      offset = offset / 4_096 * 4_096;
      bytes = new byte[4_096];
    }
    random.nextBytes(bytes);
    if (random.nextInt(4) == 0) {
      Arrays.fill(bytes, (byte) 7); // compressible
    }
    handle.write(offset, MemorySegment.ofArray(bytes));
    byte[] next = Arrays.copyOf(model, Math.max(model.length, offset + bytes.length));
    System.arraycopy(bytes, 0, next, offset, bytes.length);
    return next;
  }

  @ParameterizedTest
  @CsvSource({
    "0, false, 8000000, 64000000",
    "0, true, 100000, 30000",
    "60, false, 100000, 64000000",
    "60, true, 8000000, 20000"
  })
  void randomChanges_matchAnArray(
      int keepSeconds, boolean compressed, int transactionBytes, long bufferBytes) {
    long seed = Seeds.seed(3);
    SplittableRandom random = new SplittableRandom(seed + bufferBytes);
    PageOptions options =
        options()
            .memory(100_000, bufferBytes)
            .compressed(compressed)
            .transactionBytes(transactionBytes)
            .keepOldPages(Duration.ofSeconds(keepSeconds));
    DatabaseFile file = open(base, options).create("a");
    DatabaseFile other = open(base, options).findOrCreate("a");
    byte[] model = new byte[0];
    byte counter = 0;
    FileHandle old = new FileHandle(file, new FileGroup(failure -> {}));
    byte[] oldModel = model;
    old.lock(VfsFile.Lock.SHARED);
    for (int i = 0; i < 150; i++) {
      now.addAndGet(Duration.ofSeconds(random.nextInt(12)).toNanos());
      FileHandle handle = reserved(file);
      byte[] changed = model;
      for (int j = random.nextInt(5); j >= 0; j--) {
        changed = change(random, handle, changed);
        same(read(handle), changed, seed);
      }
      if (random.nextInt(4) > 0) {
        counter++; // the change counter in the first page
        byte[] counted = {counter};
        handle.write(27, MemorySegment.ofArray(counted));
        changed = Arrays.copyOf(changed, Math.max(28, changed.length));
        changed[27] = counter;
        handle.sync();
        model = changed;
      }
      handle.close();
      same(readAll(file), model, seed);
      everyPageHasARow(file);
      if (keepSeconds > 0 || random.nextInt(10) == 0) {
        same(readAll(other), model, seed);
      }
      same(read(old), oldModel, seed);
      if (random.nextInt(4) == 0) {
        old.unlock(VfsFile.Lock.NONE);
        old.lock(VfsFile.Lock.SHARED);
        oldModel = model;
      }
    }
    old.close();
  }

  @ParameterizedTest
  @CsvSource({"0, 8000000", "60, 8000000", "0, 100000", "60, 100000"})
  void crash_atAnyBaseTransaction_leavesTheOldOrTheNew(int keepSeconds, int transactionBytes) {
    long seed = Seeds.seed(5);
    PageOptions options =
        options()
            .transactionBytes(transactionBytes)
            .keepOldPages(Duration.ofSeconds(keepSeconds));
    DatabaseFile first = open(base, options).create("a");
    write(first, 0, filled(500_000, 1));
    byte[] before = readAll(first);
    for (int crashAt = 0; true; crashAt++) {
      SplittableRandom random = new SplittableRandom(seed + crashAt);
      now.addAndGet(Duration.ofSeconds(70).toNanos());
      DialStore dial = new DialStore(base);
      dial.writesLeft = crashAt;
      byte[] after = before;
      boolean done = false;
      try {
        DatabaseFile file = open(dial, options).findOrCreate("a");
        FileHandle handle = reserved(file);
        after = filled(400_000 + random.nextInt(200_000), 2 + crashAt % 90);
        handle.write(0, MemorySegment.ofArray(after));
        handle.truncate(after.length);
        handle.sync();
        done = true;
      } catch (StorageException.StoreUnavailable e) {
        assertThat(e).hasMessage("crashed");
      }
      DatabaseFile next = open(base, options).findOrCreate("a");
      byte[] found = readAll(next);
      same(found, done ? after : before, seed + crashAt);
      write(next, 20, filled(10, 99));
      assertThat(readAll(next)[25]).isEqualTo((byte) 99);
      before = readAll(next);
      if (done) {
        assertThat(crashAt).isGreaterThanOrEqualTo(transactionBytes < 1_000_000 ? 5 : 2);
        return;
      }
    }
  }

  @Test
  void commit_outcomeUnknown_isLookedUp() {
    DialStore dial = new DialStore(base);
    DatabaseFile file = open(dial, options()).create("a");
    write(file, 0, filled(4_096, 1));
    FileHandle handle = reserved(file);
    handle.write(0, MemorySegment.ofArray(filled(4_096, 2)));
    dial.afterWrite = new StorageException.StoreUnavailable("The outcome is unknown");
    handle.sync();
    handle.close();
    assertThat(readAll(file)[0]).isEqualTo((byte) 2);
  }

  @Test
  void commit_fails_handleFailsAndTheFileIsUnchanged() {
    DialStore dial = new DialStore(base);
    DatabaseFile file = open(dial, options()).create("a");
    write(file, 0, filled(4_096, 1));
    FileHandle handle = reserved(file);
    handle.write(0, MemorySegment.ofArray(filled(4_096, 2)));
    dial.beforeWrite = new StorageException.StoreUnavailable("no");
    assertThatThrownBy(handle::sync).hasMessage("no");
    assertThatThrownBy(handle::size).hasMessage("no");
    handle.close();
    assertThat(readAll(file)[0]).isEqualTo((byte) 1);
    write(file, 0, filled(4_096, 3));
    assertThat(readAll(file)[0]).isEqualTo((byte) 3);
  }

  @Test
  void reserve_reservedByAnotherHandle_isBusy() {
    DatabaseFile file = open(base, options()).create("a");
    FileHandle one = reserved(file);
    FileHandle two = new FileHandle(file, new FileGroup(failure -> {}));
    assertThat(two.lock(VfsFile.Lock.SHARED)).isEqualTo(VfsFile.Locked.YES);
    assertThat(two.isReserved()).isTrue();
    assertThat(two.lock(VfsFile.Lock.RESERVED)).isEqualTo(VfsFile.Locked.BUSY);
    one.write(0, MemorySegment.ofArray(filled(10, 1)));
    one.sync();
    one.close();
    assertThat(two.lock(VfsFile.Lock.RESERVED)).isEqualTo(VfsFile.Locked.STALE);
    two.unlock(VfsFile.Lock.NONE);
    assertThat(two.lock(VfsFile.Lock.RESERVED)).isEqualTo(VfsFile.Locked.YES);
    two.close();
  }

  @Test
  void rollback_thatRestoresPages_commitsNothing() {
    DialStore dial = new DialStore(base);
    DatabaseFile file = open(dial, options()).create("a");
    write(file, 0, filled(40_960, 1));
    long writes = dial.writes.get();
    FileHandle handle = reserved(file);
    handle.write(8_192, MemorySegment.ofArray(filled(4_096, 2)));
    handle.write(8_192, MemorySegment.ofArray(filled(4_096, 1)));
    handle.write(12_288, MemorySegment.ofArray(filled(4_096, 3))); // unused by SQLite
    handle.sync();
    handle.close();
    assertThat(dial.writes.get()).isEqualTo(writes);
    assertThat(readAll(file)).containsOnly(1);
  }

  @Test
  void sparsePages_readAsZeros() {
    DatabaseFile file = open(base, options()).create("a");
    write(file, 1_000_000, filled(5, 1));
    byte[] all = readAll(file);
    assertThat(all).hasSize(1_000_005);
    assertThat(Arrays.copyOf(all, 1_000_000)).containsOnly(0);
    byte[] beyond = filled(10, 9);
    FileHandle handle = new FileHandle(file, new FileGroup(failure -> {}));
    handle.lock(VfsFile.Lock.SHARED);
    assertThat(handle.read(1_000_000, MemorySegment.ofArray(beyond))).isFalse();
    assertThat(beyond).startsWith(1, 1, 1, 1, 1, 0, 0, 0, 0, 0);
    handle.close();
  }

  @Test
  void oldPages_afterRetention_areRemoved() {
    PageOptions options = options().keepOldPages(Duration.ofSeconds(60));
    DatabaseFile file = open(base, options).create("a");
    write(file, 0, filled(81_920, 1)); // 20 pages
    for (int i = 0; i < 50; i++) {
      now.addAndGet(Duration.ofSeconds(5).toNanos());
      write(file, 0, filled(40_960, i)); // 10 pages
    }
    int rows =
        base.read(transaction -> transaction.scan(Range.all(StoreLayout.PAGES)).rows().size());
    assertThat(rows).isBetween(20 + 10 * 11, 20 + 10 * 15);
    FileHandle handle = reserved(file);
    handle.truncate(0);
    handle.sync();
    handle.close();
    for (int i = 0; i < 3; i++) {
      now.addAndGet(Duration.ofSeconds(70).toNanos());
      write(file, 0, filled(4_096, i));
    }
    rows = base.read(transaction -> transaction.scan(Range.all(StoreLayout.PAGES)).rows().size());
    assertThat(rows).isLessThanOrEqualTo(3);
  }

  @Test
  void reader_baseSnapshotTooOld_continuesUntilOldPagesAreRemoved() {
    DialStore dial = new DialStore(base);
    PageOptions options =
        options().memory(0, 1_000_000).keepOldPages(Duration.ofSeconds(60));
    DatabaseFile file = open(dial, options).create("a");
    write(file, 0, filled(81_920, 1));
    now.addAndGet(Duration.ofSeconds(5).toNanos());
    FileHandle old = new FileHandle(file, new FileGroup(failure -> {}));
    old.lock(VfsFile.Lock.SHARED);
    write(file, 0, filled(81_920, 2));
    byte[] bytes = new byte[4_096];
    for (int page = 0; page < 20; page += 3) {
      dial.age();
      old.read(page * 4_096L, MemorySegment.ofArray(bytes));
      assertThat(bytes).containsOnly(1);
    }
    for (int i = 0; i < 3; i++) {
      now.addAndGet(Duration.ofSeconds(70).toNanos());
      write(file, 0, filled(81_920, 3 + i));
    }
    dial.age();
    assertThatThrownBy(() -> old.read(0, MemorySegment.ofArray(bytes)))
        .isInstanceOf(StorageException.SnapshotTooOld.class)
        .hasMessageContaining("60 s");
  }

  @Test
  void twoFiles_oneGroup_commitTogether() {
    DialStore dial = new DialStore(base);
    DatabaseFiles files = open(dial, options());
    DatabaseFile a = files.create("a");
    DatabaseFile b = files.create("b");
    write(a, 0, filled(30, 1));
    write(b, 0, filled(30, 1));
    FileGroup group = new FileGroup(failure -> {});
    FileHandle one = new FileHandle(a, group);
    FileHandle two = new FileHandle(b, group);
    one.lock(VfsFile.Lock.EXCLUSIVE);
    two.lock(VfsFile.Lock.EXCLUSIVE);
    one.write(0, MemorySegment.ofArray(filled(30, 2)));
    two.write(0, MemorySegment.ofArray(filled(30, 2)));
    long writes = dial.writes.get();
    one.sync();
    two.sync();
    assertThat(dial.writes.get()).isEqualTo(writes);
    one.commit();
    two.commit();
    one.close();
    two.close();
    assertThat(dial.writes.get()).isEqualTo(writes + 1);
    assertThat(readAll(a)).containsOnly(2);
    assertThat(readAll(b)).containsOnly(2);
  }

  @Test
  void delete_openFile_handlesFailAndRowsAreRemoved() {
    DatabaseFiles files = open(base, options());
    DatabaseFile file = files.create("a");
    files.create("b");
    write(file, 0, filled(100_000, 1));
    FileHandle handle = new FileHandle(file, new FileGroup(failure -> {}));
    assertThat(files.list(NameRange.all())).containsExactly("a", "b");
    files.delete("a");
    assertThat(files.list(NameRange.all())).containsExactly("b");
    assertThatThrownBy(() -> handle.lock(VfsFile.Lock.SHARED))
        .isInstanceOf(StorageException.DatabaseNotFound.class);
    assertThat(base.<Boolean>read(t -> t.scan(Range.all(StoreLayout.PAGES)).rows().isEmpty()))
        .isTrue();
    DatabaseFile again = files.create("a");
    assertThat(readAll(again)).isEmpty();
  }
}
