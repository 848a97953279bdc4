package io.divan.storage.redb;

import io.divan.redb.ReadableTable;
import io.divan.redb.RedbException;
import io.divan.redb.RowCursor;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tables of one engine transaction, and turns its exceptions into {@link
 * StorageException}s. For one thread.
 */
interface RedbTables {

  /** Returns a table, or null if the file has none of that name. */
  @Nullable
  ReadableTable<byte[], byte[]> readable(String name);

  /** Returns the exception to throw for one of the engine's. */
  RuntimeException storageException(RedbException e);

  /** Returns the value of a key. */
  default Optional<byte[]> value(Table table, byte[] key) {
    try {
      ReadableTable<byte[], byte[]> rows = readable(table.name());
      return rows == null ? Optional.empty() : rows.get(key);
    } catch (RedbException e) {
      throw storageException(e);
    }
  }

  /**
   * Scans a range up to its limit.
   *
   * @param bytesMax the most bytes returned
   * @param alwaysFirst whether the first row is returned whatever its size
   */
  default Page page(Range range, long bytesMax, boolean alwaysFirst) {
    try {
      RowCursor<byte[], byte[]> cursor = cursor(range);
      if (cursor == null) {
        return Page.end(List.of());
      }
      List<KeyValue> rows = new ArrayList<>(Math.min(range.limit(), 16));
      long bytes = 0;
      while (cursor.next()) {
        bytes += cursor.keyLength() + cursor.valueLength();
        if (bytes > bytesMax && !(alwaysFirst && rows.isEmpty())) {
          Range rest = rows.isEmpty() ? range : range.after(rows.getLast().key());
          return Page.stopped(rows, Page.Stop.BYTES, rest);
        }
        KeyValue row = new KeyValue(cursor.key(), cursor.value());
        rows.add(row);
        if (rows.size() == range.limit()) {
          return Page.stopped(rows, Page.Stop.ROWS, range.after(row.key()));
        }
      }
      return Page.end(rows);
    } catch (RedbException e) {
      throw storageException(e);
    }
  }

  /** Returns the bytes of keys and values in a range. Stops counting beyond {@code max}. */
  default long bytes(Range range, long max) {
    try {
      RowCursor<byte[], byte[]> cursor = cursor(range);
      long bytes = 0;
      while (cursor != null && bytes <= max && cursor.next()) {
        bytes += cursor.keyLength() + cursor.valueLength();
      }
      return bytes;
    } catch (RedbException e) {
      throw storageException(e);
    }
  }

  private @Nullable RowCursor<byte[], byte[]> cursor(Range range) {
    ReadableTable<byte[], byte[]> rows =
        range.isEmpty() ? null : readable(range.table().name());
    return rows == null
        ? null
        : rows.range(Optional.of(range.begin()), range.end(), range.reverse());
  }
}
