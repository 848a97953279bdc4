package io.divan.redb;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The header of a file: its first 320 bytes, little-endian. Immutable.
 *
 * <pre>
 *   0  9  magic number: "redb" 1A 0A A9 0D 0A
 *   9  1  flags: 1 slot 1 is the primary; 2 the file is open, or was not closed;
 *         4 the primary was committed in two phases
 *  10  2  unused
 *  12  4  page size in bytes: 4096
 *  16  4  header pages of a region
 *  20  4  data pages of a full region
 *  24  4  number of full regions
 *  28  4  data pages of the trailing region
 *  32 32  unused
 *  64 128 commit slot 0
 * 192 128 commit slot 1
 *
 *         a commit slot
 *   0  1  format version: 3
 *   1  1  whether there is a table tree
 *   2  1  whether there is a system table tree
 *   3  5  unused
 *   8 32  root of the table tree
 *  40 32  root of the system table tree
 *  72 32  unused
 * 104  8  transaction number
 * 112 16  checksum of the preceding 112 bytes
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The header lies in one 512-byte sector, so a write of it cannot tear. It may still reach
 *       the disk before or after the pages that it names.
 *   <li>A commit writes the secondary slot, and the flag that makes it the primary, in one write.
 *       The other slot holds the complete previous commit until the next one.
 *   <li>Page size and region sizes never change. The region counts have no checksum: in a file that
 *       was not closed they are derived from its length.
 *   <li>A slot with a wrong checksum keeps its bytes until a commit replaces it. Rewriting it
 *       therefore never makes it valid.
 * </ol>
 */
final class DatabaseHeader {
  static final int BYTES = 320;

  private static final byte[] MAGIC = {
    'r', 'e', 'd', 'b', 0x1A, 0x0A, (byte) 0xA9, 0x0D, 0x0A
  };
  private static final int FLAGS_AT = 9;
  private static final int PRIMARY_FLAG = 1;
  private static final int OPEN_FLAG = 2;
  private static final int TWO_PHASE_FLAG = 4;
  private static final int PAGE_BYTES_AT = 12;
  private static final int HEADER_PAGES_AT = 16;
  private static final int REGION_PAGES_AT = 20;
  private static final int FULL_REGIONS_AT = 24;
  private static final int TRAILING_PAGES_AT = 28;
  private static final int SLOTS_AT = 64;

  private static final int SLOT_BYTES = 128;
  private static final byte VERSION = 3;
  private static final int USER_AT = 8;
  private static final int SYSTEM_AT = USER_AT + TreeRoot.BYTES;
  private static final int TRANSACTION_AT = 104;
  private static final int CHECKSUM_AT = 112;

  /**
   * The state that one commit left.
   *
   * @param user the table tree; empty if there are no tables
   * @param system the system table tree; empty if there are no system tables
   * @param transactionId the transaction number, which increases with each commit
   */
  record Slot(Optional<TreeRoot> user, Optional<TreeRoot> system, long transactionId) {}

  /**
   * The result of reading a header.
   *
   * @param header the header with the layout that fits the file's length and with the slot to use
   *     as its primary; if it is not {@code clean}, it must be written and synced before anything
   *     else
   * @param recoveryRequired whether the file was not closed, or has a different length than when it
   *     was closed: the allocated pages are then known only after a walk of all pages
   * @param clean whether the header on disk is identical
   */
  record Opened(DatabaseHeader header, boolean recoveryRequired, boolean clean) {}

  private final FileLayout layout;
  private final int primary;
  private final boolean open;
  private final boolean twoPhase;
  private final Slot[] slots;
  // The bytes of each slot whose checksum is wrong.
  private final byte[] @Nullable [] wrong;

  private DatabaseHeader(
      FileLayout layout,
      int primary,
      boolean open,
      boolean twoPhase,
      Slot[] slots,
      byte[] @Nullable [] wrong) {
    this.layout = layout;
    this.primary = primary;
    this.open = open;
    this.twoPhase = twoPhase;
    this.slots = slots;
    this.wrong = wrong;
  }

  /** Returns the header of an empty database, as redb first writes it. */
  static DatabaseHeader initial(FileLayout layout) {
    Slot empty = new Slot(Optional.empty(), Optional.empty(), 0);
    return new DatabaseHeader(
        layout, 0, false, true, new Slot[] {empty, empty}, new byte[2] @Nullable []);
  }

  FileLayout layout() {
    return layout;
  }

  /** Returns the slot of the last durable commit. */
  Slot primary() {
    return slots[primary];
  }

  /** Returns the slot of the previous commit, or of an unfinished one. */
  Slot secondary() {
    return slots[primary ^ 1];
  }

  /** Returns whether the checksum of {@link #secondary} is right. */
  boolean isSecondaryWhole() {
    return wrong[primary ^ 1] == null;
  }

  /** Returns whether the file is open, or was not closed. */
  boolean isOpen() {
    return open;
  }

