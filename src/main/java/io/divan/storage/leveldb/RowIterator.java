package io.divan.storage.leveldb;

import java.util.Map;
import java.util.NoSuchElementException;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.jspecify.annotations.Nullable;

/**
 * An iterator that moves as the iterators of native LevelDB's Java client do. Used by one thread at
 * a time.
 *
 * <ol>
 *   <li>The iterator is at a row or after the last one. A new iterator is at the first row.
 *   <li>{@code next} returns the current row and moves to the following one. {@code prev} moves to
 *       the preceding row and returns it. A row that {@code next} has just returned is therefore
 *       returned again by {@code prev}.
 *   <li>{@code seekToLast} moves to the last row: {@code next} returns it, and {@code prev} the row
 *       before it. After the last row, only a seek leads back.
 *   <li>Rows are read on demand. A failed step leaves the iterator where it was.
 * </ol>
 *
 * @param <R> the representation of a row
 * @see <a href="https://github.com/fusesource/leveldbjni">leveldbjni, JniDBIterator</a>
 */
public abstract class RowIterator<R> implements DBIterator {

  private enum Where {
    FIRST,
    AFTER_ROW,
    HERE
  }

  /**
   * The position: at the first row, after {@link #row}, or at it; a null row means after the last.
   */
  private Where where = Where.FIRST;

  private @Nullable R row;

  /** The preceding row, valid while {@link #lookedBack}. */
  private @Nullable R previous;

  private boolean lookedBack;
  private boolean closed;

  /** Returns the first row, or null if there is none. */
  protected abstract @Nullable R first();

  /** Returns the last row, or null if there is none. */
  protected abstract @Nullable R last();

  /** Returns the first row at or after a key, or null if there is none. */
  protected abstract @Nullable R from(byte[] key);

  /** Returns the row after one that was returned, or null if there is none. */
  protected abstract @Nullable R after(R returned);

  /** Returns the row before one that was returned, or null if there is none. */
  protected abstract @Nullable R before(R returned);

  /** Returns the key and value of a row, for the caller to keep. */
  protected abstract Map.Entry<byte[], byte[]> entry(R returned);

  /** Called once, when the iterator is closed. */
  protected abstract void whenClosed();

  private void requireOpen() {
    if (closed) {
      throw new DBException("The iterator is closed");
    }
  }

  private void stand(Where there, @Nullable R at) {
    where = there;
    row = at;
    previous = null;
    lookedBack = false;
  }

  @Override
  public final void seek(byte[] key) {
    requireOpen();
    stand(Where.HERE, from(key));
  }

  @Override
  public final void seekToFirst() {
    requireOpen();
    stand(Where.HERE, first());
  }

  @Override
  public final void seekToLast() {
    requireOpen();
    stand(Where.HERE, last());
  }

  private @Nullable R here() {
    requireOpen();
    if (where == Where.FIRST) {
      stand(Where.HERE, first());
    } else if (where == Where.AFTER_ROW && row != null) {
      stand(Where.HERE, after(row));
    }
    return row;
  }

  private @Nullable R back() {
    R here = here();
    if (here != null && !lookedBack) {
      previous = before(here);
      lookedBack = true;
    }
    return previous;
  }

  private static <T> T require(@Nullable T found) {
    if (found == null) {
      throw new NoSuchElementException();
    }
    return found;
  }

  @Override
  public final boolean hasNext() {
    return here() != null;
  }

  @Override
  public final Map.Entry<byte[], byte[]> peekNext() {
    return entry(require(here()));
  }

  @Override
  public final Map.Entry<byte[], byte[]> next() {
    R next = require(here());
    stand(Where.AFTER_ROW, next);
    return entry(next);
  }

  @Override
  public final boolean hasPrev() {
    return back() != null;
  }

  @Override
  public final Map.Entry<byte[], byte[]> peekPrev() {
    return entry(require(back()));
  }

  @Override
  public final Map.Entry<byte[], byte[]> prev() {
    R before = require(back());
    stand(Where.HERE, before);
    return entry(before);
  }

  @Override
  public final void close() {
    if (!closed) {
      closed = true;
      whenClosed();
    }
  }
}
