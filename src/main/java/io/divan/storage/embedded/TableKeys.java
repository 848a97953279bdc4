package io.divan.storage.embedded;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Maps rows of all tables of a store to one ordered set of keys: the table's number as a tuple
 * integer, followed by the row's key, as on FoundationDB. Keys that begin with 0x00 belong to no
 * table; layers keep rows of their own there.
 */
public final class TableKeys {

  /** The most bytes before a row's key. */
  public static final int PREFIX_BYTES_MAX = 2;

  private static final byte ZERO = 0x14;
  private static final byte ONE_BYTE = 0x15;

  private TableKeys() {}

  private static byte[] prefix(Table table) {
    return table.number() == 0
        ? new byte[] {ZERO}
        : new byte[] {ONE_BYTE, (byte) table.number()};
  }

  static int prefixBytes(Table table) {
    return table.number() == 0 ? 1 : 2;
  }

  /** Returns the key of a row among all tables. */
  public static byte[] of(Table table, byte[] key) {
    byte[] prefix = prefix(table);
    byte[] full = Arrays.copyOf(prefix, prefix.length + key.length);
    System.arraycopy(key, 0, full, prefix.length, key.length);
    return full;
  }

  /** Returns the number of a key's table, or empty if it belongs to none. */
  public static OptionalInt tableNumber(byte[] key) {
    return switch (key[0]) {
      case ZERO -> OptionalInt.of(0);
      case ONE_BYTE -> OptionalInt.of(key[1] & 0xFF);
      default -> OptionalInt.empty();
    };
  }

  /** Returns the key of a row in its table. */
  public static byte[] rowKey(byte[] key) {
    return rest(key, key[0] == ZERO ? 1 : 2);
  }

  /** Converts a range of a table to a range of {@code all}, which holds the rows of all tables. */
  public static Range of(Table all, Range range) {
    Optional<byte[]> end =
        range.end().isPresent()
            ? Optional.of(of(range.table(), range.end().get()))
            : Range.afterPrefix(prefix(range.table()));
    return new Range(
        all, of(range.table(), range.begin()), end, range.reverse(), range.limit());
  }

  /** Converts a page of such rows to a page of the table. */
  public static Page page(Table table, Page page) {
    int bytes = prefixBytes(table);
    return new Page(
        page.rows().stream()
            .map(row -> new KeyValue(rest(row.key(), bytes), row.value()))
            .toList(),
        page.stop(),
        page.rest().map(rest -> range(table, rest, bytes)));
  }

  private static Range range(Table table, Range rest, int bytes) {
    byte[] prefix = prefix(table);
    Optional<byte[]> end =
        rest.end()
            .filter(key -> Arrays.mismatch(prefix, Arrays.copyOf(key, bytes)) < 0)
            .map(key -> rest(key, bytes));
    return new Range(table, rest(rest.begin(), bytes), end, rest.reverse(), rest.limit());
  }

  private static byte[] rest(byte[] key, int bytes) {
    return Arrays.copyOfRange(key, bytes, key.length);
  }
}