  /** Returns whether the primary's pages were durable before it became the primary. */
  boolean isTwoPhase() {
    return twoPhase;
  }

  DatabaseHeader withLayout(FileLayout next) {
    return new DatabaseHeader(next, primary, open, twoPhase, slots, wrong);
  }

  DatabaseHeader withOpen(boolean next) {
    return new DatabaseHeader(layout, primary, next, twoPhase, slots, wrong);
  }

  /** Replaces the secondary slot, which takes effect with {@link #swapped}. */
  DatabaseHeader withSecondary(Slot next) {
    Slot[] both = slots.clone();
    byte[] @Nullable [] bytes = wrong.clone();
    both[primary ^ 1] = next;
    bytes[primary ^ 1] = null;
    return new DatabaseHeader(layout, primary, open, twoPhase, both, bytes);
  }

  /** Swaps primary and secondary: completes a commit, or reverts an unfinished one. */
  DatabaseHeader swapped(boolean nextTwoPhase) {
    return new DatabaseHeader(layout, primary ^ 1, open, nextTwoPhase, slots, wrong);
  }

  /** Serializes the header. Without the magic number, no program treats the file as a database. */
  byte[] format(boolean magic) {
    byte[] result = new byte[BYTES];
    if (magic) {
      System.arraycopy(MAGIC, 0, result, 0, MAGIC.length);
    }
    result[FLAGS_AT] =
        (byte) ((primary == 1 ? PRIMARY_FLAG : 0)
            | (open ? OPEN_FLAG : 0)
            | (twoPhase ? TWO_PHASE_FLAG : 0));
    ByteBuffer buffer = ByteBuffer.wrap(result).order(LITTLE_ENDIAN);
    buffer
        .putInt(PAGE_BYTES_AT, PageNumber.PAGE_BYTES)
        .putInt(HEADER_PAGES_AT, layout.headerPages())
        .putInt(REGION_PAGES_AT, layout.regionPages())
        .putInt(FULL_REGIONS_AT, layout.fullRegions())
        .putInt(TRAILING_PAGES_AT, layout.trailingPages());
    for (int i = 0; i < 2; i++) {
      int at = SLOTS_AT + i * SLOT_BYTES;
      byte[] bytes = wrong[i];
      if (bytes == null) {
        formatSlot(slots[i], buffer, at);
      } else {
        System.arraycopy(bytes, 0, result, at, SLOT_BYTES);
      }
    }
    return result;
  }

  private static void formatSlot(Slot slot, ByteBuffer buffer, int at) {
    buffer.put(at, VERSION);
    formatRoot(slot.user(), buffer, at + 1, at + USER_AT);
    formatRoot(slot.system(), buffer, at + 2, at + SYSTEM_AT);
    buffer.putLong(at + TRANSACTION_AT, slot.transactionId());
    Checksum checksum = Checksums.of(buffer.array(), at, CHECKSUM_AT);
    buffer.putLong(at + CHECKSUM_AT, checksum.low()).putLong(at + CHECKSUM_AT + 8, checksum.high());
  }

  private static void formatRoot(Optional<TreeRoot> root, ByteBuffer buffer, int flagAt, int at) {
    if (root.isPresent()) {
      buffer
          .put(flagAt, (byte) 1)
          .putLong(at, root.get().page())
          .putLong(at + 8, root.get().checksum().low())
          .putLong(at + 16, root.get().checksum().high())
          .putLong(at + 24, root.get().length());
    }
  }

