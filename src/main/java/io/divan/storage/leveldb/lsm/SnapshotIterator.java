package io.divan.storage.leveldb.lsm;

import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.jspecify.annotations.Nullable;

/**
 * One of the iterators of an {@link LsmSnapshot}. It stands at a row, at the beginning or at the
 * end; {@code next} and {@code prev} go from there, but the first step after a seek answers the row
 * it has led to, as the engine's iterators do. For one thread.
 */
final class SnapshotIterator implements DBIterator {

  private enum Place {
    BEGIN,
    ROW,
    END
  }

  private enum Ready {
    NONE,
    NEXT,
    PREVIOUS
  }

  private final LsmSnapshot snapshot;
  private Place place = Place.BEGIN;
  private Map.@Nullable Entry<byte[], byte[]> row;

  /** Whether the row that it stands at is still to be answered, and to whom. */
  private Ready ready = Ready.NONE;

  private boolean closed;

  SnapshotIterator(LsmSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  private void requireOpen() {
    if (closed) {
      throw new DBException("The iterator is closed");
    }
  }

  private void stand(Optional<Map.Entry<byte[], byte[]>> at, Place otherwise, Ready then) {
    place = at.isPresent() ? Place.ROW : otherwise;
    row = at.orElse(null);
    ready = at.isPresent() ? then : Ready.NONE;
  }

  @Override
  public void seek(byte[] key) {
    requireOpen();
    stand(snapshot.from(this, key), Place.END, Ready.NEXT);
  }

  @Override
  public void seekToFirst() {
    requireOpen();
    stand(snapshot.first(this), Place.END, Ready.NEXT);
  }

  @Override
  public void seekToLast() {
    requireOpen();
    stand(snapshot.last(this), Place.BEGIN, Ready.PREVIOUS);
  }

  @Override
  public boolean hasNext() {
    requireOpen();
    if (ready != Ready.NEXT) {
      if (place == Place.BEGIN) {
        stand(snapshot.first(this), Place.END, Ready.NEXT);
      } else if (row != null) {
        stand(snapshot.after(this, row.getKey()), Place.END, Ready.NEXT);
      }
    }
    return ready == Ready.NEXT;
  }

  @Override
  public boolean hasPrev() {
    requireOpen();
    if (ready != Ready.PREVIOUS) {
      if (place == Place.END) {
        stand(snapshot.last(this), Place.BEGIN, Ready.PREVIOUS);
      } else if (row != null) {
        stand(snapshot.before(this, row.getKey()), Place.BEGIN, Ready.PREVIOUS);
      }
    }
    return ready == Ready.PREVIOUS;
  }

  @Override
  public Map.Entry<byte[], byte[]> next() {
    Map.Entry<byte[], byte[]> next = peekNext();
    ready = Ready.NONE;
    return next;
  }

  @Override
  public Map.Entry<byte[], byte[]> prev() {
    Map.Entry<byte[], byte[]> previous = peekPrev();
    ready = Ready.NONE;
    return previous;
  }

  @Override
  public Map.Entry<byte[], byte[]> peekNext() {
    if (!hasNext() || row == null) {
      throw new NoSuchElementException();
    }
    return row;
  }

  @Override
  public Map.Entry<byte[], byte[]> peekPrev() {
    if (!hasPrev() || row == null) {
      throw new NoSuchElementException();
    }
    return row;
  }

  @Override
  public void close() {
    closed = true;
  }
}
