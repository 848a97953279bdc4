package io.divan.document.maintenance;

import io.divan.document.rows.Tables;
import io.divan.storage.BatchScan;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Shows the stored rows of a database, to find faults. Checks nothing, not even the format; rows
 * that cannot be decoded are shown as bytes. Safe for use by many threads.
 */
public final class Inspector {
  private static final HexFormat HEX = HexFormat.of();

  /**
   * Selects rows. {@code start} and {@code prefix} are the text of a key's first element; in the
   * table {@code changes} a sequence, with or without its number, or its first digits; in any table
   * {@code 0x} followed by the digits of a key.
   *
   * @param table the only table to show, or empty for all
   * @param start the key to begin at, which needs a table; empty for its first row
   * @param prefix the beginning of the keys to show; empty for all
   * @param limit the most rows of a table, at least 1
   * @param raw whether to show all bytes of keys and values, and decode nothing
   */
  public record Selection(
      Optional<String> table, String start, String prefix, int limit, boolean raw) {

    /** Throws {@link IllegalArgumentException} with a sentence for the user. */
    public Selection {
      if (limit < 1) {
        throw new IllegalArgumentException("The limit must be at least 1, not " + limit);
      }
      if (table.isEmpty() && !start.isEmpty()) {
        throw new IllegalArgumentException("A start needs a table");
      }
      if (table.isPresent() && !tables().contains(table.get())) {
        throw new IllegalArgumentException(
            "There is no table " + table.get() + "; there are " + String.join(", ", tables()));
      }
      ranges(table, start, prefix, limit); // throws if a key is malformed
    }

    private List<TableRange> ranges() {
      return ranges(table, start, prefix, limit);
    }

    private static List<TableRange> ranges(
        Optional<String> table, String start, String prefix, int limit) {
      List<TableRange> ranges = new ArrayList<>();
      for (RowText rows : RowText.values()) {
        boolean shown =
            table.isPresent()
                ? table.get().equals(rows.table().name())
                : rows != RowText.CHANGES || isHex(stamp(prefix)) || prefix.startsWith("0x");
        if (shown) {
          Range all = Range.prefix(rows.table(), place(rows.table(), prefix, true));
          byte[] from = place(rows.table(), start, false);
          byte[] begin = Arrays.compareUnsigned(from, all.begin()) > 0 ? from : all.begin();
          Range range = new Range(rows.table(), begin, all.end(), false, limit);
          if (!range.isEmpty()) {
            ranges.add(new TableRange(rows, range));
          }
        }
      }
      return ranges;
    }

    private static byte[] place(Table table, String text, boolean prefix) {
      if (text.isEmpty()) {
        return new byte[0];
      }
      if (text.startsWith("0x")) {
        return digits(text.substring(2));
      }
      if (table.equals(Tables.CHANGES)) {
        byte[] sequence = digits(stamp(text));
        byte[] key = Arrays.copyOf(Tables.CHANGE_PREFIX, 1 + sequence.length);
        System.arraycopy(sequence, 0, key, 1, sequence.length);
        return key;
      }
      byte[] key = new TupleWriter().add(text).toBytes();
      return prefix ? Arrays.copyOf(key, key.length - 1) : key; // without the terminator
    }

    /**
     * Returns the digits of the stamp in a sequence that {@code _changes} or a row's text shows.
     */
    private static String stamp(String sequence) {
      return sequence.replaceFirst("^(?:@|[0-9]+-)", "");
    }

    private static boolean isHex(String text) {
      return text.length() % 2 == 0 && text.chars().allMatch(HexFormat::isHexDigit);
    }

    private static byte[] digits(String text) {
      if (!isHex(text)) {
        throw new IllegalArgumentException(
            "\"" + text + "\" is not an even number of hexadecimal digits");
      }
      return HEX.parseHex(text);
    }
  }

  private record TableRange(RowText rows, Range range) {}

  /** The text of rows, a line each, read in batches of about a megabyte. For one thread. */
  public static final class Lines {
    private final Store store;
    private final boolean raw;
    private final Iterator<TableRange> ranges;
    private Optional<BatchScan<String>> scan = Optional.empty();

    private Lines(Store store, Selection selection) {
      this.store = store;
      this.raw = selection.raw();
      this.ranges = selection.ranges().iterator();
    }

    /** Returns whether there may be more lines. */
    public boolean hasMore() {
      return ranges.hasNext() || scan.isPresent() && scan.get().hasMore();
    }

    /**
     * Returns the next lines, possibly none while {@link #hasMore()}.
     *
     * @throws StorageException as {@link Store#read} does
     */
    public List<String> next() {
      if (scan.isEmpty() || !scan.get().hasMore()) {
        if (!ranges.hasNext()) {
          return List.of();
        }
        scan = Optional.of(scan(ranges.next()));
      }
      return scan.get().next();
    }

    private BatchScan<String> scan(TableRange of) {
      return store.scan(
          of.range(),
          Range.NO_LIMIT,
          (transaction, rows) -> new BatchScan.Batch<>(
              rows.stream().map(row -> line(of.rows(), row)).toList(), rows.size()));
    }

    private String line(RowText rows, KeyValue row) {
      return raw ? RowText.raw(rows.table(), row) : rows.line(row);
    }
  }

  private final StorageAdapter adapter;

  /** Creates an inspector of an adapter's stores. */
  public Inspector(StorageAdapter adapter) {
    this.adapter = adapter;
  }

  /** Returns the names of the tables, in the order in which they are shown. */
  public static List<String> tables() {
    return Arrays.stream(RowText.values()).map(rows -> rows.table().name()).toList();
  }

  /**
   * Returns the rows of a database.
   *
   * @throws StorageException.DatabaseNotFound if it does not exist
   */
  public Lines database(String name, Selection selection) {
    return new Lines(adapter.open(name), selection);
  }

  /** Returns the rows of the system store. */
  public Lines system(Selection selection) {
    return new Lines(adapter.system(), selection);
  }
}
