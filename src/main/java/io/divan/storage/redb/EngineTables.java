package io.divan.storage.redb;

import io.divan.redb.ReadableTable;
import io.divan.redb.RedbException;
import io.divan.redb.RowCursor;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a transaction of the engine, read. What the engine throws comes out as what storage
 * throws. For one thread.
 */
abstract class EngineTables {

  /** A table, or null where there is none; it is not made. */
  abstract @Nullable ReadableTable<byte[], byte[]> readable(String name);

  /** Answers what the engine's exception means. */
  abstract RuntimeException failed(RedbException e);

  final Optional<byte[]> get(Table table, byte[] key) {
    try {
      ReadableTable<byte[], byte[]> of = readable(table.name());
      return of == null ? Optional.empty() : of.get(key);
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  /**
   * Scans a range up to its limit.
   *
   * @param bytesMax the most bytes answered
   * @param firstFits whether a first row is answered whatever its size
   */
  final Page scan(Range range, long bytesMax, boolean firstFits) {
    try {
      RowCursor<byte[], byte[]> cursor = cursor(range);
      if (cursor == null) {
        return Page.end(List.of());
      }
      List<KeyValue> rows = new ArrayList<>(Math.min(range.limit(), 16));
      long bytes = 0;
      while (cursor.next()) {
        bytes += cursor.keyLength() + cursor.valueLength();
        if (bytes > bytesMax && !(firstFits && rows.isEmpty())) {
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
      throw failed(e);
    }
  }

  /** Bytes of keys and values within a range's bounds; stops counting beyond {@code max}. */
  final long bytes(Range range, long max) {
    try {
      RowCursor<byte[], byte[]> cursor = cursor(range);
      long bytes = 0;
      while (cursor != null && bytes <= max && cursor.next()) {
        bytes += cursor.keyLength() + cursor.valueLength();
      }
      return bytes;
    } catch (RedbException e) {
      throw failed(e);
    }
  }

  private @Nullable RowCursor<byte[], byte[]> cursor(Range range) {
    ReadableTable<byte[], byte[]> of =
        range.isEmpty() ? null : readable(range.table().name());
    return of == null
        ? null
        : of.range(Optional.of(range.begin()), range.end(), range.reverse());
  }
}
