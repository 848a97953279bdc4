package io.divan.storage.leveldb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.function.Supplier;
import org.iq80.leveldb.DBIterator;
import org.jspecify.annotations.Nullable;

/**
 * Moves an iterator at random and compares it with a model of native LevelDB's iterators over a
 * map.
 */
public final class IteratorWalk {
  private final DBIterator iterator;
  private final NavigableMap<byte[], byte[]> rows;
  private final String as;

  /** The current row; null after the last one. */
  private Map.@Nullable Entry<byte[], byte[]> at;

  /**
   * Begins with a new iterator.
   *
   * @param as how to replay the run, for failure messages
   */
  public IteratorWalk(DBIterator iterator, NavigableMap<byte[], byte[]> rows, String as) {
    this.iterator = iterator;
    this.rows = rows;
    this.as = as;
    at = rows.firstEntry();
  }

  /** Makes random moves, seeking to the given keys. */
  public void run(Random random, int steps, Supplier<byte[]> keys) {
    int bias = random.nextInt(1, 10);
    for (int i = 0; i < steps; i++) {
      switch (random.nextInt(30)) {
        case 0 -> {
          byte[] key = keys.get();
          iterator.seek(key);
          at = rows.ceilingEntry(key);
        }
        case 1 -> {
          iterator.seekToFirst();
          at = rows.firstEntry();
        }
        case 2 -> {
          iterator.seekToLast();
          at = rows.lastEntry();
        }
        default -> step(random.nextInt(10) < bias, random.nextInt(4));
      }
    }
  }

  private void step(boolean forward, int kind) {
    Map.Entry<byte[], byte[]> expected =
        at == null || forward ? at : rows.lowerEntry(at.getKey());
    if (kind == 0) {
      assertThat(forward ? iterator.hasNext() : iterator.hasPrev())
          .as(as)
          .isEqualTo(expected != null);
      return;
    }
    if (expected == null) {
      assertThatExceptionOfType(NoSuchElementException.class)
          .as(as)
          .isThrownBy(forward ? iterator::next : iterator::prev);
      return;
    }
    if (kind == 1) {
      same(forward ? iterator.peekNext() : iterator.peekPrev(), expected);
      return;
    }
    same(forward ? iterator.next() : iterator.prev(), expected);
    at = forward ? rows.higherEntry(expected.getKey()) : expected;
  }

  private void same(Map.Entry<byte[], byte[]> row, Map.Entry<byte[], byte[]> expected) {
    assertThat(row.getKey()).as(as).isEqualTo(expected.getKey());
    assertThat(row.getValue()).as(as).isEqualTo(expected.getValue());
  }
}