  /**
   * Returns whether these are the first bytes of a file whose creation was interrupted: the magic
   * number is missing, and the rest is all or part of what creation writes.
   */
  static boolean isUnfinished(byte[] bytes, long fileLength) {
    if (fileLength > FileLayout.INITIAL.fileBytes()) {
      return false;
    }
    byte[] unfinished = initial(FileLayout.INITIAL).format(false);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != 0 && bytes[i] != unfinished[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads the header of a file.
   *
   * @param bytes the first {@link #BYTES} bytes of the file
   * @param fileLength the length of the file
   * @throws RedbException.Unsupported if the format version is not supported
   * @throws RedbException.Corrupted if the file is not a database or its header is damaged
   */
  static Opened parse(byte[] bytes, long fileLength) {
    if (bytes.length < BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new RedbException.Corrupted(
          "the file is not a redb database: its magic number is missing");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
    int flags = bytes[FLAGS_AT];
    boolean open = (flags & OPEN_FLAG) != 0;
    int pageBytes = buffer.getInt(PAGE_BYTES_AT);
    if (pageBytes != PageNumber.PAGE_BYTES) {
      throw new RedbException.Unsupported(
          "the file has a page size of "
              + Integer.toUnsignedString(pageBytes)
              + " bytes; only the page size 4096, redb's default, is supported");
    }
    long headerPages = Integer.toUnsignedLong(buffer.getInt(HEADER_PAGES_AT));
    long regionPages = Integer.toUnsignedLong(buffer.getInt(REGION_PAGES_AT));
    if (headerPages > FileLayout.REGION_PAGES_MAX
        || regionPages == 0
        || regionPages > FileLayout.REGION_PAGES_MAX) {
      throw new RedbException.Corrupted(
          "the header has invalid region sizes: "
              + headerPages
              + " header pages and "
              + regionPages
              + " data pages");
    }
    Optional<FileLayout> stored = storedLayout(buffer, (int) headerPages, (int) regionPages);
    FileLayout layout =
        open
            ? FileLayout.ofFileLength(fileLength, (int) headerPages, (int) regionPages)
            : layoutOfClosed(stored, fileLength, (int) headerPages, (int) regionPages);
    Slot[] slots = new Slot[2];
    byte[] @Nullable [] wrong = new byte[2] @Nullable [];
    for (int i = 0; i < 2; i++) {
      int at = SLOTS_AT + i * SLOT_BYTES;
      slots[i] = parseSlot(buffer, at);
      if (!storedChecksum(buffer, at).equals(Checksums.of(bytes, at, CHECKSUM_AT))) {
        wrong[i] = Arrays.copyOfRange(bytes, at, at + SLOT_BYTES);
      }
    }
    boolean twoPhase = (flags & TWO_PHASE_FLAG) != 0;
    DatabaseHeader header =
        new DatabaseHeader(layout, flags & PRIMARY_FLAG, open, twoPhase, slots, wrong);
    boolean fits = stored.isPresent() && stored.get().equals(layout);
    boolean keeps = header.keepsPrimary();
    return new Opened(keeps ? header : header.swapped(false), open || !fits, keeps && fits);
  }

  /** Returns the stored region counts, or empty if they are invalid. */
  private static Optional<FileLayout> storedLayout(ByteBuffer buffer, int headerPages, int pages) {
    int full = buffer.getInt(FULL_REGIONS_AT);
    int trailing = buffer.getInt(TRAILING_PAGES_AT);
    boolean possible =
        full >= 0
            && trailing >= 0
            && trailing <= pages
            && (full > 0 || trailing > 0)
            && full + (trailing > 0 ? 1L : 0) <= PageNumber.REGIONS_MAX;
    return possible
        ? Optional.of(new FileLayout(headerPages, pages, full, trailing))
        : Optional.empty();
  }

  private static FileLayout layoutOfClosed(
      Optional<FileLayout> stored, long fileLength, int headerPages, int regionPages) {
    if (stored.isEmpty()) {
      throw new RedbException.Corrupted("the header has invalid region counts");
    }
    long storedLength = stored.get().fileBytes();
    if (fileLength < storedLength) {
      throw new RedbException.Corrupted(
          "the file is truncated: it has " + fileLength + " of " + storedLength + " bytes");
    }
    return fileLength == storedLength
        ? stored.get()
        : FileLayout.ofFileLength(fileLength, headerPages, regionPages);
  }

  /**
   * Returns whether to keep the primary that the flag selects. After a crash that slot may be torn,
   * or it may be older than the other slot if the disk wrote the flag but not the slot.
   */
  private boolean keepsPrimary() {
    boolean whole = wrong[primary] == null;
    if (twoPhase) {
      if (!whole) {
        throw new RedbException.Corrupted(
            "the checksum of a two-phase commit in the header is wrong");
      }
      return true;
    }
    if (!whole) {
      if (!isSecondaryWhole()) {
        throw new RedbException.Corrupted("the checksums of both commit slots are wrong");
      }
      return false;
    }
    return !isSecondaryWhole()
        || Long.compareUnsigned(secondary().transactionId(), primary().transactionId()) <= 0;
  }

  private static Slot parseSlot(ByteBuffer buffer, int at) {
    int version = buffer.get(at) & 0xFF;
    if (version == 1 || version == 2) {
      throw new RedbException.Unsupported(
          "the file has redb format version "
              + version
              + "; only version 3 is supported: open the file with redb 2.6 and upgrade it first");
    }
    if (version != VERSION) {
      throw new RedbException.Corrupted(
          "the header has the unknown redb format version " + version);
    }
    return new Slot(
        parseRoot(buffer, at + 1, at + USER_AT),
        parseRoot(buffer, at + 2, at + SYSTEM_AT),
        buffer.getLong(at + TRANSACTION_AT));
  }

  private static Checksum storedChecksum(ByteBuffer buffer, int at) {
    return new Checksum(buffer.getLong(at + CHECKSUM_AT), buffer.getLong(at + CHECKSUM_AT + 8));
  }

  private static Optional<TreeRoot> parseRoot(ByteBuffer buffer, int flagAt, int at) {
    if (buffer.get(flagAt) == 0) {
      return Optional.empty();
    }
    Checksum checksum = new Checksum(buffer.getLong(at + 8), buffer.getLong(at + 16));
    return Optional.of(new TreeRoot(buffer.getLong(at), checksum, buffer.getLong(at + 24)));
  }
}
