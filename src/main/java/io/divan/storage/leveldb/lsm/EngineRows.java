package io.divan.storage.leveldb.lsm;

import java.util.Arrays;
import java.util.Map;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one moment: an iterator of the engine, which keeps the tables and the memory that it
 * began with, and is moved for whoever reads. Where the last row answered is the one that is asked
 * from, that is one step. Safe for use by many threads, one at a time.
 */
final class EngineRows implements AutoCloseable {

  private final DBIterator iterator;

  /** The row that the iterator stands at, and has answered; by identity. */
  private Map.@Nullable Entry<byte[], byte[]> answered;

  private boolean closed;

  EngineRows(DBIterator iterator) {
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
    answered = null;
    iterator.seekToFirst();
    return next();
  }

  synchronized Map.@Nullable Entry<byte[], byte[]> last() {
    requireOpen();
    answered = null;
    iterator.seekToLast();
    return previous();
  }

  synchronized Map.@Nullable Entry<byte[], byte[]> from(byte[] key) {
    requireOpen();
    answered = null;
    iterator.seek(key);
    return next();
  }

  /** The row after one that was answered. */
  synchronized Map.@Nullable Entry<byte[], byte[]> after(Map.Entry<byte[], byte[]> row) {
    requireOpen();
    standAt(row);
    return next();
  }

  /** The row before one that was answered. */
  synchronized Map.@Nullable Entry<byte[], byte[]> before(Map.Entry<byte[], byte[]> row) {
    requireOpen();
    standAt(row);
    return previous();
  }

  private void standAt(Map.Entry<byte[], byte[]> row) {
    if (answered != row) {
      iterator.seek(row.getKey());
      iterator.next();
    }
    answered = null; // if the step fails it stands nowhere
  }

  private Map.@Nullable Entry<byte[], byte[]> next() {
    answered = iterator.hasNext() ? iterator.next() : null;
    return answered;
  }

  private Map.@Nullable Entry<byte[], byte[]> previous() {
    answered = iterator.hasPrev() ? iterator.prev() : null;
    return answered;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      iterator.close();
    }
  }
}
