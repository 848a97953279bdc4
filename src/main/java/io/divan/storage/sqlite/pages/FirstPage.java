package io.divan.storage.sqlite.pages;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What SQLite keeps in the first page of a database.
 *
 * @see <a href="https://sqlite.org/fileformat2.html#the_database_header">the database header</a>
 */
final class FirstPage {
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(US_ASCII);
  private static final int WRITE_VERSION_AT = 18;
  private static final int READ_VERSION_AT = 19;
  private static final byte JOURNAL = 1;
  private static final byte LOG = 2;

  /** A number that each commit changes. */
  private static final int COUNTER_AT = 24;

  private static final int COUNTER_END = COUNTER_AT + Integer.BYTES;
  private static final int VALID_FOR_AT = 92;

  private FirstPage() {}

  /** Whether the number that each commit changes is the same. */
  static boolean sameCounter(byte[] one, byte[] other) {
    return Arrays.equals(one, COUNTER_AT, COUNTER_END, other, COUNTER_AT, COUNTER_END);
  }

  /**
   * Makes a database that was copied from a file with a write-ahead log one without: with the log,
   * which is not here, nobody could open it. Whoever wrote the page so holds it as it was; with
   * another counter in its place it is read again.
   */
  static void withoutLog(byte[] page) {
    boolean log = page[WRITE_VERSION_AT] == LOG || page[READ_VERSION_AT] == LOG;
    if (log && Arrays.equals(page, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      page[WRITE_VERSION_AT] = JOURNAL;
      page[READ_VERSION_AT] = JOURNAL;
      ByteBuffer bytes = ByteBuffer.wrap(page);
      bytes.putInt(COUNTER_AT, bytes.getInt(COUNTER_AT) + 1);
      bytes.putInt(VALID_FOR_AT, bytes.getInt(VALID_FOR_AT) + 1);
    }
  }
}
