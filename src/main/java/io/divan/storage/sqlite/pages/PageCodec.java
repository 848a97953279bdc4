package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.Layout.PAGE_BYTES;

import io.divan.storage.StorageException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * A page as a row's value: its bytes as they are, or fewer bytes that are zlib's of them, or one
 * byte for a page of zeros that nobody wrote, or none for a page that was cut off. Length alone
 * tells which: zlib makes eight bytes of nothing.
 */
final class PageCodec {

  /** A page of zeros. Nobody changes it. */
  static final byte[] ZEROS = new byte[PAGE_BYTES];

  /** The value of a page that was cut off. */
  static final byte[] CUT_OFF = {};

  /** The value of a page that the file's growth covers, and nobody wrote: zeros. */
  static final byte[] HOLE = {0};

  private PageCodec() {}

  /** The value of a page. */
  static byte[] encode(byte[] page, boolean compress) {
    if (!compress || page.length < PAGE_BYTES) {
      return page;
    }
    byte[] packed = new byte[PAGE_BYTES];
    try (Deflater deflater = new Deflater(Deflater.BEST_SPEED)) {
      deflater.setInput(page);
      deflater.finish();
      int length = deflater.deflate(packed);
      return deflater.finished() && length < PAGE_BYTES ? Arrays.copyOf(packed, length) : page;
    }
  }

  /**
   * The page of a value, which lies within its file's size.
   *
   * @throws StorageException.StoreCorrupt when it is none
   */
  static byte[] decode(byte[] value, PageFile file, int number) {
    if (value.length == PAGE_BYTES) {
      return value;
    }
    if (Arrays.equals(value, HOLE)) {
      return ZEROS;
    }
    byte[] page = new byte[PAGE_BYTES];
    try (Inflater inflater = new Inflater()) {
      inflater.setInput(value);
      if (value.length > PAGE_BYTES
          || inflater.inflate(page) != PAGE_BYTES
          || inflater.inflate(new byte[1]) != 0
          || !inflater.finished()) {
        throw corrupt(file, number, value.length, new IllegalStateException());
      }
      return page;
    } catch (DataFormatException e) {
      throw corrupt(file, number, value.length, e);
    }
  }

  /** What to throw where a page within a file's size has no row. */
  static StorageException missing(PageFile file, int page) {
    return new StorageException.StoreCorrupt(
        file.name(), "page " + page + " is missing", new IllegalStateException());
  }

  private static StorageException corrupt(PageFile file, int page, int bytes, Exception cause) {
    return new StorageException.StoreCorrupt(
        file.name(), "page " + page + " has " + bytes + " bytes, which are no page", cause);
  }
}
