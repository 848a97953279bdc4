package io.divan.storage.sqlite.pages;

import io.divan.storage.Range;
import io.divan.storage.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The rows of files in a base store. Numbers in keys are big-endian and unsigned, so they determine
 * the order of the rows.
 *
 * <pre>
 * table 0x00 size     file (4)                        the file's {@link FileHeader}
 * table 0x01 pages    file (4), page (4), version (8) a page as {@link PageCodec} encodes it
 * table 0x02 lock     file (4)                        the writer's lease, and who waits for it
 * table 0x03 files    0x00, name                      file (4)
 *                     0x01, file (4)                  a deleted file that still has rows
 *                     0x02                            the last file number assigned (4)
 * table 0x04 changes  file (4), version (8), part (4) the pages changed in that version (4 each)
 * </pre>
 *
 * <p>A reader at version V sees, of each page, the row with the greatest version up to V. Each page
 * within the file's size has such a row. Rows with a greater version than the header's belong to a
 * commit of several steps that is unfinished or has failed.
 */
final class StoreLayout {
  static final Table SIZE = new Table(0x00, "size");
  static final Table PAGES = new Table(0x01, "pages");
  static final Table LOCK = new Table(0x02, "lock");
  static final Table FILES = new Table(0x03, "files");
  static final Table CHANGES = new Table(0x04, "changes");

  /** The size of a page of the store; SQLite's pages may be smaller or larger. */
  static final int PAGE_BYTES = 4_096;

  /** The maximum number of pages of a file, which hold 8 TB. */
  static final int PAGES_MAX = Integer.MAX_VALUE;

  /** The length of a key of {@link #PAGES}. */
  static final int PAGE_KEY_BYTES = 16;

  static final byte[] LAST_FILE = {2};

  private static final byte NAMED = 0;
  private static final byte DELETED = 1;

  private StoreLayout() {}

  static byte[] file(int file) {
    return ByteBuffer.allocate(4).putInt(file).array();
  }

  static int file(byte[] value) {
    return ByteBuffer.wrap(value).getInt();
  }

  static byte[] name(String name) {
    byte[] text = name.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(1 + text.length).put(NAMED).put(text).array();
  }

  static String name(byte[] key) {
    return new String(key, 1, key.length - 1, StandardCharsets.US_ASCII);
  }

  static Range names() {
    return Range.prefix(FILES, new byte[] {NAMED});
  }

  static byte[] deleted(int file) {
    return ByteBuffer.allocate(5).put(DELETED).putInt(file).array();
  }

  static Range deletedFiles() {
    return Range.prefix(FILES, new byte[] {DELETED});
  }

  static int deletedFile(byte[] key) {
    return ByteBuffer.wrap(key, 1, 4).getInt();
  }

  static byte[] page(int file, int page, long version) {
    return ByteBuffer.allocate(PAGE_KEY_BYTES).putInt(file).putInt(page).putLong(version).array();
  }

  static int pageOf(byte[] key) {
    return ByteBuffer.wrap(key).getInt(4);
  }

  static long versionOf(byte[] key) {
    return ByteBuffer.wrap(key).getLong(8);
  }

  /** The newest row of a page up to a version. */
  static Range newest(int file, int page, long version) {
    return Range.of(PAGES, page(file, page, 0), page(file, page, version + 1))
        .reversed()
        .limit(1);
  }

  /** The rows of {@code count} pages. */
  static Range pages(int file, int page, int count) {
    return Range.of(PAGES, page(file, page, 0), page(file, page + count, 0));
  }

  /** The rows of a page before a version. */
  static Range pageBefore(int file, int page, long version) {
    return Range.of(PAGES, page(file, page, 0), page(file, page, version));
  }

  static byte[] changes(int file, long version, int part) {
    return ByteBuffer.allocate(16).putInt(file).putLong(version).putInt(part).array();
  }

  static long changesVersion(byte[] key) {
    return ByteBuffer.wrap(key).getLong(4);
  }

  /** The changes of versions {@code first} to {@code last}, both inclusive. */
  static Range changes(int file, long first, long last) {
    return Range.of(CHANGES, changes(file, first, 0), changes(file, last + 1, 0));
  }

  static byte[] numbers(int[] pages) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * pages.length);
    bytes.asIntBuffer().put(pages);
    return bytes.array();
  }

  static int[] numbers(byte[] value) {
    int[] pages = new int[value.length / 4];
    ByteBuffer.wrap(value).asIntBuffer().get(pages);
    return pages;
  }

  /** All rows of a file except its header and its name. */
  static List<Range> all(int file) {
    byte[] key = file(file);
    return List.of(
        Range.prefix(PAGES, key), Range.prefix(CHANGES, key), Range.prefix(LOCK, key));
  }
}
