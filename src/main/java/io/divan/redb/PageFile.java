package io.divan.redb;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a file, through a cache. Reading is for many threads; all else is for the writer,
 * one thread at a time.
 *
 * <ol>
 *   <li>What {@link #create} and {@link #change} hand out is the page itself, in memory. It is
 *       written by {@link #writeDirty}, or earlier by {@link #spill}; readers get it from memory
 *       until then, so a commit that wrote nothing can be read.
 *   <li>A page that is written early is one that no durable root leads to. So it does not matter
 *       when, or how much of it, reaches the disk before the next sync.
 *   <li>Whoever holds an array to change it holds it until the next {@link #spill} or {@link
 *       #writeDirty}, no longer: what is changed later would be lost.
 *   <li>A page that was freed is dropped before its space is used again, under any number.
 *   <li>After a failed write or sync nothing is known of the file, and everything is refused; the
 *       caller opens it anew. A failed read, and a lack of space where nothing is lost, end the
 *       call only.
 *   <li>No array is made for a page that does not lie within the layout, which fits the file.
 * </ol>
 *
 * <p>Memory holds the written pages that the cache keeps, and beside them the unwritten ones: as
 * many as {@code dirtyBytesMax}, and what one operation between two calls of {@link #spill} adds.
 */
final class PageFile {
  // Arrays have fewer than 2^31 bytes.
  private static final int ORDER_MAX = 18;
  private static final int WRITE_BYTES_MAX = 1 << 20;

  // Pages that were filled in no order are used for two thirds; the rest need not be copied.
  private static final int HEAD_BYTES = 2048;

  private static final byte[] NO_SPARE = {};

  private final BlockFile file;
  private final String name;
  private final CachedPages cache;
  private final long dirtyBytesMax;
  private long spills; // the writer's
  private volatile Layout layout;
  private volatile @Nullable IOException failure;

  /**
   * The pages of a file.
   *
   * @param name stands in messages
   * @param layout fits the file's length
   * @param cache keeps written pages in memory
   * @param dirtyBytesMax how many bytes of unwritten pages are, before the oldest are written
   */
  PageFile(BlockFile file, String name, Layout layout, PageCache cache, long dirtyBytesMax) {
    this.file = file;
    this.name = name;
    this.layout = layout;
    this.cache = new CachedPages(cache);
    this.dirtyBytesMax = dirtyBytesMax;
  }

  /** The first bytes of a file, where there are as many; its header is read before its pages. */
  static byte[] readHeader(BlockFile file, String name) {
    try {
      byte[] header = new byte[(int) Math.min(Header.BYTES, file.length())];
      file.read(0, header, 0, header.length);
      return header;
    } catch (IOException e) {
      throw new RedbException.Failed(name + ": its header cannot be read: " + e.getMessage(), e);
    }
  }

  Layout layout() {
    return layout;
  }

  /** Bytes of pages that are not written. */
  long dirtyBytes() {
    return cache.dirtyBytes();
  }

  /**
   * Refuses to go on after a failed write or sync.
   *
   * @throws RedbException.Failed then
   */
  void check() {
    IOException cause = failure;
    if (cause != null) {
      throw new RedbException.Failed(
          name + ": an earlier write or sync failed (" + cause.getMessage() + "); open it again",
          cause);
    }
  }

  /** A page, whatever it holds. */
  byte[] read(long page) {
    return read(page, Pages.Check.NONE);
  }

  /** The same, looked at; kept in memory if there is space, or once it has been read again. */
  byte[] read(long page, Pages.Check check) {
    return read(page, check, false);
  }

  /**
   * A page, which nobody changes.
   *
   * @param check looks at it where nobody did since it was read from the file
   * @param keep whether it is wanted again soon: then it is kept in memory
   * @throws RedbException.Corrupted when there can be no such page, or by the verifier
   * @throws RedbException.Failed when it cannot be read; this call only
   */
  byte[] read(long page, Pages.Check check, boolean keep) {
    return read(page, check, keep, NO_SPARE);
  }

  /** The same; {@link Pages#read(long, Pages.Check, byte[])} tells of {@code spare}. */
  byte[] read(long page, Pages.Check check, byte[] spare) {
    return read(page, check, false, spare);
  }

  private byte[] read(long page, Pages.Check check, boolean keep, byte[] spare) {
    check();
    long number = canonical(page);
    CachedPage entry = cache.find(number);
    if (entry == null) {
      return readMissing(number, check, keep || cache.keeps(number), spare);
    }
    if (!entry.verified && check != Pages.Check.NONE) {
      check.check(number, entry.bytes);
      entry.verified = true;
    }
    return entry.bytes;
  }

  private byte[] readMissing(long number, Pages.Check check, boolean keep, byte[] spare) {
    long address = address(number);
    int length = PageNumber.bytes(number);
    boolean inSpare = !keep && spare.length == length;
    byte[] bytes = inSpare ? spare : new byte[length];
    int known = inSpare ? HEAD_BYTES : length;
    load(number, address, bytes, 0, known);
    if (inSpare) {
      int used = check.used(bytes, known);
      if (used > known) {
        load(number, address, bytes, known, used);
      }
    }
    check.check(number, bytes);
    if (!keep && bytes[0] != TreeFormat.BRANCH) {
      return bytes;
    }
    byte[] own = inSpare ? bytes.clone() : bytes;
    return cache.putClean(number, own, check != Pages.Check.NONE).bytes;
  }

  /** The page's number without the bits that do not count. */
  private static long canonical(long page) {
    return PageNumber.of(
        PageNumber.region(page), PageNumber.index(page), PageNumber.order(page));
  }

  private byte[] load(long page) {
    long address = address(page);
    byte[] bytes = new byte[PageNumber.bytes(page)];
    load(page, address, bytes, 0, bytes.length);
    return bytes;
  }

  private void load(long page, long address, byte[] bytes, int from, int to) {
    try {
      file.read(address + from, bytes, from, to - from);
    } catch (EOFException e) {
      throw new RedbException.Corrupted(
          name + ": the file ends before page " + PageNumber.text(page));
    } catch (IOException e) {
      throw new RedbException.Failed(
          name + ": page " + PageNumber.text(page) + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The position of a page, which lies within the file and is not too large. */
  private long address(long page) {
    Layout now = layout;
    if (!now.contains(page)) {
      throw new RedbException.Corrupted(
          name + ": page " + PageNumber.text(page) + " lies outside of the file");
    }
    if (PageNumber.order(page) > ORDER_MAX) {
      throw new RedbException.Unsupported(
          name + ": page " + PageNumber.text(page) + " has 2 GB or more; only redb can read it");
    }
    return now.address(page);
  }

  /** A new page in the place of whatever was there: zeros, to be changed by the caller. */
  byte[] create(long page) {
    check();
    long number = canonical(page);
    address(number);
    byte[] bytes = new byte[PageNumber.bytes(number)];
    cache.putDirty(number, bytes);
    return bytes;
  }

  /** A page that was made since the last durable commit, to be changed by the caller. */
  byte[] change(long page) {
    check();
    long number = canonical(page);
    CachedPage entry = cache.find(number);
    if (entry == null) {
      byte[] bytes = load(number);
      cache.putDirty(number, bytes);
      return bytes;
    }
    cache.makeDirty(entry);
    return entry.bytes;
  }

  /** Takes a page that is not written yet out of memory; it is not written any more. */
  byte[] take(long page) {
    CachedPage entry = cache.drop(canonical(page));
    if (entry == null) {
      throw new IllegalStateException(name + ": page " + PageNumber.text(page) + " was written");
    }
    return entry.bytes;
  }

  /**
   * Writes small pages that follow one another, which are not in memory, or not as they are to be.
   *
   * @throws RedbException.Full when there is no space
   */
  void writePages(long first, byte[] contents, int count) {
    check();
    address(first + count - 1);
    writeTogether(address(first), contents, count * PageNumber.PAGE_BYTES);
  }

  /** How often {@link #spill} has written pages. */
  long spills() {
    return spills;
  }

  /** The most bytes of written pages that are kept in memory, of all files that share the cache. */
  long cacheBytesMax() {
    return cache.bytesMax();
  }

  /** Forgets a page that was freed; it is not written any more. */
  void drop(long page) {
    cache.drop(canonical(page));
  }

  /** Forgets all pages, unwritten ones too. */
  void clear() {
    cache.clear();
  }

  /**
   * Writes the oldest unwritten pages where there are too many bytes of them. To be called between
   * operations: nobody may go on changing an array that {@link #change} or {@link #create} gave.
   *
   * @throws RedbException.Full when there is no space; nothing is lost
   */
  void spill() {
    check();
    long bytes = cache.dirtyBytes();
    if (bytes > dirtyBytesMax) {
      spills++;
      write(cache.dirtiest(bytes - dirtyBytesMax / 4 * 3));
    }
  }

  /**
   * Writes all unwritten pages, in the order of the file; durable with the next {@link #sync}.
   *
   * @throws RedbException.Full when there is no space; nothing is lost
   */
  void writeDirty() {
    check();
    write(cache.dirty());
  }

  private void write(CachedPage[] entries) {
    Layout now = layout;
    Arrays.sort(entries, Comparator.comparingLong(entry -> now.address(cache.number(entry))));
    byte[] together = {}; // not kept: many files are open
    int from = 0;
    while (from < entries.length) {
      long address = now.address(cache.number(entries[from]));
      long end = address + entries[from].bytes.length;
      int to = from + 1;
      while (to < entries.length
          && now.address(cache.number(entries[to])) == end
          && end + entries[to].bytes.length - address <= WRITE_BYTES_MAX) {
        end += entries[to].bytes.length;
        to++;
      }
      int count = (int) (end - address);
      if (to - from > 1 && together.length < count) {
        together = new byte[Math.min(WRITE_BYTES_MAX, Math.max(count, together.length * 2))];
      }
      writeTogether(address, entries, from, to, count, together);
      for (int i = from; i < to; i++) {
        cache.makeClean(entries[i]);
      }
      from = to;
    }
  }

  private void writeTogether(
      long address, CachedPage[] entries, int from, int to, int count, byte[] together) {
    byte[] bytes = entries[from].bytes;
    if (to - from > 1) {
      bytes = together;
      int at = 0;
      for (int i = from; i < to; i++) {
        System.arraycopy(entries[i].bytes, 0, bytes, at, entries[i].bytes.length);
        at += entries[i].bytes.length;
      }
    }
    writeTogether(address, bytes, count);
  }

  private void writeTogether(long address, byte[] bytes, int count) {
    try {
      file.write(address, bytes, 0, count);
    } catch (IOException e) {
      if (isFull(e, count)) {
        // Nothing leads to these pages yet; of a flag see writeFlag.
        throw full(e);
      }
      throw failed("a write", e);
    }
  }

  /** Writes the header; durable with the next {@link #sync}. */
  void writeHeader(byte[] header) {
    check();
    try {
      file.write(0, header, 0, header.length);
    } catch (IOException e) {
      throw failed("a write", e);
    }
  }

  /**
   * Writes a header that differs from the file's by one flag: whatever part of it is written, it is
   * one or the other.
   *
   * @throws RedbException.Full when there is no space, as file systems may say that copy on write;
   *     nothing is lost
   */
  void writeFlag(byte[] header) {
    check();
    writeTogether(0, header, header.length);
  }

  /** Makes durable what was written. */
  void sync() {
    check();
    try {
      file.sync();
    } catch (IOException e) {
      throw failed("a sync", e);
    }
  }

  /**
   * Gives the file the length of another layout. A greater one is durable at once: a header that
   * names more than the file has could not be opened.
   *
   * @throws RedbException.Full when there is no space to extend it; it is as it was
   */
  void resize(Layout next) {
    check();
    long before = layout.fileBytes();
    if (next.fileBytes() > before) {
      extend(before, next.fileBytes());
      sync();
      layout = next;
    } else {
      layout = next;
      try {
        file.setLength(next.fileBytes());
      } catch (IOException e) {
        throw failed("shortening the file", e);
      }
    }
  }

  private void extend(long before, long length) {
    try {
      file.setLength(length);
    } catch (IOException e) {
      if (isLengthAgain(before, isFull(e, length - before))) {
        throw full(e);
      }
      throw failed("extending the file", e);
    }
  }

  /** Whether the file has the length it had, perhaps after what was added is cut off. */
  private boolean isLengthAgain(long length, boolean cut) {
    try {
      if (cut && file.length() > length) {
        file.setLength(length);
      }
      return file.length() == length;
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isFull(IOException e, long neededBytes) {
    return DiskSpace.isFull(e, neededBytes, file::usableBytes);
  }

  private RedbException.Full full(IOException e) {
    return new RedbException.Full(
        name + ": there is no space: " + e.getMessage(), e);
  }

  private RedbException.Failed failed(String what, IOException e) {
    failure = e;
    return new RedbException.Failed(
        name + ": " + what + " failed: " + e.getMessage() + "; open it again", e);
  }

  /** Gives up what is in memory; nothing else is called any more but {@link #close}. */
  void forget() {
    cache.close();
  }

  /** Gives up the file; what is not written is lost. */
  void close() {
    forget();
    try {
      file.close();
    } catch (IOException e) {
      throw failed("closing the file", e);
    }
  }
}
