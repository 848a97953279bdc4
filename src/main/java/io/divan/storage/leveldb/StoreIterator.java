package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.jspecify.annotations.Nullable;

/**
 * Goes over rows in both directions, page by page. For one thread at a time.
 *
 * <ol>
 *   <li>It stands before the first row, behind the last, at the row last read or sought, which may
 *       be gone by now: from there it goes on to the next key in either direction. So what {@code
 *       next} has answered {@code prev} does not answer again, as in LevelDB.
 *   <li>Rows of the page that are left lie in the direction it goes; turning lets them go.
 *   <li>Pages begin small and grow, for most iterators are given up soon.
 * </ol>
 */
final class StoreIterator implements DBIterator {
  private static final int ROWS_FIRST = 16;
  private static final int ROWS_MAX = 4_096;
  private static final int GROWTH = 4;

  private enum Place {
    BEFORE,
    AT,
    BEHIND
  }

  private final Range all;
  private final int keyBytesMax;
  private final Function<Range, Page> reader;
  private final Runnable whenClosed;
  private Place place = Place.BEFORE;
  private byte[] at = new byte[0];
  private boolean forward = true;
  private List<KeyValue> rows = List.of();
  private int taken;
  private int pageRows = ROWS_FIRST;
  private Optional<Range> rest;
  private @Nullable KeyValue read;
  private boolean closed;

  /**
   * Makes an iterator that stands before its first row.
   *
   * @param all what it goes over, from the least key up
   * @param reader reads a page; one without rows where there are more is possible
   */
  StoreIterator(Range all, int keyBytesMax, Function<Range, Page> reader, Runnable whenClosed) {
    this.all = all;
    this.keyBytesMax = keyBytesMax;
    this.reader = reader;
    this.whenClosed = whenClosed;
    this.rest = Optional.of(all);
  }

  @Override
  public void seek(byte[] key) {
    requireOpen();
    byte[] least = key.clone();
    if (key.length > keyBytesMax) { // no row has this key; the next one follows what fits of it
      least = Arrays.copyOf(Arrays.copyOf(key, keyBytesMax), keyBytesMax + 1);
    }
    if (Format.compare(least, all.begin()) < 0) {
      least = all.begin();
    }
    stand(Place.AT, true);
    at = least;
    rest = Optional.of(new Range(all.table(), least, all.end(), false, Range.NO_LIMIT));
  }

  @Override
  public void seekToFirst() {
    requireOpen();
    stand(Place.BEFORE, true);
  }

  @Override
  public void seekToLast() {
    requireOpen();
    stand(Place.BEHIND, false);
  }

  private void stand(Place there, boolean goesForward) {
    place = there;
    forward = goesForward;
    read = null;
    rows = List.of();
    taken = 0;
    pageRows = ROWS_FIRST;
    rest =
        switch (place) {
          case BEFORE -> forward ? Optional.of(all) : Optional.empty();
          case BEHIND -> forward ? Optional.empty() : Optional.of(all.reversed());
          case AT -> Optional.of((forward ? all : all.reversed()).after(at));
        };
  }

  private boolean has(boolean goesForward) {
    requireOpen();
    if (forward != goesForward) {
      stand(place, goesForward);
    }
    if (read == null) {
      read = move();
    }
    return read != null;
  }

  private @Nullable KeyValue move() {
    while (taken == rows.size()) {
      if (rest.isEmpty() || rest.get().isEmpty()) {
        stand(forward ? Place.BEHIND : Place.BEFORE, forward);
        return null;
      }
      Page page = reader.apply(rest.get().limit(pageRows));
      pageRows = Math.min(pageRows * GROWTH, ROWS_MAX);
      rows = page.rows();
      taken = 0;
      rest = page.rest();
    }
    KeyValue row = rows.get(taken++);
    place = Place.AT;
    at = row.key();
    return row;
  }

  private Map.Entry<byte[], byte[]> peek(boolean goesForward) {
    if (!has(goesForward) || read == null) {
      throw new NoSuchElementException();
    }
    return Map.entry(read.key().clone(), read.value());
  }

  private Map.Entry<byte[], byte[]> take(boolean goesForward) {
    Map.Entry<byte[], byte[]> entry = peek(goesForward);
    read = null;
    return entry;
  }

  @Override
  public boolean hasNext() {
    return has(true);
  }

  @Override
  public Map.Entry<byte[], byte[]> peekNext() {
    return peek(true);
  }

  @Override
  public Map.Entry<byte[], byte[]> next() {
    return take(true);
  }

  @Override
  public boolean hasPrev() {
    return has(false);
  }

  @Override
  public Map.Entry<byte[], byte[]> peekPrev() {
    return peek(false);
  }

  @Override
  public Map.Entry<byte[], byte[]> prev() {
    return take(false);
  }

  private void requireOpen() {
    if (closed) {
      throw new DBException("The iterator is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      whenClosed.run();
    }
  }
}
