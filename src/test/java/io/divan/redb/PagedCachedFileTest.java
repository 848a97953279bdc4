package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagedCachedFileTest {
  private static final FileLayout LAYOUT = new FileLayout(0, 4096, 0, 2048);
  private static final int PAGE = PageNumber.PAGE_BYTES;

  private final HeapFile disk = new HeapFile(LAYOUT.fileBytes());
  private final SharedPageCache cache = new SharedPageCache(64 * PAGE);
  private final PagedCachedFile pages =
      new PagedCachedFile(disk, "some.redb", LAYOUT, cache, 32 * PAGE);

  private static long page(int index) {
    return PageNumber.of(0, index, 0);
  }

  private static void stamp(byte[] bytes, long value) {
    ByteBuffer.wrap(bytes).putLong(value).putLong(bytes.length - 8, ~value);
  }

  private static long stampOf(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    assertThat(buffer.getLong(bytes.length - 8)).isEqualTo(~buffer.getLong(0));
    return buffer.getLong(0);
  }

  private void create(long page, long value) {
    stamp(pages.create(page), value);
  }

  @Test
  void read_unwrittenPage_comesFromMemory() {
    create(page(3), 77);
    assertThat(stampOf(pages.read(page(3)))).isEqualTo(77);
    assertThat(disk.calls).isEmpty();
    assertThat(disk.reads).isZero();
    pages.writeDirty();
    assertThat(disk.calls).containsExactly("write " + 4 * PAGE + " " + PAGE);
    assertThat(pages.dirtyBytes()).isZero();
    assertThat(stampOf(pages.read(page(3)))).isEqualTo(77);
    assertThat(disk.reads).isZero();
    pages.clear();
    assertThat(stampOf(pages.read(page(3)))).isEqualTo(77);
    assertThat(disk.reads).isOne();
  }

  @Test
  void create_existingPage_isZeroed() {
    create(page(3), 77);
    pages.writeDirty();
    assertThat(pages.create(page(3))).containsOnly(0);
    assertThat(pages.create(PageNumber.of(0, 1, 3))).hasSize(8 * PAGE);
  }

  @Test
  void read_numberWithUnusedBits_isTheSamePage() {
    long page = PageNumber.of(0, 1, 3);
    create(page, 5);
    assertThat(stampOf(pages.read(page | 1L << 45 | 1L << 18))).isEqualTo(5);
  }

  @Test
  void writeDirty_neighbours_areOneWriteInFileOrder() {
    create(page(500), 1);
    for (int i = 0; i < 20; i++) {
      create(page(19 - i), i);
    }
    create(PageNumber.of(0, 10, 1), 20);
    pages.writeDirty();
    assertThat(disk.calls)
        .containsExactly("write " + PAGE + " " + 22 * PAGE, "write " + 501 * PAGE + " " + PAGE);
    assertThat(stampOf(disk.bytes(2 * PAGE, PAGE))).isEqualTo(18);
    assertThat(stampOf(disk.bytes(21 * PAGE, 2 * PAGE))).isEqualTo(20);
    assertThat(stampOf(disk.bytes(501 * PAGE, PAGE))).isEqualTo(1);
  }

  @Test
  void writeDirty_manyNeighbours_writesAtMostAMegabyteAtOnce() {
    for (int i = 0; i < 600; i++) {
      create(page(i), i);
    }
    create(PageNumber.of(0, 1, 10), 9999);
    pages.writeDirty();
    assertThat(disk.calls)
        .containsExactly(
            "write " + PAGE + " " + 256 * PAGE,
            "write " + 257 * PAGE + " " + 256 * PAGE,
            "write " + 513 * PAGE + " " + 88 * PAGE,
            "write " + 1025 * PAGE + " " + 1024 * PAGE);
    for (int i = 0; i < 600; i++) {
      assertThat(stampOf(disk.bytes((i + 1L) * PAGE, PAGE))).isEqualTo(i);
    }
  }

  /** Reports 3,000 used bytes for each page. */
  private static final Pages.Check PARTLY_USED =
      new Pages.Check() {
        @Override
        public void check(long page, byte[] content) {
          assertThat(content[2999]).isEqualTo((byte) page);
        }

        @Override
        public int used(byte[] page, int known) {
          assertThat(known).isLessThan(3000);
          return 3000;
        }
      };

  private void fill(int type) {
    for (int i = 0; i < 200; i++) {
      byte[] bytes = pages.create(page(i));
      Arrays.fill(bytes, (byte) page(i));
      bytes[0] = (byte) type;
    }
    pages.writeDirty();
    pages.clear();
    for (int i = 0; i < 100; i++) {
      pages.read(page(i));
    }
  }

  @Test
  void read_leafThatIsNotCached_readsItsUsedBytesIntoTheSpareArray() {
    fill(TreeFormat.LEAF);
    byte[] spare = new byte[PAGE];
    for (int i = 110; i < 113; i++) {
      spare[3000] = 77;
      assertThat(pages.read(page(i), PARTLY_USED, spare)).isSameAs(spare);
      assertThat(Arrays.copyOfRange(spare, 1, 3000)).containsOnly((byte) page(i));
      assertThat(spare[3000]).isEqualTo((byte) 77);
    }
    // After its second miss it is cached, as a whole and in an array of its own.
    byte[] kept = pages.read(page(111), PARTLY_USED, spare);
    assertThat(Arrays.copyOfRange(kept, 1, PAGE)).containsOnly((byte) page(111));
    assertThat(kept).isNotSameAs(spare).isSameAs(pages.read(page(111)));
    assertThat(pages.read(page(115), PARTLY_USED, new byte[0])).hasSize(PAGE);
  }

  @Test
  void read_branchWithSpareArray_cachesItInAnArrayOfItsOwn() {
    fill(TreeFormat.BRANCH);
    byte[] spare = new byte[PAGE];
    byte[] read = pages.read(page(150), Pages.Check.NONE, spare);
    assertThat(read).isNotSameAs(spare).isSameAs(pages.read(page(150)));
    Arrays.fill(spare, (byte) 1);
    assertThat(Arrays.copyOfRange(read, 1, PAGE)).containsOnly((byte) page(150));
  }

  @Test
  void drop_unwrittenPage_isNotWritten() {
    create(page(1), 1);
    create(page(2), 2);
    pages.drop(page(1));
    pages.writeDirty();
    assertThat(disk.calls).containsExactly("write " + 3 * PAGE + " " + PAGE);
  }

  @Test
  void drop_writtenPage_isReadAgainFromTheFile() {
    create(page(1), 1);
    pages.writeDirty();
    pages.drop(page(1));
    pages.drop(page(1));
    assertThat(cache.bytes()).isZero();
    assertThat(stampOf(pages.read(page(1)))).isEqualTo(1);
    assertThat(disk.reads).isOne();
  }

  @Test
  void spill_overTheLimit_writesTheOldestAndReadsThemBack() {
    for (int i = 0; i < 31; i++) {
      create(page(2 * i), i);
      pages.spill();
    }
    assertThat(disk.calls).isEmpty();
    create(page(100), 31);
    pages.spill();
    assertThat(disk.calls).hasSize(9).contains("write " + PAGE + " " + PAGE);
    assertThat(pages.dirtyBytes()).isBetween(20L * PAGE, 24L * PAGE);
    pages.clear();
    stamp(pages.change(page(0)), 1000);
    pages.writeDirty();
    assertThat(stampOf(disk.bytes(PAGE, PAGE))).isEqualTo(1000);
  }

  @Test
  void spill_changedPage_isWrittenLater() {
    for (int i = 0; i < 31; i++) {
      create(page(2 * i), i);
    }
    stamp(pages.change(page(0)), 500);
    create(page(100), 31);
    pages.spill();
    assertThat(disk.calls).isNotEmpty().doesNotContain("write " + PAGE + " " + PAGE);
    stamp(pages.change(page(2)), 501);
    pages.writeDirty();
    assertThat(stampOf(disk.bytes(PAGE, PAGE))).isEqualTo(500);
    assertThat(stampOf(disk.bytes(3 * PAGE, PAGE))).isEqualTo(501);
  }

  @Test
  void change_writtenPage_isWrittenAgain() {
    byte[] first = pages.create(page(1));
    stamp(first, 1);
    pages.writeDirty();
    stamp(pages.change(page(1)), 2);
    assertThat(pages.change(page(1))).isSameAs(first);
    pages.writeDirty();
    assertThat(stampOf(disk.bytes(2 * PAGE, PAGE))).isEqualTo(2);
    assertThat(disk.calls).hasSize(2);
  }

  @Test
  void cache_manyPages_staysWithinItsLimit() {
    for (int i = 0; i < 1500; i++) {
      pages.read(page(i));
      assertThat(cache.bytes()).isLessThanOrEqualTo(64 * PAGE);
    }
    assertThat(cache.bytes()).isGreaterThan(56 * PAGE);
    assertThat(disk.reads).isEqualTo(1500);
  }

  @Test
  void cache_pageLargerThanAQuarter_isNotCached() {
    SharedPageCache small = new SharedPageCache(32 * PAGE);
    PagedCachedFile other = new PagedCachedFile(disk, "other.redb", LAYOUT, small, 32 * PAGE);
    long tooLarge = PageNumber.of(0, 1, 3);
    other.read(tooLarge);
    other.read(tooLarge);
    assertThat(disk.reads).isEqualTo(2);
    other.read(PageNumber.of(0, 4, 2));
    other.read(PageNumber.of(0, 4, 2));
    assertThat(disk.reads).isEqualTo(3);
    stamp(other.change(tooLarge), 8);
    other.writeDirty();
    assertThat(stampOf(other.read(tooLarge))).isEqualTo(8);
  }

  @Test
  void cache_largeLeaf_isNotCached() {
    long large = PageNumber.of(0, 1, 4);
    create(large, 7);
    create(page(0), 8);
    assertThat(stampOf(pages.read(large))).isEqualTo(7);
    pages.writeDirty();
    assertThat(cache.bytes()).isLessThan(2 * PAGE);
    assertThat(stampOf(pages.read(large))).isEqualTo(7);
    assertThat(cache.bytes()).isLessThan(2 * PAGE);
    assertThat(disk.reads).isPositive();
  }

  @Test
  void cache_largeBranch_isCached() {
    SharedPageCache roomy = new SharedPageCache(128 * PAGE);
    PagedCachedFile other = new PagedCachedFile(disk, "other.redb", LAYOUT, roomy, 32 * PAGE);
    long branch = PageNumber.of(0, 1, 4);
    other.create(branch)[0] = TreeFormat.BRANCH;
    other.writeDirty();
    assertThat(other.read(branch)[0]).isEqualTo((byte) TreeFormat.BRANCH);
    assertThat(disk.reads).isZero();
  }

  @Test
  void writeLarge_writesLargeLeavesUpToTheirUsedSize() {
    long large = PageNumber.of(0, 1, 4);
    create(page(0), 8);
    Arrays.fill(pages.create(large), (byte) 5);
    pages.used(large, 70_000 - 3 * PAGE);
    pages.writeLarge();
    int written = 15 * PAGE;
    assertThat(disk.calls).containsExactly("write " + 17 * PAGE + " " + written, "behind");
    assertThat(disk.bytes(17 * PAGE, written)).containsOnly(5);
    assertThat(pages.dirtyBytes()).isLessThan(2 * PAGE);

    Arrays.fill(pages.change(large), (byte) 6);
    pages.writeDirty();
    assertThat(disk.bytes(17 * PAGE, 16 * PAGE)).as("changed again").containsOnly(6);
  }

  @Test
  void writeLarge_withoutLargeLeaves_doesNothing() {
    create(page(0), 8);
    pages.writeLarge();
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void writeLarge_failedSyncBehind_failsUntilReopened() {
    pages.create(PageNumber.of(0, 1, 4));
    disk.failing = "writeBehind";
    assertThatThrownBy(pages::writeLarge).isInstanceOf(RedbException.Failed.class);
    disk.failing = "";
    assertThatThrownBy(pages::writeDirty).isInstanceOf(RedbException.Failed.class);
  }

  @Test
  void cache_scan_doesNotEvictUsedPages() {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 10; i++) {
        pages.read(page(i));
      }
    }
    for (int i = 100; i < 150; i++) {
      pages.read(page(i));
    }
    for (int i = 150; i < 400; i++) {
      pages.read(page(i));
      pages.read(page(i % 10));
    }
    assertThat(disk.reads).isEqualTo(10 + 300);
  }

  @Test
  void read_verifier_runsOnceForAPageFromTheFile() {
    int[] looks = new int[1];
    Pages.Check verifier = (page, bytes) -> looks[0]++;
    create(page(1), 1);
    pages.read(page(1), verifier);
    pages.writeDirty();
    pages.read(page(1), verifier);
    assertThat(looks[0]).isZero();
    pages.clear();
    pages.read(page(1));
    pages.read(page(1), verifier);
    pages.read(page(1), verifier);
    assertThat(looks[0]).isOne();
    assertThat(disk.reads).isOne();
  }

  @Test
  void read_rejectedByTheVerifier_isNotCached() {
    Pages.Check refusing =
        (page, bytes) -> {
          throw new RedbException.Corrupted("wrong");
        };
    for (int i = 1; i <= 2; i++) {
      assertThatThrownBy(() -> pages.read(page(1), refusing))
          .isInstanceOf(RedbException.Corrupted.class);
      assertThat(disk.reads).isEqualTo(i);
    }
    pages.read(page(1));
    assertThatThrownBy(() -> pages.read(page(1), refusing))
        .isInstanceOf(RedbException.Corrupted.class);
  }

  @Test
  void read_pageOutsideTheLayout_isCorruptedWithoutARead() {
    for (long page : new long[] {page(2048), PageNumber.of(1, 0, 0), PageNumber.of(0, 0, 31), -1,
      1L << 63}) {
      assertThatThrownBy(() -> pages.read(page))
          .isInstanceOf(RedbException.Corrupted.class)
          .hasMessageContaining("some.redb")
          .hasMessageContaining(PageNumber.text(page));
    }
    assertThat(disk.reads).isZero();
  }

  @Test
  void read_pageTooLargeForAnArray_isUnsupported() {
    FileLayout huge = new FileLayout(0, 1 << 20, 1, 0);
    PagedCachedFile other = new PagedCachedFile(disk, "huge.redb", huge, cache, 32 * PAGE);
    for (int order : new int[] {19, 20}) {
      assertThatThrownBy(() -> other.read(PageNumber.of(0, 0, order)))
          .isInstanceOf(RedbException.Unsupported.class);
    }
  }

  @Test
  void read_fileThatIsShorter_isCorrupted() throws Exception {
    disk.setLength(100 * PAGE);
    assertThatThrownBy(() -> pages.read(page(99)))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("ends before page r0.99/0");
  }

  @Test
  void read_fails_failsOnlyThisCall() {
    disk.failing = "read";
    assertThatThrownBy(() -> pages.read(page(7)))
        .isInstanceOf(RedbException.Failed.class)
        .hasMessageContaining("r0.7/0");
    disk.failing = "";
    assertThat(pages.read(page(7))).hasSize(PAGE);
    create(page(8), 1);
    pages.writeDirty();
    pages.sync();
  }

  @ParameterizedTest
  @ValueSource(strings = {"write", "header", "sync", "shorten", "sync of an extension"})
  void failedWriteOrSync_rejectsAllLaterCalls(String what) {
    create(page(8), 1);
    disk.failing =
        switch (what) {
          case "header" -> "write";
          case "shorten" -> "setLength";
          case "sync of an extension" -> "sync";
          default -> what;
        };
    Consumer<PagedCachedFile> action =
        switch (what) {
          case "write" -> PagedCachedFile::writeDirty;
          case "header" -> file -> file.writeHeader(new byte[DatabaseHeader.BYTES]);
          case "sync" -> PagedCachedFile::sync;
          case "shorten" -> file -> file.resize(new FileLayout(0, 4096, 0, 1000));
          default -> file -> {
            file.resize(new FileLayout(0, 4096, 0, 3000));
            file.writeHeader(new byte[DatabaseHeader.BYTES]);
          };
        };
    assertThatThrownBy(() -> action.accept(pages))
        .isInstanceOf(RedbException.Failed.class)
        .hasMessageContaining("some.redb")
        .hasMessageContaining("reopen the file");
    disk.failing = "";
    List<ThrowingCallable> all =
        List.of(
            () -> pages.read(page(8)),
            () -> pages.create(page(9)),
            () -> pages.change(page(8)),
            pages::spill,
            pages::writeDirty,
            pages::sync,
            () -> pages.writeHeader(new byte[DatabaseHeader.BYTES]),
            () -> pages.resize(LAYOUT));
    int before = disk.calls.size();
    for (ThrowingCallable one : all) {
      assertThatThrownBy(one)
          .isInstanceOf(RedbException.Failed.class)
          .hasMessageContaining("reopen the file");
    }
    assertThat(disk.calls).hasSize(before);
  }

  @Test
  void writeFlag_noSpace_isFullAndCanBeRepeated() {
    byte[] header = new byte[DatabaseHeader.BYTES];
    disk.failing = "write";
    disk.message = "No space left on device";
    assertThatThrownBy(() -> pages.writeFlag(header)).isInstanceOf(RedbException.Full.class);
    disk.failing = "";
    pages.writeFlag(header);
    pages.sync();
  }

  @Test
  void writeDirty_noSpace_isFullAndCanBeRepeated() {
    create(page(8), 1);
    disk.failing = "write";
    disk.message = "No space left on device";
    assertThatThrownBy(pages::writeDirty).isInstanceOf(RedbException.Full.class);
    assertThat(stampOf(pages.read(page(8)))).isEqualTo(1);
    disk.failing = "";
    pages.writeDirty();
    assertThat(stampOf(disk.bytes(9 * PAGE, PAGE))).isEqualTo(1);
  }

  @Test
  void writeDirty_noSpaceInAnotherLanguage_isFullAndCanBeRepeated() {
    create(page(8), 1);
    disk.failing = "write";
    disk.message = "Auf dem Gerät ist kein Speicherplatz mehr verfügbar";
    disk.usableBytes = PAGE - 1;
    assertThatThrownBy(pages::writeDirty).isInstanceOf(RedbException.Full.class);
    disk.failing = "";
    pages.writeDirty();
    assertThat(stampOf(disk.bytes(9 * PAGE, PAGE))).isEqualTo(1);
  }

  @Test
  void writeDirty_failsWithSpaceLeft_isFailed() {
    create(page(8), 1);
    disk.failing = "write";
    disk.usableBytes = 100_000_000;
    assertThatThrownBy(pages::writeDirty).isInstanceOf(RedbException.Failed.class);
  }

  @Test
  void resize_noSpaceInAnotherLanguage_cutsOffWhatWasAdded() throws Exception {
    FileLayout longer = LAYOUT.grown(0).orElseThrow();
    disk.failing = "half of setLength";
    disk.message = "Auf dem Gerät ist kein Speicherplatz mehr verfügbar";
    disk.usableBytes = longer.fileBytes() - LAYOUT.fileBytes() - 1;
    assertThatThrownBy(() -> pages.resize(longer)).isInstanceOf(RedbException.Full.class);
    assertThat(disk.length()).isEqualTo(LAYOUT.fileBytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"setLength", "half of setLength"})
  void resize_noSpace_isFullAndKeepsTheFile(String failing) throws Exception {
    FileLayout longer = LAYOUT.grown(0).orElseThrow();
    disk.failing = failing;
    disk.message = failing.equals("setLength") ? "broken" : "No space left on device";
    assertThatThrownBy(() -> pages.resize(longer)).isInstanceOf(RedbException.Full.class);
    disk.failing = "";
    assertThat(disk.length()).isEqualTo(LAYOUT.fileBytes());
    assertThat(pages.layout()).isEqualTo(LAYOUT);
    pages.resize(longer);
    assertThat(pages.layout()).isEqualTo(longer);
    assertThat(disk.calls).endsWith("length " + longer.fileBytes());
  }

  @Test
  void writeHeader_fileHasGrown_lengthIsSyncedBefore() {
    FileLayout longer = LAYOUT.grown(0).orElseThrow();
    pages.resize(longer);
    pages.writeHeader(new byte[DatabaseHeader.BYTES]);
    pages.writeHeader(new byte[DatabaseHeader.BYTES]);
    String header = "write 0 " + DatabaseHeader.BYTES;
    assertThat(disk.calls)
        .containsExactly("length " + longer.fileBytes(), "sync", header, header);
  }

  @Test
  void resize_failsAndLeavesAnotherLength_isFailed() {
    disk.failing = "half of setLength";
    assertThatThrownBy(() -> pages.resize(LAYOUT.grown(0).orElseThrow()))
        .isInstanceOf(RedbException.Failed.class);
  }

  @Test
  void resize_shorter_truncates() throws Exception {
    FileLayout shorter = new FileLayout(0, 4096, 0, 900);
    pages.resize(shorter);
    assertThat(disk.length()).isEqualTo(shorter.fileBytes());
    assertThatThrownBy(() -> pages.read(page(900))).isInstanceOf(RedbException.Corrupted.class);
  }

  @Test
  void header_isWrittenAtTheBeginning() {
    byte[] header = DatabaseHeader.initial(LAYOUT).format(true);
    pages.writeHeader(header);
    assertThat(PagedCachedFile.readHeader(disk, "some.redb")).isEqualTo(header);
    assertThat(PagedCachedFile.readHeader(new HeapFile(20), "short.redb")).hasSize(20);
    disk.failing = "read";
    assertThatThrownBy(() -> PagedCachedFile.readHeader(disk, "some.redb"))
        .isInstanceOf(RedbException.Failed.class);
  }

  @Test
  void create_manyUnwrittenPages_allStay() {
    for (int i = 0; i < 2000; i++) {
      create(page(i), i);
    }
    for (int i = 0; i < 2000; i++) {
      assertThat(stampOf(pages.read(page(i)))).isEqualTo(i);
    }
    assertThat(disk.reads).isZero();
    pages.writeDirty();
    assertThat(cache.bytes()).isLessThanOrEqualTo(64 * PAGE);
    assertThat(Arrays.copyOf(disk.bytes(2000 * PAGE, 8), 8))
        .isEqualTo(ByteBuffer.allocate(8).putLong(1999).array());
  }
}
