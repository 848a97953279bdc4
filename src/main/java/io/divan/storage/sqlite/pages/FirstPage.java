package io.divan.storage.sqlite.pages;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Fields in the first page of a SQLite database.
 *
 * @see <a href="https://sqlite.org/fileformat2.html#the_database_header">The database header</a>
 */
final class FirstPage {
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(US_ASCII);
  private static final int PAGE_SIZE_AT = 16;
  private static final int PAGE_SIZE_MAX = 65_536;
  private static final int WRITE_VERSION_AT = 18;
  private static final int READ_VERSION_AT = 19;
  private static final byte JOURNAL = 1;
  private static final byte LOG = 2;

  /** The file change counter, which each commit changes. */
  private static final int COUNTER_AT = 24;

  private static final int COUNTER_END = COUNTER_AT + Integer.BYTES;
  private static final int PAGES_AT = 28;
  private static final int VALID_FOR_AT = 92;

  private FirstPage() {}

  /** Whether the file change counters of two pages are equal. */
  static boolean sameCounter(byte[] one, byte[] other) {
    return Arrays.equals(one, COUNTER_AT, COUNTER_END, other, COUNTER_AT, COUNTER_END);
  }

  /** The size of the database, if the page contains it. */
  static OptionalLong databaseBytes(byte[] page) {
    ByteBuffer bytes = ByteBuffer.wrap(page);
    long pages = Integer.toUnsignedLong(bytes.getInt(PAGES_AT));
    if (!isDatabase(page) || pages == 0 || bytes.getInt(COUNTER_AT) != bytes.getInt(VALID_FOR_AT)) {
      return OptionalLong.empty();
    }
    int pageSize = Short.toUnsignedInt(bytes.getShort(PAGE_SIZE_AT));
    return OptionalLong.of(pages * (pageSize == 1 ? PAGE_SIZE_MAX : pageSize));
  }

  private static boolean isDatabase(byte[] page) {
    return Arrays.equals(page, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /**
   * Turns off write-ahead logging in a database that was restored from a file with a write-ahead
   * log. It could not be opened otherwise, because there is no log. The connection that wrote the
   * page still caches the original; the changed counter makes it read the page again.
   */
  static void withoutLog(byte[] page) {
    boolean log = page[WRITE_VERSION_AT] == LOG || page[READ_VERSION_AT] == LOG;
    if (log && isDatabase(page)) {
      page[WRITE_VERSION_AT] = JOURNAL;
      page[READ_VERSION_AT] = JOURNAL;
      ByteBuffer bytes = ByteBuffer.wrap(page);
      bytes.putInt(COUNTER_AT, bytes.getInt(COUNTER_AT) + 1);
      bytes.putInt(VALID_FOR_AT, bytes.getInt(VALID_FOR_AT) + 1);
    }
  }
}
