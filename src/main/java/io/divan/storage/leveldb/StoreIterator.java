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
 * An iterator over the rows of a store, in both directions and page by page. Used by one thread at
 * a time.
 *
 * <ol>
 *   <li>The current row may have been deleted. The iterator then continues with the next key in
 *       either direction.
 *   <li>The unread rows of a page follow the last returned row in the current direction. Changing
 *       the direction discards them.
 *   <li>Pages begin small and grow, because most iterators are closed soon.
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
  private @Nullable KeyValue returned;
  private boolean forward = true;
  private List<KeyValue> rows = List.of();
  private int taken;
  private int pageRows = ROWS_FIRST;
  private Optional<Range> rest = Optional.empty();

  /**
   * Creates an iterator positioned at its first row.
   *
   * @param all the range, in ascending order
   * @param reader reads a page, which may be empty although more rows follow
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
    if (key.length > keyBytesMax) { // no row has this key: seek past its longest valid prefix
      least = Arrays.copyOf(Arrays.copyOf(key, keyBytesMax), keyBytesMax + 1);
    }
    if (Format.compare(least, all.begin()) < 0) {
      least = all.begin();
    }
    return begin(new Range(all.table(), least, all.end(), false, Range.NO_LIMIT));
  }

  @Override
  protected @Nullable KeyValue after(KeyValue row) {
    return forward && row == returned ? move() : begin(all.after(row.key()));
  }

  @Override
  protected @Nullable KeyValue before(KeyValue row) {
    return !forward && row == returned ? move() : begin(all.reversed().after(row.key()));
  }

  private @Nullable KeyValue begin(Range range) {
    returned = null;
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
        returned = null;
        return null;
      }
      Page page = reader.apply(rest.get().limit(pageRows));
      pageRows = Math.min(pageRows * GROWTH, ROWS_MAX);
      rows = page.rows();
      taken = 0;
      rest = page.rest();
    }
    returned = rows.get(taken++);
    return returned;
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
