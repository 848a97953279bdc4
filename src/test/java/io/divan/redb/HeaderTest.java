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

class HeaderTest {
  private static final long SEED = Long.getLong("divan.seed", 23);
  private static final Layout LAYOUT = new Layout(0, 64, 2, 20);
  private static final long LENGTH = LAYOUT.fileBytes();
  private static final int FLAGS = 9;
  private static final int SLOT = 64;
  private static final int SLOT_BYTES = 128;

  static List<String> samples() {
    return StoredAllocators.NAMES;
  }

  private static Header.Slot slot(long id) {
    TreeRoot root = new TreeRoot(PageNumber.of(1, 3, 2), new Checksum(id, -id), 7 * id);
    return new Header.Slot(Optional.of(root), Optional.empty(), id);
  }

  /** Primary slot 1 with commit 9, slot 0 with commit 8. */
  private static Header twoCommits(boolean twoPhase) {
    return Header.initial(LAYOUT)
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
    Header.Opened opened = Header.parse(file, file.length);
    assertThat(opened.clean()).isTrue();
    assertThat(opened.recoveryRequired()).isEqualTo(name.equals("quick"));
    assertThat(opened.header().isSecondaryWhole()).isTrue();
    assertThat(opened.header().layout().fileBytes()).isEqualTo(file.length);
    assertThat(opened.header().format(true)).isEqualTo(Arrays.copyOf(file, Header.BYTES));
  }

  @Test
  void parse_whatWasFormatted_isTheSame() {
    Header header = twoCommits(true).withOpen(true);
    Header.Opened opened = Header.parse(header.format(true), LENGTH);
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
    Header.Opened opened = Header.parse(Header.initial(LAYOUT).format(true), LENGTH);
    assertThat(opened.recoveryRequired()).isFalse();
    assertThat(opened.header().primary())
        .isEqualTo(new Header.Slot(Optional.empty(), Optional.empty(), 0));
  }

  /**
   * Which commit is gone on with, by the rules of redb's header.rs; 0: it is corrupted. The flag
   * names the slot of commit 9 or that of 8, where the disk lost or tore one of the two.
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
  void parse_afterACrash_choosesTheCommit(
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
      assertThatThrownBy(() -> Header.parse(bytes, LENGTH))
          .isInstanceOf(RedbException.Corrupted.class);
      return;
    }
    Header.Opened opened = Header.parse(bytes, LENGTH);
    assertThat(opened.header().primary().transactionId()).isEqualTo(expected);
    assertThat(opened.clean()).isEqualTo(expected == named);
  }

  @Test
  void format_slotWithAWrongChecksum_keepsItsBytesUntilACommit() {
    byte[] bytes = twoCommits(false).format(true);
    bytes[SLOT + 30] ^= 4;
    Header header = Header.parse(bytes, LENGTH).header();
    assertThat(header.isSecondaryWhole()).isFalse();
    assertThat(header.withOpen(false).format(true)).isEqualTo(bytes);
    Header next = Header.parse(header.withSecondary(slot(10)).format(true), LENGTH).header();
    assertThat(next.isSecondaryWhole()).isTrue();
    assertThat(next.primary()).isEqualTo(slot(10));
  }

  @Test
  void parse_openFile_takesTheLayoutFromItsLength() {
    byte[] bytes = twoCommits(false).withOpen(true).format(true);
    Layout longer = new Layout(0, 64, 5, 1);
    Header.Opened opened = Header.parse(bytes, longer.fileBytes());
    assertThat(opened.header().layout()).isEqualTo(longer);
    assertThat(opened.clean()).isFalse();
    Arrays.fill(bytes, 24, 32, (byte) 0xFF);
    assertThat(Header.parse(bytes, longer.fileBytes()).header().layout()).isEqualTo(longer);
  }

  @Test
  void parse_closedFileOfAnotherLength() {
    byte[] bytes = twoCommits(false).format(true);
    assertThatThrownBy(() -> Header.parse(bytes, LENGTH - 4096))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("cut off");
    Header.Opened opened = Header.parse(bytes, LENGTH + 4096);
    assertThat(opened.header().layout()).isEqualTo(new Layout(0, 64, 2, 21));
    assertThat(opened.recoveryRequired()).isTrue();
    assertThat(opened.clean()).isFalse();
    assertThatThrownBy(() -> Header.parse(bytes, LENGTH + 1))
        .isInstanceOf(RedbException.Corrupted.class);
  }

  @Test
  void parse_closedFileWithImpossibleCounts_isCorrupted() {
    byte[] bytes = twoCommits(false).format(true);
    bytes[28] = 65;
    assertThatThrownBy(() -> Header.parse(bytes, LENGTH))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("counts");
  }

  @ParameterizedTest
  @CsvSource({"64, 1", "192, 2"})
  void parse_olderVersion_isUnsupported(int at, byte version) {
    byte[] bytes = twoCommits(false).format(true);
    bytes[at] = version;
    assertThatThrownBy(() -> Header.parse(bytes, LENGTH))
        .isInstanceOf(RedbException.Unsupported.class)
        .hasMessageContaining("version " + version);
  }

  @Test
  void parse_nonsense_isCorrupted() {
    byte[] bytes = twoCommits(false).format(true);
    bytes[64] = 4;
    assertThatThrownBy(() -> Header.parse(bytes, LENGTH))
        .isInstanceOf(RedbException.Corrupted.class);
    assertThatThrownBy(() -> Header.parse(new byte[Header.BYTES], LENGTH))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("not a redb database");
    assertThatThrownBy(() -> Header.parse(new byte[3], 3))
        .isInstanceOf(RedbException.Corrupted.class);
    byte[] pages = twoCommits(false).format(true);
    pages[13] = 0x20;
    assertThatThrownBy(() -> Header.parse(pages, LENGTH))
        .isInstanceOf(RedbException.Unsupported.class)
        .hasMessageContaining("8192");
  }

  @Test
  void parse_anyBytesChanged_isReadOrRefused() {
    Random random = new Random(SEED);
    byte[] whole = twoCommits(false).withOpen(true).format(true);
    int refused = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = whole.clone();
      for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
        bytes[random.nextInt(Header.BYTES)] = (byte) random.nextInt();
      }
      try {
        Header.Opened opened = Header.parse(bytes, LENGTH);
        assertThat(opened.header().primary()).as("seed %d", SEED).isIn(slot(8), slot(9));
      } catch (RedbException.Corrupted | RedbException.Unsupported e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void isUnfinished_onlyWhereNothingWasEverStored() {
    long length = Layout.INITIAL.fileBytes();
    Header header = Header.initial(Layout.INITIAL);
    assertThat(Header.isUnfinished(new byte[0], 0)).isTrue();
    assertThat(Header.isUnfinished(new byte[Header.BYTES], length)).isTrue();
    assertThat(Header.isUnfinished(header.format(false), length)).isTrue();
    assertThat(Header.isUnfinished(header.format(true), length)).isFalse();
    assertThat(Header.isUnfinished(header.format(false), length + 1)).isFalse();
    assertThat(Header.isUnfinished(twoCommits(false).format(false), length)).isFalse();
    assertThat(Header.isUnfinished(new byte[] {1, 2, 3}, 3)).isFalse();
  }
}
