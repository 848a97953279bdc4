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

/** Reads any LevelDB database through its interface. */
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
      List<KeyValue> page = new ArrayList<>(Math.min(range.limit(), 16));
      long bytes = 0;
      boolean more = range.reverse() ? seekBefore(rows, range.end()) : seek(rows, range.begin());
      while (more) {
        Map.Entry<byte[], byte[]> entry = rows.peekNext();
        byte[] key = entry.getKey();
        if (!range.contains(key)) {
          break;
        }
        KeyValue row = new KeyValue(key, entry.getValue());
        bytes += row.bytes();
        if (bytes > BYTES_MAX && !page.isEmpty()) {
          return Page.stopped(page, Page.Stop.BYTES, range.after(page.getLast().key()));
        }
        page.add(row);
        if (page.size() == range.limit()) {
          return Page.stopped(page, Page.Stop.ROWS, range.after(key));
        }
        more = range.reverse() ? back(rows) : forth(rows);
      }
      return Page.end(page);
    }
  }

  private static boolean seek(DBIterator rows, byte[] begin) {
    rows.seek(begin);
    return rows.hasNext();
  }

  /** Moves to the last row below a key. Returns false if there is none. */
  private static boolean seekBefore(DBIterator rows, Optional<byte[]> end) {
    if (end.isPresent() && seek(rows, end.get())) {
      return back(rows);
    }
    rows.seekToLast();
    return rows.hasNext();
  }

  private static boolean forth(DBIterator rows) {
    rows.next();
    return rows.hasNext();
  }

  private static boolean back(DBIterator rows) {
    boolean has = rows.hasPrev();
    if (has) {
      rows.prev();
    }
    return has;
  }
}
