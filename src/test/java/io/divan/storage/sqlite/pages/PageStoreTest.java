package io.divan.storage.sqlite.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.CheckedAdapter;
import io.divan.storage.KeyValue;
import io.divan.storage.Leases;
import io.divan.storage.NameRange;
import io.divan.storage.Range;
import io.divan.storage.Seeds;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.fdb.TestCluster;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of pages, beside plain arrays of bytes. */
class PageStoreTest {
  private static final int FILE_BYTES_MAX = 60_000;

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  private final CheckedAdapter adapter = new CheckedAdapter(CLUSTER.adapter());
  private final Store base = adapter.create("base", transaction -> {});
  private final AtomicLong now = new AtomicLong();
  private final List<PageFiles> opened = new ArrayList<>();

  private PageOptions options() {
    return PageOptions.defaults()
        .leases(
            Leases.Options.exclusive("test").nanoTime(now::get), Duration.ofSeconds(1));
  }

  private PageFiles open(Store store, PageOptions options) {
    PageFiles files = new PageFiles(store, options);
    opened.add(files);
    return files;
  }

  @AfterEach
  void close() {
    opened.forEach(PageFiles::close);
    adapter.close();
  }

  private static byte[] read(FileHandle handle) {
    byte[] bytes = new byte[(int) handle.size()];
    assertThat(handle.read(0, MemorySegment.ofArray(bytes))).isTrue();
    return bytes;
  }

  private static byte[] readAll(PageFile file) {
    FileHandle handle = new FileHandle(file, new FileGroup(failure -> {}));
    assertThat(handle.lock(VfsFile.Lock.SHARED)).isEqualTo(VfsFile.Locked.YES);
    try {
      return read(handle);
    } finally {
      handle.close();
    }
  }

  private static FileHandle reserved(PageFile file) {
    FileHandle handle = new FileHandle(file, new FileGroup(failure -> {}));
    assertThat(handle.lock(VfsFile.Lock.SHARED)).isEqualTo(VfsFile.Locked.YES);
    assertThat(handle.lock(VfsFile.Lock.EXCLUSIVE)).isEqualTo(VfsFile.Locked.YES);
    return handle;
  }

