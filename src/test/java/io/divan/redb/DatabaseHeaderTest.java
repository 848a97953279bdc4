package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DatabaseHeaderTest {
  private static final long SEED = Long.getLong("divan.seed", 23);
  private static final FileLayout LAYOUT = new FileLayout(0, 64, 2, 20);
  private static final long LENGTH = LAYOUT.fileBytes();
  private static final int FLAGS = 9;
  private static final int SLOT = 64;
  private static final int SLOT_BYTES = 128;

  static List<String> samples() {
    return StoredAllocators.NAMES;
  }

  private static DatabaseHeader.Slot slot(long id) {
    TreeRoot root = new TreeRoot(PageNumber.of(1, 3, 2), new Checksum(id, -id), 7 * id);
    return new DatabaseHeader.Slot(Optional.of(root), Optional.empty(), id);
  }

  /** Returns a header with commit 9 in slot 1, the primary, and commit 8 in slot 0. */
  private static DatabaseHeader twoCommits(boolean twoPhase) {
    return DatabaseHeader.initial(LAYOUT)
        .withSecondary(slot(8))
        .swapped(false)
        .withSecondary(slot(8))
        .swapped(false)
        .withSecondary(slot(9))
        .swapped(twoPhase);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void parse_headerOfRedb_formatsTheSame(String name) {
    byte[] file = StoredAllocators.bytes(name);
    DatabaseHeader.Opened opened = DatabaseHeader.parse(file, file.length);
    assertThat(opened.clean()).isTrue();
    assertThat(opened.recoveryRequired()).isEqualTo(name.equals("quick"));
    assertThat(opened.header().isSecondaryWhole()).isTrue();
    assertThat(opened.header().layout().fileBytes()).isEqualTo(file.length);
    assertThat(opened.header().format(true)).isEqualTo(Arrays.copyOf(file, DatabaseHeader.BYTES));
  }

  @Test
  void parse_whatWasFormatted_isTheSame() {
    DatabaseHeader header = twoCommits(true).withOpen(true);
    DatabaseHeader.Opened opened = DatabaseHeader.parse(header.format(true), LENGTH);
    assertThat(opened.header().primary()).isEqualTo(slot(9));
    assertThat(opened.header().secondary()).isEqualTo(slot(8));
    assertThat(opened.header().isTwoPhase()).isTrue();
    assertThat(opened.header().isOpen()).isTrue();
    assertThat(opened.header().layout()).isEqualTo(LAYOUT);
    assertThat(opened.recoveryRequired()).isTrue();
    assertThat(opened.clean()).isTrue();
    assertThat(opened.header().format(true)).isEqualTo(header.format(true));
  }

  @Test
  void initial_isEmpty() {
    DatabaseHeader.Opened opened =
        DatabaseHeader.parse(DatabaseHeader.initial(LAYOUT).format(true), LENGTH);
    assertThat(opened.recoveryRequired()).isFalse();
    assertThat(opened.header().primary())
        .isEqualTo(new DatabaseHeader.Slot(Optional.empty(), Optional.empty(), 0));
  }

  /**
   * The commit that is chosen by the rules of redb's header.rs; 0 means that the header is
   * corrupted. The flag names the slot of commit 9 or 8; the disk may have lost or torn either.
   */
  @ParameterizedTest
  @CsvSource({
    "9, true, true, false, 9",
    "9, true, false, false, 9",
    "9, false, true, false, 8",
    "9, false, false, false, 0",
    "8, true, true, false, 9",
    "8, true, false, false, 8",
    "8, false, true, false, 9",
    "9, true, true, true, 9",
    "9, true, false, true, 9",
    "9, false, true, true, 0",
    "8, true, true, true, 8"
  })
  void parse_afterCrash_choosesTheCommit(
      int named, boolean namedWhole, boolean otherWhole, boolean twoPhase, int expected) {
    byte[] bytes = twoCommits(twoPhase).withOpen(true).format(true);
    int namedSlot = named == 9 ? 1 : 0;
    bytes[FLAGS] = (byte) (bytes[FLAGS] & ~1 | namedSlot);
    if (!namedWhole) {
      bytes[SLOT + namedSlot * SLOT_BYTES + 20] ^= 1;
    }
    if (!otherWhole) {
      bytes[SLOT + (namedSlot ^ 1) * SLOT_BYTES + 127] ^= 1;
    }
    if (expected == 0) {
      assertThatThrownBy(() -> DatabaseHeader.parse(bytes, LENGTH))
          .isInstanceOf(RedbException.Corrupted.class);
      return;
    }
    DatabaseHeader.Opened opened = DatabaseHeader.parse(bytes, LENGTH);
    assertThat(opened.header().primary().transactionId()).isEqualTo(expected);
    assertThat(opened.clean()).isEqualTo(expected == named);
  }

  @Test
  void format_slotWithWrongChecksum_keepsItsBytesUntilACommit() {
    byte[] bytes = twoCommits(false).format(true);
    bytes[SLOT + 30] ^= 4;
    DatabaseHeader header = DatabaseHeader.parse(bytes, LENGTH).header();
    assertThat(header.isSecondaryWhole()).isFalse();
    assertThat(header.withOpen(false).format(true)).isEqualTo(bytes);
    DatabaseHeader next =
        DatabaseHeader.parse(header.withSecondary(slot(10)).format(true), LENGTH).header();
    assertThat(next.isSecondaryWhole()).isTrue();
    assertThat(next.primary()).isEqualTo(slot(10));
  }

  @Test
  void parse_openFile_derivesTheLayoutFromItsLength() {
    byte[] bytes = twoCommits(false).withOpen(true).format(true);
    FileLayout longer = new FileLayout(0, 64, 5, 1);
    DatabaseHeader.Opened opened = DatabaseHeader.parse(bytes, longer.fileBytes());
    assertThat(opened.header().layout()).isEqualTo(longer);
    assertThat(opened.clean()).isFalse();
    Arrays.fill(bytes, 24, 32, (byte) 0xFF);
    assertThat(DatabaseHeader.parse(bytes, longer.fileBytes()).header().layout()).isEqualTo(longer);
  }

  @Test
  void parse_closedFileOfAnotherLength_isCorruptedOrRecovered() {
    byte[] bytes = twoCommits(false).format(true);
    assertThatThrownBy(() -> DatabaseHeader.parse(bytes, LENGTH - 4096))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("truncated");
    DatabaseHeader.Opened opened = DatabaseHeader.parse(bytes, LENGTH + 4096);
    assertThat(opened.header().layout()).isEqualTo(new FileLayout(0, 64, 2, 21));
    assertThat(opened.recoveryRequired()).isTrue();
    assertThat(opened.clean()).isFalse();
    assertThatThrownBy(() -> DatabaseHeader.parse(bytes, LENGTH + 1))
        .isInstanceOf(RedbException.Corrupted.class);
  }

  @Test
  void parse_closedFileWithInvalidRegionCounts_isCorrupted() {
    byte[] bytes = twoCommits(false).format(true);
    bytes[28] = 65;
    assertThatThrownBy(() -> DatabaseHeader.parse(bytes, LENGTH))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("counts");
  }

  @ParameterizedTest
  @CsvSource({"64, 1", "192, 2"})
  void parse_olderVersion_isUnsupported(int at, byte version) {
    byte[] bytes = twoCommits(false).format(true);
    bytes[at] = version;
    assertThatThrownBy(() -> DatabaseHeader.parse(bytes, LENGTH))
        .isInstanceOf(RedbException.Unsupported.class)
        .hasMessageContaining("version " + version);
  }

  @Test
  void parse_nonsense_isCorrupted() {
    byte[] bytes = twoCommits(false).format(true);
    bytes[64] = 4;
    assertThatThrownBy(() -> DatabaseHeader.parse(bytes, LENGTH))
        .isInstanceOf(RedbException.Corrupted.class);
    assertThatThrownBy(() -> DatabaseHeader.parse(new byte[DatabaseHeader.BYTES], LENGTH))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("not a redb database");
    assertThatThrownBy(() -> DatabaseHeader.parse(new byte[3], 3))
        .isInstanceOf(RedbException.Corrupted.class);
    byte[] pages = twoCommits(false).format(true);
    pages[13] = 0x20;
    assertThatThrownBy(() -> DatabaseHeader.parse(pages, LENGTH))
        .isInstanceOf(RedbException.Unsupported.class)
        .hasMessageContaining("8192");
  }

  @Test
  void parse_anyBytesChanged_isReadOrRejected() {
    Random random = new Random(SEED);
    byte[] whole = twoCommits(false).withOpen(true).format(true);
    int refused = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = whole.clone();
      for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
        bytes[random.nextInt(DatabaseHeader.BYTES)] = (byte) random.nextInt();
      }
      try {
        DatabaseHeader.Opened opened = DatabaseHeader.parse(bytes, LENGTH);
        assertThat(opened.header().primary()).as("seed %d", SEED).isIn(slot(8), slot(9));
      } catch (RedbException.Corrupted | RedbException.Unsupported e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void isUnfinished_onlyIfNothingWasEverStored() {
    long length = FileLayout.INITIAL.fileBytes();
    DatabaseHeader header = DatabaseHeader.initial(FileLayout.INITIAL);
    assertThat(DatabaseHeader.isUnfinished(new byte[0], 0)).isTrue();
    assertThat(DatabaseHeader.isUnfinished(new byte[DatabaseHeader.BYTES], length)).isTrue();
    assertThat(DatabaseHeader.isUnfinished(header.format(false), length)).isTrue();
    assertThat(DatabaseHeader.isUnfinished(header.format(true), length)).isFalse();
    assertThat(DatabaseHeader.isUnfinished(header.format(false), length + 1)).isFalse();
    assertThat(DatabaseHeader.isUnfinished(twoCommits(false).format(false), length)).isFalse();
    assertThat(DatabaseHeader.isUnfinished(new byte[] {1, 2, 3}, 3)).isFalse();
  }
}
