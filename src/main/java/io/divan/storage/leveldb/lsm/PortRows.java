package io.divan.storage.leveldb.lsm;

import java.util.Arrays;
import java.util.Map;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one state: an iterator of the port, which holds the SST files and memtable that it
 * began with and is moved for each reader. Continuing from the last returned row takes a single
 * step. Thread-safe; serves one thread at a time.
 */
final class PortRows implements AutoCloseable {

  private final DBIterator iterator;

  /** The last returned row, at which the iterator stands; compared by identity. */
  private Map.@Nullable Entry<byte[], byte[]> returned;

  private boolean closed;

  PortRows(DBIterator iterator) {
    this.iterator = iterator;
  }

  private void requireOpen() {
    if (closed) {
      throw new DBException("The snapshot is closed");
    }
  }

  synchronized byte @Nullable [] get(byte[] key) {
    Map.Entry<byte[], byte[]> found = from(key);
    return found != null && Arrays.equals(found.getKey(), key) ? found.getValue() : null;
  }

  synchronized Map.@Nullable Entry<byte[], byte[]> first() {
    requireOpen();
    returned = null;
    iterator.seekToFirst();
    return next();
  }

  synchronized Map.@Nullable Entry<byte[], byte[]> last() {
    requireOpen();
    returned = null;
    iterator.seekToLast();
    return previous();
  }

  synchronized Map.@Nullable Entry<byte[], byte[]> from(byte[] key) {
    requireOpen();
    returned = null;
    iterator.seek(key);
    return next();
  }

  /** Returns the row after one that was returned. */
  synchronized Map.@Nullable Entry<byte[], byte[]> after(Map.Entry<byte[], byte[]> row) {
    requireOpen();
    standAt(row);
    return next();
  }

  /** Returns the row before one that was returned. */
  synchronized Map.@Nullable Entry<byte[], byte[]> before(Map.Entry<byte[], byte[]> row) {
    requireOpen();
    standAt(row);
    return previous();
  }

  private void standAt(Map.Entry<byte[], byte[]> row) {
    if (returned != row) {
      iterator.seek(row.getKey());
      iterator.next();
    }
    returned = null; // a failed step leaves no known position
  }

  private Map.@Nullable Entry<byte[], byte[]> next() {
    returned = iterator.hasNext() ? iterator.next() : null;
    return returned;
  }

  private Map.@Nullable Entry<byte[], byte[]> previous() {
    returned = iterator.hasPrev() ? iterator.prev() : null;
    return returned;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      iterator.close();
    }
  }
}
