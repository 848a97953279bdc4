package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.StoreLayout.PAGE_BYTES;

import io.divan.storage.Limits;
import io.divan.storage.StorageException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The changes of one SQLite transaction to a file: written pages, and the size. They are kept in
 * memory. If there are too many, they are staged: written to the base as rows of the future
 * version, which only this transaction reads. Not thread-safe.
 *
 * <p>A page that was cut off may become part of the file again, and a file may grow over pages that
 * are not written. {@link #fillHoles} writes zeros to such pages, so that each page within a file
 * has a row.
 */
final class PageChanges {
  private final DatabaseFile file;
  private final PageView view;
  private final SortedMap<Integer, byte[]> pages = new TreeMap<>();
  private final BitSet staged = new BitSet();
  private final BitSet cutOff = new BitSet();
  private int parts;
  private long size;

  /** New pages before this one have been checked for holes. */
  private int filled;

  /** Starts without changes, from the version that {@code view} reads, which must be the newest. */
  PageChanges(DatabaseFile file, PageView view) {
    this.file = file;
    this.view = view;
    this.size = view.size();
  }

  DatabaseFile file() {
    return file;
  }

  /** The version that these changes are based on. */
  long before() {
    return view.version();
  }

  /** The version that these changes create. */
  long version() {
    return view.version() + 1;
  }

  /** The new size of the file, in bytes. */
  long size() {
    return size;
  }

  /** The number of pages before the changes. */
  int pagesBefore() {
    return view.pages();
  }

  boolean isEmpty() {
    return pages.isEmpty() && !isStaged() && size == view.size();
  }

  /** Whether some of the changes are staged in the base. */
  boolean isStaged() {
    return parts > 0;
  }

  /** The pages in memory: their content, {@link PageCodec#CUT_OFF} or {@link PageCodec#HOLE}. */
  SortedMap<Integer, byte[]> pages() {
    return pages;
  }

  /** The pages staged in the base. */
  int[] stagedPages() {
    return staged.stream().toArray();
  }

  /** All changed pages. */
  int[] allPages() {
    BitSet all = (BitSet) staged.clone();
    pages.keySet().forEach(all::set);
    return all.stream().toArray();
  }

  /** A page as this transaction sees it. Must not be modified. */
  byte[] page(int number) {
    byte[] changed = pages.get(number);
    if (changed != null) {
      return changed.length < PAGE_BYTES ? PageCodec.ZEROS : changed;
    }
    if (cutOff.get(number)) {
      return PageCodec.ZEROS;
    }
    return staged.get(number) ? stagedPage(number) : view.page(number);
  }

  private byte[] stagedPage(int number) {
    byte[] key = StoreLayout.page(file.number(), number, version());
    byte[] value =
        file.store()
            .read(transaction -> transaction.get(StoreLayout.PAGES, key))
            .orElseThrow(() -> PageCodec.missing(file, number));
    return PageCodec.decode(value, file, number);
  }

  /** Writes bytes, which may span pages. */
  void write(long offset, MemorySegment source) {
    long end = offset + source.byteSize();
    requireFits(end);
    for (long at = offset; at < end;) {
      int number = (int) (at / PAGE_BYTES);
      int from = (int) (at % PAGE_BYTES);
      int length = (int) Math.min(PAGE_BYTES - from, end - at);
      byte[] page = writable(number, length == PAGE_BYTES);
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, at - offset, page, from, length);
      at += length;
    }
    if (offset == 0) {
      FirstPage.withoutLog(writable(0, false));
    }
    size = Math.max(size, end);
  }

  private void requireFits(long end) {
    if ((end + PAGE_BYTES - 1) / PAGE_BYTES > StoreLayout.PAGES_MAX) {
      throw new StorageException.StoreFull(
          file.name() + " has reached the maximum number of pages", new IllegalStateException());
    }
  }

  /** A modifiable copy of a page, which belongs to this transaction. */
  private byte[] writable(int number, boolean whole) {
    byte[] changed = pages.get(number);
    if (changed != null && changed.length == PAGE_BYTES) {
      return changed;
    }
    byte[] page = whole ? new byte[PAGE_BYTES] : page(number).clone();
    pages.put(number, page);
    cutOff.clear(number);
    return page;
  }

  /** Truncates the file, or extends it with zeros. */
  void truncate(long newSize) {
    requireFits(newSize);
    if (newSize < size) {
      int first = PageView.pages(newSize);
      int from = (int) (newSize % PAGE_BYTES);
      if (from > 0) {
        Arrays.fill(writable(first - 1, false), from, PAGE_BYTES, (byte) 0);
      }
      pages.tailMap(first).clear();
      filled = Math.min(filled, first);
      // The previous version or staged parts of this one may have rows for these pages.
      int end = Math.max(view.pages(), staged.length());
      for (int page = first; page < end; page++) {
        pages.put(page, PageCodec.CUT_OFF);
        cutOff.set(page);
      }
    }
    size = newSize;
  }

  /**
   * Turns up to {@code max} unwritten pages within the file into pages of zeros.
   *
   * @return whether there may be more
   */
  boolean fillHoles(int max) {
    int end = PageView.pages(size);
    int left = max;
    for (int page = cutOff.nextSetBit(0); page >= 0 && page < end && left > 0; left--) {
      pages.put(page, PageCodec.HOLE);
      cutOff.clear(page);
      page = cutOff.nextSetBit(page);
    }
    for (filled = Math.max(filled, view.pages()); filled < end && left > 0; filled++) {
      if (!pages.containsKey(filled) && !staged.get(filled)) {
        pages.put(filled, PageCodec.HOLE);
        left--;
      }
    }
    return left == 0;
  }

  /** The memory that the pages use. */
  long memoryBytes() {
    return (long) pages.size() * PAGE_BYTES;
  }

  /**
   * The size that a page adds to a transaction of the base, including the removal of its old row.
   */
  static int bytes(byte[] value) {
    return (int) Limits.writeBytes(StoreLayout.PAGE_KEY_BYTES, value.length)
        + 2 * StoreLayout.PAGE_KEY_BYTES
        + 32
        + Integer.BYTES;
  }

  /** Records that these pages were staged as the next part. */
  void staged(SortedMap<Integer, byte[]> written) {
    for (int page : written.keySet()) {
      staged.set(page);
    }
    parts++;
  }

  /** The number of parts staged in the base. */
  int parts() {
    return parts;
  }
}
