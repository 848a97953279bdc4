package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.ReadOptions;

/** Reads of any LevelDB database, through its interface. */
record DbView(DB db, ReadOptions options) implements View {
  private static final int BYTES_MAX = io.divan.storage.ReadTransaction.SCAN_BYTES_MAX;

  @Override
  public Optional<byte[]> get(byte[] key) {
    return Optional.ofNullable(db.get(key, options));
  }

  @Override
  public Page scan(Range range) {
    if (range.isEmpty()) {
      return Page.end(List.of());
    }
    try (DBIterator rows = db.iterator(options)) {
      seek(rows, range);
      List<KeyValue> page = new ArrayList<>(Math.min(range.limit(), 16));
      long bytes = 0;
      while (range.reverse() ? rows.hasPrev() : rows.hasNext()) {
        Map.Entry<byte[], byte[]> entry = range.reverse() ? rows.prev() : rows.next();
        if (!range.contains(entry.getKey())) {
          break;
        }
        KeyValue row = new KeyValue(entry.getKey(), entry.getValue());
        bytes += row.bytes();
        if (bytes > BYTES_MAX && !page.isEmpty()) {
          return Page.stopped(page, Page.Stop.BYTES, range.after(page.getLast().key()));
        }
        page.add(row);
        if (page.size() == range.limit()) {
          return Page.stopped(page, Page.Stop.ROWS, range.after(row.key()));
        }
      }
      return Page.end(page);
    }
  }

  private static void seek(DBIterator rows, Range range) {
    if (!range.reverse()) {
      rows.seek(range.begin());
    } else if (range.end().isPresent()) {
      rows.seek(range.end().get());
    } else {
      rows.seekToLast();
    }
  }
}
