package io.divan.storage.leveldb.lsm;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * What a database holds at one moment: an iterator of the engine, which keeps the tables and the
 * memory that it began with, and is moved for whoever reads. Safe for use by many threads, one at a
 * time.
 *
 * <p>The engine's own snapshots are not used. With them a compaction keeps several versions of a
 * key, and may end a table between two of them; a later one may then drop the newer, a deletion,
 * and leave the older, which is there again (google/leveldb, issue 887; mended in the port's
 * sources since, but not in a release). Without them no table but one made of memory holds two
 * versions of a key, and such a one is never split.
 */
final class LsmSnapshot implements Snapshot {

  private final DBIterator iterator;
  private final long writesBefore;

  /** Whose place the iterator stands at. */
  private @Nullable Object user;

  private boolean closed;

  /**
   * Makes a snapshot.
   *
   * @param iterator of the moment
   * @param writesBefore how many writes had been made, where none was under way; otherwise -1
   */
  LsmSnapshot(DBIterator iterator, long writesBefore) {
    this.iterator = iterator;
    this.writesBefore = writesBefore;
  }

  /** Whether the database still holds the same, if so many writes have begun by now. */
  boolean isNow(long writesBegun) {
    return writesBefore == writesBegun;
  }

  private void requireOpen() {
    if (closed) {
      throw new DBException("The snapshot is closed");
    }
  }

  synchronized byte @Nullable [] get(byte[] key) {
    requireOpen();
    user = this;
    iterator.seek(key);
    if (!iterator.hasNext()) {
      return null;
    }
    Map.Entry<byte[], byte[]> found = iterator.next();
    return Arrays.equals(found.getKey(), key) ? found.getValue() : null;
  }

  synchronized Optional<Map.Entry<byte[], byte[]>> first(Object reader) {
    requireOpen();
    user = reader;
    iterator.seekToFirst();
    return next();
  }

  synchronized Optional<Map.Entry<byte[], byte[]>> last(Object reader) {
    requireOpen();
    user = reader;
    iterator.seekToLast();
    return previous();
  }

  synchronized Optional<Map.Entry<byte[], byte[]>> from(Object reader, byte[] key) {
    requireOpen();
    user = reader;
    iterator.seek(key);
    return next();
  }

  /** The row after one that {@code reader} was given. */
  synchronized Optional<Map.Entry<byte[], byte[]>> after(Object reader, byte[] key) {
    requireOpen();
    if (user != reader) {
      user = reader;
      iterator.seek(key);
      iterator.next();
    }
    return next();
  }

  /** The row before one that {@code reader} was given. */
  synchronized Optional<Map.Entry<byte[], byte[]>> before(Object reader, byte[] key) {
    requireOpen();
    if (user != reader) {
      user = reader;
      iterator.seek(key);
      iterator.next();
    }
    return previous();
  }

  private Optional<Map.Entry<byte[], byte[]>> next() {
    if (iterator.hasNext()) {
      return Optional.of(iterator.next());
    }
    user = null; // the iterator stands nowhere
    return Optional.empty();
  }

  private Optional<Map.Entry<byte[], byte[]>> previous() {
    if (iterator.hasPrev()) {
      return Optional.of(iterator.prev());
    }
    user = null;
    return Optional.empty();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      iterator.close();
    }
  }
}
