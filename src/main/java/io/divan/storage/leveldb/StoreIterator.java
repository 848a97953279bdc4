package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Goes over rows of a store in both directions, page by page. For one thread at a time.
 *
 * <ol>
 *   <li>The row it stands at may be gone by now: from there it goes on to the next key in either
 *       direction.
 *   <li>Rows of the page that are left lie in the direction it goes, behind the row answered last;
 *       turning lets them go.
 *   <li>Pages begin small and grow, for most iterators are given up soon.
 * </ol>
 */
final class StoreIterator extends RowIterator<KeyValue> {
  private static final int ROWS_FIRST = 16;
  private static final int ROWS_MAX = 4_096;
  private static final int GROWTH = 4;

  private final Range all;
  private final int keyBytesMax;
  private final Function<Range, Page> reader;
  private final Runnable whenClosed;
  private @Nullable KeyValue answered;
  private boolean forward = true;
  private List<KeyValue> rows = List.of();
  private int taken;
  private int pageRows = ROWS_FIRST;
  private Optional<Range> rest = Optional.empty();

  /**
   * Makes an iterator that stands at its first row.
   *
   * @param all what it goes over, from the least key up
   * @param reader reads a page; one without rows where there are more is possible
   */
  StoreIterator(Range all, int keyBytesMax, Function<Range, Page> reader, Runnable whenClosed) {
    this.all = all;
    this.keyBytesMax = keyBytesMax;
    this.reader = reader;
    this.whenClosed = whenClosed;
  }

  @Override
  protected @Nullable KeyValue first() {
    return begin(all);
  }

  @Override
  protected @Nullable KeyValue last() {
    return begin(all.reversed());
  }

  @Override
  protected @Nullable KeyValue from(byte[] key) {
    byte[] least = key.clone();
    if (key.length > keyBytesMax) { // no row has this key; the next one follows what fits of it
      least = Arrays.copyOf(Arrays.copyOf(key, keyBytesMax), keyBytesMax + 1);
    }
    if (Format.compare(least, all.begin()) < 0) {
      least = all.begin();
    }
    return begin(new Range(all.table(), least, all.end(), false, Range.NO_LIMIT));
  }

  @Override
  protected @Nullable KeyValue after(KeyValue row) {
    return forward && row == answered ? move() : begin(all.after(row.key()));
  }

  @Override
  protected @Nullable KeyValue before(KeyValue row) {
    return !forward && row == answered ? move() : begin(all.reversed().after(row.key()));
  }

  private @Nullable KeyValue begin(Range range) {
    answered = null;
    forward = !range.reverse();
    rows = List.of();
    taken = 0;
    pageRows = ROWS_FIRST;
    rest = Optional.of(range);
    return move();
  }

  private @Nullable KeyValue move() {
    while (taken == rows.size()) {
      if (rest.isEmpty() || rest.get().isEmpty()) {
        answered = null;
        return null;
      }
      Page page = reader.apply(rest.get().limit(pageRows));
      pageRows = Math.min(pageRows * GROWTH, ROWS_MAX);
      rows = page.rows();
      taken = 0;
      rest = page.rest();
    }
    answered = rows.get(taken++);
    return answered;
  }

  @Override
  protected Map.Entry<byte[], byte[]> entry(KeyValue row) {
    return Map.entry(row.key().clone(), row.value().clone());
  }

  @Override
  protected void whenClosed() {
    whenClosed.run();
  }
}
