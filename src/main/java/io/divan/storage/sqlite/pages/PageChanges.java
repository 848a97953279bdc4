package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.Layout.PAGE_BYTES;

import io.divan.storage.Limits;
import io.divan.storage.StorageException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one transaction of SQLite changes of a file: pages it has written, and the size. They are
 * kept in memory; where they are too many, they go to the base as rows of the version to be, which
 * nobody reads but this transaction, and are read from there. For one thread at a time.
 *
 * <p>A page that is cut off may come to lie within the file again, and a file may grow over pages
 * that nobody writes. {@link #fillHoles} makes pages of these, so that each page within a file has
 * a row.
 */
final class PageChanges {
  private final PageFile file;
  private final PageView view;
  private final SortedMap<Integer, byte[]> pages = new TreeMap<>();
  private final BitSet staged = new BitSet();
  private final BitSet cutOff = new BitSet();
  private int parts;
  private long size;

  /** Pages from the end of the version before up to this one were looked at for holes. */
  private int filled;

  /** Changes nothing yet of the version that {@code view} reads, which must be the newest. */
  PageChanges(PageFile file, PageView view) {
    this.file = file;
    this.view = view;
    this.size = view.size();
  }

  PageFile file() {
    return file;
  }

  /** The version that these changes are made of. */
  long before() {
    return view.version();
  }

  /** The version that they make. */
  long version() {
    return view.version() + 1;
  }

  /** Bytes of the file with the changes. */
  long size() {
    return size;
  }

  /** How many pages it had before. */
  int pagesBefore() {
    return view.pages();
  }

  boolean isEmpty() {
    return pages.isEmpty() && !isStaged() && size == view.size();
  }

  /** Whether some of the changes are in the base. */
  boolean isStaged() {
    return parts > 0;
  }

  /** The pages in memory: their bytes, or that one was cut off, or is a hole. */
  SortedMap<Integer, byte[]> pages() {
    return pages;
  }

  /** The pages that are in the base. */
  int[] stagedPages() {
    return staged.stream().toArray();
  }

  /** All pages that are changed. */
  int[] allPages() {
    BitSet all = (BitSet) staged.clone();
    pages.keySet().forEach(all::set);
    return all.stream().toArray();
  }

  /** A page as this transaction sees it. Nobody changes it. */
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
    byte[] key = Layout.page(file.number(), number, version());
    byte[] value =
        file.store()
            .read(transaction -> transaction.get(Layout.PAGES, key))
            .orElseThrow(() -> PageCodec.missing(file, number));
    return PageCodec.decode(value, file, number);
  }

  /** Writes bytes, whatever pages they lie in. */
  void write(long offset, MemorySegment source) {
    long end = offset + source.byteSize();
    requireFits(end);
    for (long at = offset; at < end; ) {
      int number = (int) (at / PAGE_BYTES);
      int from = (int) (at % PAGE_BYTES);
      int length = (int) Math.min(PAGE_BYTES - from, end - at);
      byte[] page = writable(number, length == PAGE_BYTES);
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, at - offset, page, from, length);
      at += length;
    }
    size = Math.max(size, end);
  }

  private void requireFits(long end) {
    if ((end + PAGE_BYTES - 1) / PAGE_BYTES > Layout.PAGES_MAX) {
      throw new StorageException.StoreFull(
          file.name() + " has as many pages as it can have", new IllegalStateException());
    }
  }

  /** A page to be written: a copy, unless this transaction has one already. */
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

  /** Cuts the file off, or lets it grow by zeros. */
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
      // Rows of the version before, or of this one, may be there.
      int end = Math.max(view.pages(), staged.length());
      for (int page = first; page < end; page++) {
        pages.put(page, PageCodec.CUT_OFF);
        cutOff.set(page);
      }
    }
    size = newSize;
  }

  /**
   * Makes pages of zeros of those within the file that nobody wrote, at most so many.
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

  /** Bytes of memory that the pages take. */
  long memoryBytes() {
    return (long) pages.size() * PAGE_BYTES;
  }

  /** What writing a page counts in a transaction of the base, its old row included. */
  static int bytes(byte[] value) {
    return (int) Limits.writeBytes(Layout.PAGE_KEY_BYTES, value.length)
        + 2 * Layout.PAGE_KEY_BYTES
        + 32
        + Integer.BYTES;
  }

  /** These pages are in the base now, as the next part. */
  void staged(SortedMap<Integer, byte[]> written) {
    for (int page : written.keySet()) {
      staged.set(page);
    }
    parts++;
  }

  /** How many parts are in the base. */
  int parts() {
    return parts;
  }
}
