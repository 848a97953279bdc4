package io.divan.redb;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a file, behind a cache. Many threads may read; all other methods are for the writer,
 * one thread at a time.
 *
 * <ol>
 *   <li>{@link #create} and {@link #change} return the page itself, in memory. {@link #writeDirty}
 *       writes it, or {@link #spill} writes it earlier. Until then readers get it from memory, so a
 *       commit that has written nothing is readable.
 *   <li>No durable root leads to a page that is written early. It does not matter when it reaches
 *       the disk, or how much of it, before the next sync.
 *   <li>A caller may change an array only until the next {@link #spill} or {@link #writeDirty}.
 *       Later changes would be lost.
 *   <li>A freed page is dropped before its space is reused under any page number.
 *   <li>After a failed write or sync the state of the file is unknown. Every call then fails until
 *       the caller reopens the file. A failed read, or a full disk without data loss, fails only
 *       the current call.
 *   <li>An array is allocated only for a page within the layout, which matches the file.
 * </ol>
 *
 * <p>Memory holds the written pages in the cache and the unwritten pages: up to {@code
 * dirtyBytesMax}, plus those that one operation adds between two calls of {@link #spill}.
 */
final class PagedCachedFile {
  // Arrays have fewer than 2^31 bytes.
  private static final int ORDER_MAX = 18;
  private static final int WRITE_BYTES_MAX = 1 << 20;

  // Leaves filled in random order are two thirds full; the rest need not be copied.
  private static final int HEAD_BYTES = 2048;

  private static final byte[] NO_SPARE = {};

  private final BlockFile file;
  private final String name;
  private final FilePageCache cache;
  private final long dirtyBytesMax;
  private long spills; // the writer's
  private boolean grown; // the writer's
  private volatile FileLayout layout;
  private volatile @Nullable IOException failure;

  /**
   * Creates a view of a file's pages.
   *
   * @param name the name of the file for messages
   * @param layout a layout that matches the length of the file
   * @param cache the cache for written pages
   * @param dirtyBytesMax the maximum size of unwritten pages in bytes; beyond it the oldest are
   *     written
   */
  PagedCachedFile(
      BlockFile file, String name, FileLayout layout, SharedPageCache cache, long dirtyBytesMax) {
    this.file = file;
    this.name = name;
    this.layout = layout;
    this.cache = new FilePageCache(cache);
    this.dirtyBytesMax = dirtyBytesMax;
  }

  /** Reads the header, or as much of it as the file has. */
  static byte[] readHeader(BlockFile file, String name) {
    try {
      byte[] header = new byte[(int) Math.min(DatabaseHeader.BYTES, file.length())];
      file.read(0, header, 0, header.length);
      return header;
    } catch (IOException e) {
      throw new RedbException.Failed(name + ": the header could not be read: " + e.getMessage(), e);
    }
  }

  FileLayout layout() {
    return layout;
  }

  /** Returns the size of the unwritten pages in bytes. */
  long dirtyBytes() {
    return cache.dirtyBytes();
  }

  /**
   * Checks that no write or sync has failed.
   *
   * @throws RedbException.Failed if one has
   */
  void check() {
    IOException cause = failure;
    if (cause != null) {
      throw new RedbException.Failed(
          name + ": an earlier write or sync failed (" + cause.getMessage() + "); reopen the file",
          cause);
    }
  }

  /** Reads a page without checking its content. */
  byte[] read(long page) {
    return read(page, Pages.Check.NONE);
  }

  /** Reads and checks a page. Caches it if there is space, or if it was read before. */
  byte[] read(long page, Pages.Check check) {
    return read(page, check, false);
  }

  /**
   * Reads a page, which must not be changed.
   *
   * @param check runs unless the cached page was checked before
   * @param keep whether to cache the page because it will be needed again soon
   * @throws RedbException.Corrupted if there can be no such page, or if the check fails
   * @throws RedbException.Failed if the page cannot be read; fails this call only
   */
  byte[] read(long page, Pages.Check check, boolean keep) {
    return read(page, check, keep, NO_SPARE);
  }

  /** Reads a page; see {@link Pages#read(long, Pages.Check, byte[])} for {@code spare}. */
  byte[] read(long page, Pages.Check check, byte[] spare) {
    return read(page, check, false, spare);
  }

  private byte[] read(long page, Pages.Check check, boolean keep, byte[] spare) {
    check();
    long number = canonical(page);
    CachedPage entry = cache.find(number);
    if (entry == null) {
      return readMissing(number, check, keep || cache.admits(number), spare);
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
    boolean large = PageNumber.isLarge(number);
    boolean inSpare = (large || !keep) && spare.length == length;
    byte[] bytes = inSpare ? spare : new byte[length];
    int known = inSpare || large ? HEAD_BYTES : length;
    load(number, address, bytes, 0, known);
    if (known < length) {
      int used = check.used(bytes, known);
      if (used > known) {
        load(number, address, bytes, known, used);
      }
    }
    check.check(number, bytes);
    if ((large || !keep) && bytes[0] != TreeFormat.BRANCH) {
      return bytes;
    }
    byte[] own = inSpare ? bytes.clone() : bytes;
    return cache.putClean(number, own, check != Pages.Check.NONE).bytes;
  }

  /** Returns the page number without its insignificant bits. */
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
          name + ": page " + PageNumber.text(page) + " could not be read: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the position of a page, after checking that it lies within the file and is not too
   * large.
   */
  private long address(long page) {
    FileLayout now = layout;
    if (!now.contains(page)) {
      throw new RedbException.Corrupted(
          name + ": page " + PageNumber.text(page) + " lies outside the file");
    }
    if (PageNumber.order(page) > ORDER_MAX) {
      throw new RedbException.Unsupported(
          name + ": page " + PageNumber.text(page)
              + " has 2 GB or more, which is not supported; use redb");
    }
    return now.address(page);
  }

  /** Creates a page of zeros, for the caller to fill. Replaces any cached page of that number. */
  byte[] create(long page) {
    check();
    long number = canonical(page);
    address(number);
    byte[] bytes = new byte[PageNumber.bytes(number)];
    cache.putDirty(number, bytes);
    return bytes;
  }

  /** Returns a page created since the last durable commit, for the caller to change. */
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

  /** Limits how much of a page has to be written; the bytes beyond are undefined from now on. */
  void used(long page, int bytes) {
    CachedPage entry = cache.find(canonical(page));
    if (entry != null && entry.dirty) {
      // Whole blocks of the file system, which need not be read first.
      entry.written = (bytes + PageNumber.PAGE_BYTES - 1) & -PageNumber.PAGE_BYTES;
    }
  }

  /** Removes an unwritten page from memory without writing it. */
  byte[] take(long page) {
    CachedPage entry = cache.drop(canonical(page));
    if (entry == null) {
      throw new IllegalStateException(
          name + ": page " + PageNumber.text(page) + " was already written");
    }
    return entry.bytes;
  }

  /**
   * Writes consecutive 4096-byte pages that are not in memory, or are outdated there.
   *
   * @throws RedbException.Full if the disk is full
   */
  void writePages(long first, byte[] contents, int count) {
    check();
    address(first + count - 1);
    writeTogether(address(first), contents, count * PageNumber.PAGE_BYTES);
  }

  /** Returns how often {@link #spill} has written pages. */
  long spills() {
    return spills;
  }

  /** Returns the capacity of the cache, which other files may share, in bytes. */
  long cacheBytesMax() {
    return cache.bytesMax();
  }

  /** Drops a freed page without writing it. */
  void drop(long page) {
    cache.drop(canonical(page));
  }

  /** Drops all pages, including unwritten ones. */
  void clear() {
    cache.clear();
  }

  /**
   * Writes the oldest unwritten pages if there are too many. Call this between operations, when no
   * array from {@link #change} or {@link #create} is still being changed.
   *
   * @throws RedbException.Full if the disk is full; nothing is lost
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
   * Writes all unwritten pages in file order; the next {@link #sync} makes them durable.
   *
   * @throws RedbException.Full if the disk is full; nothing is lost
   */
  void writeDirty() {
    check();
    write(cache.dirty());
  }

  /**
   * Writes the unwritten large leaves, so that they fill neither the memory until the next {@link
   * #writeDirty} nor the time of the next {@link #sync}. No array from {@link #change} or {@link
   * #create} is still being changed.
   *
   * @throws RedbException.Full if the disk is full; nothing is lost
   */
  void writeLarge() {
    check();
    CachedPage[] large = cache.dirtyNotKept();
    if (large.length > 0) {
      write(large);
      writeBehind();
    }
  }

  private void writeBehind() {
    try {
      file.writeBehind();
    } catch (IOException e) {
      throw failed("a sync", e);
    }
  }

  private void write(CachedPage[] entries) {
    FileLayout now = layout;
    Arrays.sort(entries, Comparator.comparingLong(entry -> now.address(cache.number(entry))));
    byte[] together = {}; // not kept for reuse: many files are open
    int from = 0;
    while (from < entries.length) {
      long address = now.address(cache.number(entries[from]));
      long end = address + entries[from].written;
      int to = from + 1;
      while (to < entries.length
          && entries[to].isKept()
          && now.address(cache.number(entries[to])) == end
          && end + entries[to].written - address <= WRITE_BYTES_MAX) {
        end += entries[to].written;
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
        System.arraycopy(entries[i].bytes, 0, bytes, at, entries[i].written);
        at += entries[i].written;
      }
    }
    writeTogether(address, bytes, count);
  }

  private void writeTogether(long address, byte[] bytes, int count) {
    try {
      file.write(address, bytes, 0, count);
    } catch (IOException e) {
      if (isFull(e, count)) {
        // No durable root leads to these pages yet. For the header see writeFlag.
        throw full(e);
      }
      throw failed("a write", e);
    }
  }

  /**
   * Writes the header; the next {@link #sync} makes it durable. If the file has grown, makes its
   * length durable first: a file shorter than its header says cannot be opened.
   */
  void writeHeader(byte[] header) {
    check();
    if (grown) {
      sync();
    }
    try {
      file.write(0, header, 0, header.length);
    } catch (IOException e) {
      throw failed("a write", e);
    }
  }

  /**
   * Writes a header that differs from the current one by a single flag, so a torn write leaves one
   * header or the other.
   *
   * @throws RedbException.Full if a copy-on-write file system has no space; nothing is lost
   */
  void writeFlag(byte[] header) {
    check();
    writeTogether(0, header, header.length);
  }

  void sync() {
    check();
    long began = System.nanoTime();
    try {
      file.sync();
      grown = false;
      cache.synced(System.nanoTime() - began);
    } catch (IOException e) {
      throw failed("a sync", e);
    }
  }

  /**
   * Resizes the file to another layout.
   *
   * @throws RedbException.Full if the disk is too full to extend the file, which is then unchanged
   */
  void resize(FileLayout next) {
    check();
    long before = layout.fileBytes();
    if (next.fileBytes() > before) {
      extend(before, next.fileBytes());
      grown = true;
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

  /** Returns whether the file has its earlier length, after truncating it if {@code cut}. */
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
        name + ": the disk is full: " + e.getMessage(), e);
  }

  private RedbException.Failed failed(String what, IOException e) {
    failure = e;
    return new RedbException.Failed(
        name + ": " + what + " failed: " + e.getMessage() + "; reopen the file", e);
  }

  /** Releases the memory. After this, call only {@link #close}. */
  void forget() {
    cache.close();
  }

  /** Closes the file; unwritten pages are lost. */
  void close() {
    forget();
    try {
      file.close();
    } catch (IOException e) {
      throw failed("closing the file", e);
    }
  }
}
