package io.divan.storage.sqlite.pages;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * What SQLite keeps in the first page of a database.
 *
 * @see <a href="https://sqlite.org/fileformat2.html#the_database_header">the database header</a>
 */
final class FirstPage {
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(US_ASCII);
  private static final int PAGE_SIZE_AT = 16;
  private static final int PAGE_SIZE_MAX = 65_536;
  private static final int WRITE_VERSION_AT = 18;
  private static final int READ_VERSION_AT = 19;
  private static final byte JOURNAL = 1;
  private static final byte LOG = 2;

  /** A number that each commit changes. */
  private static final int COUNTER_AT = 24;

  private static final int COUNTER_END = COUNTER_AT + Integer.BYTES;
  private static final int PAGES_AT = 28;
  private static final int VALID_FOR_AT = 92;

  private FirstPage() {}

  /** Whether the number that each commit changes is the same. */
  static boolean sameCounter(byte[] one, byte[] other) {
    return Arrays.equals(one, COUNTER_AT, COUNTER_END, other, COUNTER_AT, COUNTER_END);
  }

  /** How long the database is, where the page says so. */
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
   * Makes a database that was copied from a file with a write-ahead log one without: with the log,
   * which is not here, nobody could open it. Whoever wrote the page so holds it as it was; with
   * another counter in its place it is read again.
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
