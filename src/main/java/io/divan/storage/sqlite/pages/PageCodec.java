package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.StoreLayout.PAGE_BYTES;

import io.divan.storage.StorageException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Encodes pages as values of rows. The value is the page itself, a shorter zlib stream of it, one
 * byte for a page of zeros that was never written, or empty for a page that was cut off. The length
 * identifies the encoding: even an empty zlib stream has eight bytes.
 */
final class PageCodec {

  /** A page of zeros. Must not be modified. */
  static final byte[] ZEROS = new byte[PAGE_BYTES];

  /** The value of a page that was cut off. */
  static final byte[] CUT_OFF = {};

  /** The value of a page within the file that was never written: zeros. */
  static final byte[] HOLE = {0};

  private PageCodec() {}

  /** Encodes a page. */
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
   * Decodes a page within its file's size.
   *
   * @throws StorageException.StoreCorrupt if the value is invalid
   */
  static byte[] decode(byte[] value, DatabaseFile file, int number) {
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

  /** The exception for a page within a file's size that has no row. */
  static StorageException missing(DatabaseFile file, int page) {
    return new StorageException.StoreCorrupt(
        file.name(), "page " + page + " is missing", new IllegalStateException());
  }

  private static StorageException corrupt(DatabaseFile file, int page, int bytes, Exception cause) {
    return new StorageException.StoreCorrupt(
        file.name(), "page " + page + " has an invalid value of " + bytes + " bytes", cause);
  }
}
