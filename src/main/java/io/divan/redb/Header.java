package io.divan.redb;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first 320 bytes of a file, little-endian; an immutable value.
 *
 * <pre>
 *   0  9  magic number: "redb" 1A 0A A9 0D 0A
 *   9  1  flags: 1 slot 1 is the primary; 2 the file is open, or was not closed;
 *         4 the primary was committed in two phases
 *  10  2  unused
 *  12  4  bytes of a page: 4096
 *  16  4  header pages of a region
 *  20  4  data pages of a full region
 *  24  4  full regions
 *  28  4  data pages of the region behind them
 *  32 32  unused
 *  64 128 commit slot 0
 * 192 128 commit slot 1
 *
 *         a commit slot
 *   0  1  version of the format: 3
 *   1  1  whether there is a tree of tables
 *   2  1  whether there is a tree of system tables
 *   3  5  unused
 *   8 32  root of the tables
 *  40 32  root of the system tables
 *  72 32  unused
 * 104  8  number of the transaction
 * 112 16  checksum of the 112 bytes before it
 * </pre>
 *
 * <p>What must hold:
 *
 * <ol>
 *   <li>All of it lies in one sector of 512 bytes, so a write of it does not tear; it may still
 *       have been overtaken by the pages it names, or they by it.
 *   <li>A commit writes the slot that is not the primary, and the flag that makes it the primary,
 *       at once. The other slot holds the commit before, whole, until the next one.
 *   <li>The page sizes and region sizes never change. The counts of regions have no checksum: where
 *       the file was not closed they come from its length.
 *   <li>A slot whose checksum is wrong keeps its bytes until a commit takes its place, so that it
 *       never becomes right by being written again.
 * </ol>
 */
final class Header {
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
   * What one commit left.
   *
   * @param user the tree of tables; nothing when there are none
   * @param system the tree of system tables; nothing when there are none
   * @param transactionId its number, greater with every commit
   */
  record Slot(Optional<TreeRoot> user, Optional<TreeRoot> system, long transactionId) {}

  /**
   * A header that was read.
   *
   * @param header with the layout that fits the file's length, and the slot to go on with as its
   *     primary; it is to be written and synced before anything else where it is not {@code clean}
   * @param recoveryRequired whether the file was not closed, or has another length than it was
   *     closed with: the pages in use are known only after a look at all of them
   * @param clean whether the file's own header says the same
   */
  record Opened(Header header, boolean recoveryRequired, boolean clean) {}

  private final Layout layout;
  private final int primary;
  private final boolean open;
  private final boolean twoPhase;
  private final Slot[] slots;
  // The bytes of a slot whose checksum was wrong.
  private final byte[] @Nullable [] wrong;

