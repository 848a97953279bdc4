package io.divan.storage.leveldb;

import java.util.Map;
import java.util.NoSuchElementException;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.jspecify.annotations.Nullable;

/**
 * Moves over rows as native LevelDB's iterators do, by their Java client. For one thread at a time.
 *
 * <ol>
 *   <li>It stands at a row, or behind the last one; a new one at the first.
 *   <li>{@code next} answers that row and moves to the one after it. {@code prev} moves to the row
 *       before and answers it; so what {@code next} has answered {@code prev} answers again.
 *   <li>{@code seekToLast} leads to the last row: {@code next} answers it, {@code prev} the one
 *       before. Behind the last row there is no way back but to seek.
 *   <li>Nothing is read before it is asked for. What fails leaves it where it was.
 * </ol>
 *
 * @param <R> what is known of a row
 * @see <a href="https://github.com/fusesource/leveldbjni">leveldbjni, JniDBIterator</a>
 */
public abstract class RowIterator<R> implements DBIterator {

  private enum Where {
    FIRST,
    AFTER_ROW,
    HERE
  }

  /** Where it stands: at the first row, behind {@link #row}, or there; behind the last at null. */
  private Where where = Where.FIRST;

  private @Nullable R row;

  /** The row before, while {@link #lookedBack}. */
  private @Nullable R previous;

  private boolean lookedBack;
  private boolean closed;

  /** The first row, or null where there is none. */
  protected abstract @Nullable R first();

  /** The last row, or null where there is none. */
  protected abstract @Nullable R last();

  /** The first row from a key on, or null where there is none. */
  protected abstract @Nullable R from(byte[] key);

  /** The row after one that was answered, or null where there is none. */
  protected abstract @Nullable R after(R answered);

  /** The row before one that was answered, or null where there is none. */
  protected abstract @Nullable R before(R answered);

  /** A row's key and value, for the caller to keep. */
  protected abstract Map.Entry<byte[], byte[]> entry(R answered);

  /** Called when it is closed first. */
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
