package io.divan.storage.sqlite.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.fdb.TestCluster;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each page within a file has a row; missing and invalid rows are reported as corruption. */
class PageRowsTest extends PageStoreFixture {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  PageRowsTest() {
    super(CLUSTER.adapter());
  }

  @Test
  void page_rowOfWrongLength_isCorrupt() {
    DatabaseFile file = open(base, options()).create("places");
    write(file, 0, filled(3 * StoreLayout.PAGE_BYTES, 1));
    Range second = StoreLayout.newest(file.number(), 1, Long.MAX_VALUE);
    base.write(
        transaction -> {
          byte[] key = transaction.scan(second).rows().getFirst().key();
          transaction.put(StoreLayout.PAGES, key, filled(100, 1));
          return key;
        });
    DatabaseFile cold = open(base, options()).find("places").orElseThrow();
    assertThatThrownBy(() -> readAll(cold))
        .isInstanceOf(StorageException.StoreCorrupt.class)
        .hasMessageContaining("places")
        .hasMessageContaining("page 1 has an invalid value of 100 bytes");
  }

  private void remove(DatabaseFile file, int page) {
    Range rows = StoreLayout.pages(file.number(), page, 1);
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
    DatabaseFile file = open(base, options()).create("places");
    write(file, 0, filled(10 * StoreLayout.PAGE_BYTES, 1));
    // Pages 10 and 11 are holes.
    write(file, 12 * StoreLayout.PAGE_BYTES, filled(StoreLayout.PAGE_BYTES, 1));
    remove(file, page);
    DatabaseFile cold = open(base, options()).find("places").orElseThrow();
    assertThatThrownBy(() -> readAll(cold)) // reads several pages at once
        .isInstanceOf(StorageException.StoreCorrupt.class)
        .hasMessageContaining("places")
        .hasMessageContaining("page " + page + " is missing");
    FileHandle handle = new FileHandle(cold, new FileGroup(failure -> {}));
    handle.lock(VfsFile.Lock.SHARED);
    byte[] bytes = new byte[10];
    assertThatThrownBy(
        () -> handle.read(page * 4_096L + 7, MemorySegment.ofArray(bytes))) // reads one page
        .isInstanceOf(StorageException.StoreCorrupt.class)
        .hasMessageContaining("page " + page + " is missing");
    handle.close();
  }

  @Test
  void page_regrownAfterCutOff_missingRowIsCorrupt() {
    DatabaseFile file = open(base, options()).create("places");
    write(file, 0, filled(10 * StoreLayout.PAGE_BYTES, 1));
    FileHandle handle = reserved(file);
    handle.truncate(4_096);
    handle.sync();
    handle.close();
    write(file, 4_096, filled(5 * StoreLayout.PAGE_BYTES, 2));
    base.write(
        transaction -> {
          Range newest = StoreLayout.newest(file.number(), 3, Long.MAX_VALUE - 1);
          transaction.delete(
              StoreLayout.PAGES, transaction.scan(newest).rows().getFirst().key());
          return file;
        });
    DatabaseFile cold = open(base, options()).find("places").orElseThrow();
    assertThatThrownBy(() -> readAll(cold))
        .isInstanceOf(StorageException.StoreCorrupt.class)
        .hasMessageContaining("page 3 has an invalid value of 0 bytes");
  }

  @ParameterizedTest
  @CsvSource({"0, 64000000", "60, 64000000", "0, 0", "60, 0"})
  void cutOff_andGrownAgain_readsAsZerosAndHasRows(int keepSeconds, long bufferBytes) {
    PageOptions options =
        options().memory(1_000_000, bufferBytes).keepOldPages(Duration.ofSeconds(keepSeconds));
    DatabaseFile file = open(base, options).create("a");
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
    write(file, 0, filled(1, 1)); // removes old pages
    assertThat(readAll(file)).isEqualTo(expected);
    everyPageHasARow(file);
  }

  @Test
  void file_growsByManyHoles_commitsInBoundedSteps() {
    DialStore dial = new DialStore(base);
    DatabaseFile file = open(dial, options()).create("a");
    write(file, 0, filled(10, 1));
    long writes = dial.writes.get();
    long end = 50_001L * StoreLayout.PAGE_BYTES;
    write(file, end, filled(1, 1));
    assertThat(dial.writes.get() - writes).isEqualTo(4); // three precede the switch
    Range parts = StoreLayout.changes(file.number(), 3L, 3L);
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
    DatabaseFile file = open(base, options()).create("places");
    byte[] header = new byte[bytes];
    if (bytes > 40) {
      header[40] = 3;
    }
    base.write(
        transaction -> {
          transaction.put(StoreLayout.SIZE, StoreLayout.file(file.number()), header);
          return file;
        });
    assertThatThrownBy(() -> readAll(file))
        .isInstanceOf(StorageException.StoreUnusable.class)
        .hasMessageContaining("The pages of places have " + named);
  }

  @Test
  void file_headerOfWrongLength_isCorrupt() {
    DatabaseFile file = open(base, options()).create("places");
    write(file, 0, filled(StoreLayout.PAGE_BYTES, 1));
    base.write(
        transaction -> {
          transaction.put(StoreLayout.SIZE, StoreLayout.file(file.number()), new byte[7]);
          return file;
        });
    assertThatThrownBy(() -> readAll(file))
        .isInstanceOf(StorageException.StoreCorrupt.class)
        .hasMessageContaining("places")
        .hasMessageContaining("its header has 7 bytes");
  }
}