  private Header(
      Layout layout,
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

  /** The header of an empty database, as redb writes it at first. */
  static Header initial(Layout layout) {
    Slot empty = new Slot(Optional.empty(), Optional.empty(), 0);
    return new Header(
        layout, 0, false, true, new Slot[] {empty, empty}, new byte[2] @Nullable []);
  }

  Layout layout() {
    return layout;
  }

  /** The slot of the last durable commit. */
  Slot primary() {
    return slots[primary];
  }

  /** The slot of the commit before, or of one that was not finished. */
  Slot secondary() {
    return slots[primary ^ 1];
  }

  /** Whether the bytes of {@link #secondary} are those that were written. */
  boolean isSecondaryWhole() {
    return wrong[primary ^ 1] == null;
  }

  /** Whether the file is open, or was not closed. */
  boolean isOpen() {
    return open;
  }

  /** Whether the pages of the primary were durable before it became the primary. */
  boolean isTwoPhase() {
    return twoPhase;
  }

  Header withLayout(Layout next) {
    return new Header(next, primary, open, twoPhase, slots, wrong);
  }

  Header withOpen(boolean next) {
    return new Header(layout, primary, next, twoPhase, slots, wrong);
  }

  /** With a slot in the place of the secondary, which does not count until {@link #swapped}. */
  Header withSecondary(Slot next) {
    Slot[] both = slots.clone();
    byte[] @Nullable [] bytes = wrong.clone();
    both[primary ^ 1] = next;
    bytes[primary ^ 1] = null;
    return new Header(layout, primary, open, twoPhase, both, bytes);
  }

  /** With the two slots' parts exchanged: ends a commit, or takes back one that did not end. */
  Header swapped(boolean nextTwoPhase) {
    return new Header(layout, primary ^ 1, open, nextTwoPhase, slots, wrong);
  }

  /** Its bytes; without the magic number no program takes the file for a database. */
  byte[] format(boolean magic) {
    byte[] result = new byte[BYTES];
    if (magic) {
      System.arraycopy(MAGIC, 0, result, 0, MAGIC.length);
    }
    result[FLAGS_AT] =
        (byte)
            ((primary == 1 ? PRIMARY_FLAG : 0)
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
   * Whether these are the first bytes of a file whose creation was not finished: they have no magic
   * number, and otherwise what creation writes, or a part of it.
   */
  static boolean isUnfinished(byte[] bytes, long fileLength) {
    if (fileLength > Layout.INITIAL.fileBytes()) {
      return false;
    }
    byte[] unfinished = initial(Layout.INITIAL).format(false);
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
   * @param bytes its first {@link #BYTES} bytes
   * @param fileLength its length
   * @throws RedbException.Unsupported when it has another version
   * @throws RedbException.Corrupted when it is no database, or none that can be read
   */
  static Opened parse(byte[] bytes, long fileLength) {
    if (bytes.length < BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new RedbException.Corrupted("the file is not a redb database: it begins otherwise");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
    int flags = bytes[FLAGS_AT];
    boolean open = (flags & OPEN_FLAG) != 0;
    int pageBytes = buffer.getInt(PAGE_BYTES_AT);
    if (pageBytes != PageNumber.PAGE_BYTES) {
      throw new RedbException.Unsupported(
          "the file has pages of "
              + Integer.toUnsignedString(pageBytes)
              + " bytes; only files with pages of 4096 bytes, as redb writes them, can be opened");
    }
    long headerPages = Integer.toUnsignedLong(buffer.getInt(HEADER_PAGES_AT));
    long regionPages = Integer.toUnsignedLong(buffer.getInt(REGION_PAGES_AT));
    if (headerPages > Layout.REGION_PAGES_MAX
        || regionPages == 0
        || regionPages > Layout.REGION_PAGES_MAX) {
      throw new RedbException.Corrupted(
          "the header names impossible regions of "
              + headerPages
              + " and "
              + regionPages
              + " pages");
    }
    Optional<Layout> stored = storedLayout(buffer, (int) headerPages, (int) regionPages);
    Layout layout =
        open
            ? Layout.ofFileLength(fileLength, (int) headerPages, (int) regionPages)
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
    Header header =
        new Header(layout, flags & PRIMARY_FLAG, open, twoPhase, slots, wrong);
    boolean fits = stored.isPresent() && stored.get().equals(layout);
    boolean keeps = header.keepsPrimary();
    return new Opened(keeps ? header : header.swapped(false), open || !fits, keeps && fits);
  }

  /** The counts of the header; nothing where they are impossible. */
  private static Optional<Layout> storedLayout(ByteBuffer buffer, int headerPages, int pages) {
    int full = buffer.getInt(FULL_REGIONS_AT);
    int trailing = buffer.getInt(TRAILING_PAGES_AT);
    boolean possible =
        full >= 0
            && trailing >= 0
            && trailing <= pages
            && (full > 0 || trailing > 0)
            && full + (trailing > 0 ? 1L : 0) <= PageNumber.REGIONS_MAX;
    return possible
        ? Optional.of(new Layout(headerPages, pages, full, trailing))
        : Optional.empty();
  }

  private static Layout layoutOfClosed(
      Optional<Layout> stored, long fileLength, int headerPages, int regionPages) {
    if (stored.isEmpty()) {
      throw new RedbException.Corrupted("the header has impossible counts of regions and pages");
    }
    long storedLength = stored.get().fileBytes();
    if (fileLength < storedLength) {
      throw new RedbException.Corrupted(
          "the file was cut off: it has " + fileLength + " bytes of " + storedLength);
    }
    return fileLength == storedLength
        ? stored.get()
        : Layout.ofFileLength(fileLength, headerPages, regionPages);
  }

  /**
   * Whether to go on with the slot that the flag names. After a crash it may be an older one than
   * the other, where the disk wrote the flag and not the slot; or it may be torn.
   */
  private boolean keepsPrimary() {
    boolean whole = wrong[primary] == null;
    if (twoPhase) {
      if (!whole) {
        throw new RedbException.Corrupted(
            "the header's checksum is wrong, though its commit was written in two phases");
      }
      return true;
    }
    if (!whole) {
      if (!isSecondaryWhole()) {
        throw new RedbException.Corrupted("the checksums of both commits in the header are wrong");
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
          "the file has version "
              + version
              + " of redb's format, and this engine reads 3: open it once with redb 2.6 and"
              + " upgrade it there");
    }
    if (version != VERSION) {
      throw new RedbException.Corrupted(
          "the header names version " + version + " of redb's format, which there is not");
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