  private static void write(PageFile file, long offset, byte[] bytes) {
    FileHandle handle = reserved(file);
    try {
      handle.write(offset, MemorySegment.ofArray(bytes));
      handle.sync();
    } finally {
      handle.close();
    }
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static void same(byte[] found, byte[] expected, long seed) {
    assertThat(Arrays.mismatch(found, expected)).as(Seeds.replay(seed)).isEqualTo(-1);
  }

  /** In the newest version, each page within the file's size. */
  private void everyPageHasARow(PageFile file) {
    base.read(
        transaction -> {
          Header header = Header.read(transaction, file);
          for (int page = 0; page < PageView.pages(header.size()); page++) {
            Range newest = Layout.newest(file.number(), page, header.version());
            List<KeyValue> rows = transaction.scan(newest).rows();
            assertThat(rows).as("page %d", page).hasSize(1);
            assertThat(rows.getFirst().value()).as("page %d", page).isNotEmpty();
          }
          return header;
        });
  }

  /** One random change of a file and of its model. */
  private static byte[] change(SplittableRandom random, FileHandle handle, byte[] model) {
    if (random.nextInt(6) == 0) {
      int size = random.nextInt(FILE_BYTES_MAX);
      size = random.nextBoolean() ? size / 4_096 * 4_096 : size;
      handle.truncate(size);
      return Arrays.copyOf(model, size);
    }
    int offset = random.nextInt(FILE_BYTES_MAX);
    byte[] bytes = new byte[1 + random.nextInt(random.nextInt(5) == 0 ? 20_000 : 4_096)];
    if (random.nextBoolean()) { // whole pages, as SQLite writes them
      offset = offset / 4_096 * 4_096;
      bytes = new byte[4_096];
    }
    random.nextBytes(bytes);
    if (random.nextInt(4) == 0) {
      Arrays.fill(bytes, (byte) 7); // compresses well
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
  void randomChanges_besideAnArray_areTheSame(
      int keepSeconds, boolean compressed, int transactionBytes, long bufferBytes) {
    long seed = Seeds.seed(3);
    SplittableRandom random = new SplittableRandom(seed + bufferBytes);
    PageOptions options =
        options()
            .memory(100_000, bufferBytes)
            .compressed(compressed)
            .transactionBytes(transactionBytes)
            .keepOldPages(Duration.ofSeconds(keepSeconds));
    PageFile file = open(base, options).create("a");
    PageFile other = open(base, options).findOrCreate("a");
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
        counter++; // as SQLite counts its commits in the first page
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
    PageFile first = open(base, options).create("a");
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
        PageFile file = open(dial, options).findOrCreate("a");
        FileHandle handle = reserved(file);
        after = filled(400_000 + random.nextInt(200_000), 2 + crashAt % 90);
        handle.write(0, MemorySegment.ofArray(after));
        handle.truncate(after.length);
        handle.sync();
        done = true;
      } catch (StorageException.StoreUnavailable e) {
        assertThat(e).hasMessage("crashed");
      }
      PageFile next = open(base, options).findOrCreate("a");
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
  void commit_outcomeIsNotTold_isFoundOut() {
    DialStore dial = new DialStore(base);
    PageFile file = open(dial, options()).create("a");
    write(file, 0, filled(4_096, 1));
    FileHandle handle = reserved(file);
    handle.write(0, MemorySegment.ofArray(filled(4_096, 2)));
    dial.afterWrite = new StorageException.StoreUnavailable("it may have happened");
    handle.sync();
    handle.close();
    assertThat(readAll(file)[0]).isEqualTo((byte) 2);
  }

  @Test
  void commit_didNotHappen_handleFailsAndTheFileIsAsBefore() {
    DialStore dial = new DialStore(base);
    PageFile file = open(dial, options()).create("a");
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
  void reserve_anotherHasIt_isBusy() {
    PageFile file = open(base, options()).create("a");
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
  void rollback_thatWritesPagesBack_commitsNothing() {
    DialStore dial = new DialStore(base);
    PageFile file = open(dial, options()).create("a");
    write(file, 0, filled(40_960, 1));
    long writes = dial.writes.get();
    FileHandle handle = reserved(file);
    handle.write(8_192, MemorySegment.ofArray(filled(4_096, 2)));
    handle.write(8_192, MemorySegment.ofArray(filled(4_096, 1)));
    handle.write(12_288, MemorySegment.ofArray(filled(4_096, 3))); // of no use to SQLite
    handle.sync();
    handle.close();
    assertThat(dial.writes.get()).isEqualTo(writes);
    assertThat(readAll(file)).containsOnly(1);
  }

  @Test
  void sparsePages_readAsZeros() {
    PageFile file = open(base, options()).create("a");
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
  void oldPages_noReaderCanNeedThem_areRemoved() {
    PageOptions options = options().keepOldPages(Duration.ofSeconds(60));
    PageFile file = open(base, options).create("a");
    write(file, 0, filled(81_920, 1)); // 20 pages
    for (int i = 0; i < 50; i++) {
      now.addAndGet(Duration.ofSeconds(5).toNanos());
      write(file, 0, filled(40_960, i)); // 10 pages
    }
    int rows =
        base.read(transaction -> transaction.scan(Range.all(Layout.PAGES)).rows().size());
    assertThat(rows).isBetween(20 + 10 * 11, 20 + 10 * 15);
    FileHandle handle = reserved(file);
    handle.truncate(0);
    handle.sync();
    handle.close();
    for (int i = 0; i < 3; i++) {
      now.addAndGet(Duration.ofSeconds(70).toNanos());
      write(file, 0, filled(4_096, i));
    }
    rows = base.read(transaction -> transaction.scan(Range.all(Layout.PAGES)).rows().size());
    assertThat(rows).isLessThanOrEqualTo(3);
  }

  @Test
  void reader_baseSnapshotTooOld_goesOnUntilOldPagesAreGone() {
    DialStore dial = new DialStore(base);
    PageOptions options =
        options().memory(0, 1_000_000).keepOldPages(Duration.ofSeconds(60));
    PageFile file = open(dial, options).create("a");
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
    PageFiles files = open(dial, options());
    PageFile a = files.create("a");
    PageFile b = files.create("b");
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
  void delete_fileIsOpen_handlesFailAndRowsAreGone() {
    PageFiles files = open(base, options());
    PageFile file = files.create("a");
    files.create("b");
    write(file, 0, filled(100_000, 1));
    FileHandle handle = new FileHandle(file, new FileGroup(failure -> {}));
    assertThat(files.list(NameRange.all())).containsExactly("a", "b");
    files.delete("a");
    assertThat(files.list(NameRange.all())).containsExactly("b");
    assertThatThrownBy(() -> handle.lock(VfsFile.Lock.SHARED))
        .isInstanceOf(StorageException.DatabaseNotFound.class);
    assertThat(base.<Boolean>read(t -> t.scan(Range.all(Layout.PAGES)).rows().isEmpty()))
        .isTrue();
    PageFile again = files.create("a");
    assertThat(readAll(again)).isEmpty();
  }

  @Test
  void page_rowIsOfWrongLength_isCorruptionThatNamesFileAndPage() {
    PageFile file = open(base, options()).create("places");
    write(file, 0, filled(3 * Layout.PAGE_BYTES, 1));
    Range second = Layout.newest(file.number(), 1, Long.MAX_VALUE);
    base.write(
        transaction -> {
          byte[] key = transaction.scan(second).rows().getFirst().key();
          transaction.put(Layout.PAGES, key, filled(100, 1));
          return key;
        });
    PageFile cold = open(base, options()).find("places").orElseThrow();
    assertThatThrownBy(() -> readAll(cold))
        .isInstanceOf(StorageException.StoreCorrupt.class)
        .hasMessageContaining("places")
        .hasMessageContaining("page 1 has 100 bytes");
  }

  private void remove(PageFile file, int page) {
    Range rows = Layout.pages(file.number(), page, 1);
    assertThat(
            base.write(
                    transaction -> {
                      int count = transaction.scan(rows).rows().size();
                      transaction.deleteRange(rows);
                      return count;
                    })
                .result())
        .isPositive();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 8, 11})
  void page_rowIsMissing_isCorruptionThatNamesFileAndPage(int page) {
    PageFile file = open(base, options()).create("places");
    write(file, 0, filled(10 * Layout.PAGE_BYTES, 1));
    write(file, 12 * Layout.PAGE_BYTES, filled(Layout.PAGE_BYTES, 1)); // 10 and 11 are holes
    remove(file, page);
    PageFile cold = open(base, options()).find("places").orElseThrow();
    assertThatThrownBy(() -> readAll(cold)) // some at once
        .isInstanceOf(StorageException.StoreCorrupt.class)
        .hasMessageContaining("places")
        .hasMessageContaining("page " + page + " is missing");
    FileHandle handle = new FileHandle(cold, new FileGroup(failure -> {}));
    handle.lock(VfsFile.Lock.SHARED);
    byte[] bytes = new byte[10];
    assertThatThrownBy(
            () -> handle.read(page * 4_096L + 7, MemorySegment.ofArray(bytes))) // it alone
        .isInstanceOf(StorageException.StoreCorrupt.class)
        .hasMessageContaining("page " + page + " is missing");
    handle.close();
  }

  @Test
  void page_rowOfAfterItWasCutOffIsMissing_isCorruption() {
    PageFile file = open(base, options()).create("places");
    write(file, 0, filled(10 * Layout.PAGE_BYTES, 1));
    FileHandle handle = reserved(file);
    handle.truncate(4_096);
    handle.sync();
    handle.close();
    write(file, 4_096, filled(5 * Layout.PAGE_BYTES, 2));
    base.write(
        transaction -> {
          Range newest = Layout.newest(file.number(), 3, Long.MAX_VALUE - 1);
          transaction.delete(
              Layout.PAGES, transaction.scan(newest).rows().getFirst().key());
          return file;
        });
    PageFile cold = open(base, options()).find("places").orElseThrow();
    assertThatThrownBy(() -> readAll(cold))
        .isInstanceOf(StorageException.StoreCorrupt.class)
        .hasMessageContaining("page 3 has 0 bytes");
  }

  @ParameterizedTest
  @CsvSource({"0, 64000000", "60, 64000000", "0, 0", "60, 0"})
  void cutOff_andGrownAgain_readsAsZerosAndHasRows(int keepSeconds, long bufferBytes) {
    PageOptions options =
        options().memory(1_000_000, bufferBytes).keepOldPages(Duration.ofSeconds(keepSeconds));
    PageFile file = open(base, options).create("a");
    write(file, 0, filled(81_920, 1));
    FileHandle old = new FileHandle(file, new FileGroup(failure -> {}));
    old.lock(VfsFile.Lock.SHARED);
    FileHandle handle = reserved(file);
    handle.write(40_960, MemorySegment.ofArray(filled(8_192, 2)));
    handle.truncate(5_000);
    handle.write(20_000, MemorySegment.ofArray(filled(10, 3)));
    handle.truncate(60_000);
    byte[] expected = new byte[60_000];
    Arrays.fill(expected, 0, 5_000, (byte) 1);
    Arrays.fill(expected, 20_000, 20_010, (byte) 3);
    assertThat(read(handle)).isEqualTo(expected);
    handle.sync();
    handle.close();
    everyPageHasARow(file);
    assertThat(readAll(file)).isEqualTo(expected);
    assertThat(readAll(open(base, options).find("a").orElseThrow())).isEqualTo(expected);
    if (keepSeconds > 0) {
      assertThat(read(old)).containsOnly(1);
    }
    old.close();
    now.addAndGet(Duration.ofSeconds(70).toNanos());
    write(file, 0, filled(1, 9));
    now.addAndGet(Duration.ofSeconds(70).toNanos());
    write(file, 0, filled(1, 1)); // what is old is gone
    assertThat(readAll(file)).isEqualTo(expected);
    everyPageHasARow(file);
  }

  @Test
  void file_growsByManyHoles_inStepsOfBoundedSize() {
    DialStore dial = new DialStore(base);
    PageFile file = open(dial, options()).create("a");
    write(file, 0, filled(10, 1));
    long writes = dial.writes.get();
    long end = 50_001L * Layout.PAGE_BYTES;
    write(file, end, filled(1, 1));
    assertThat(dial.writes.get() - writes).isEqualTo(4); // three before the switch
    Range parts = Layout.changes(file.number(), 3L, 3L);
    assertThat(base.<List<KeyValue>>read(t -> t.scan(parts).rows()))
        .hasSize(4)
        .allMatch(row -> row.value().length <= 80_000);
    FileHandle handle = new FileHandle(file, new FileGroup(failure -> {}));
    handle.lock(VfsFile.Lock.SHARED);
    byte[] bytes = new byte[4_097];
    assertThat(handle.read(end - 4_096, MemorySegment.ofArray(bytes))).isTrue();
    assertThat(Arrays.copyOf(bytes, 4_096)).containsOnly(0);
    assertThat(bytes[4_096]).isEqualTo((byte) 1);
    handle.close();
  }

  @ParameterizedTest
  @CsvSource({"40, format 1", "41, format 3", "50, format 3"})
  void file_isOfAnotherFormat_isRefusedWithASentenceThatSaysSo(int bytes, String named) {
    PageFile file = open(base, options()).create("places");
    byte[] header = new byte[bytes];
    if (bytes > 40) {
      header[40] = 3;
    }
    base.write(
        transaction -> {
          transaction.put(Layout.SIZE, Layout.file(file.number()), header);
          return file;
        });
    assertThatThrownBy(() -> readAll(file))
        .isInstanceOf(StorageException.StoreUnavailable.class)
        .hasMessageContaining("places has " + named + " of pages");
  }

  @Test
  void file_headerIsOfWrongLength_isCorruptionThatNamesTheFile() {
    PageFile file = open(base, options()).create("places");
    write(file, 0, filled(Layout.PAGE_BYTES, 1));
    base.write(
        transaction -> {
          transaction.put(Layout.SIZE, Layout.file(file.number()), new byte[7]);
          return file;
        });
    assertThatThrownBy(() -> readAll(file))
        .isInstanceOf(StorageException.StoreCorrupt.class)
        .hasMessageContaining("places")
        .hasMessageContaining("its header has 7 bytes");
  }
}
