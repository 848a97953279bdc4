package io.divan.storage.leveldb.lsm;

import java.util.Map;
import java.util.function.Supplier;
import org.iq80.leveldb.DBIterator;
import org.jspecify.annotations.Nullable;

/** An iterator of {@link LsmDb}. For one thread. */
final class LsmIterator implements DBIterator {

  private final DBIterator iterator;
  private final Runnable requireCurrent;
  private final String name;

  LsmIterator(DBIterator iterator, Runnable requireCurrent, String name) {
    this.iterator = iterator;
    this.requireCurrent = requireCurrent;
    this.name = name;
  }

  private <T extends @Nullable Object> T call(Supplier<T> step) {
    return LsmErrors.call(
        name,
        () -> {
          requireCurrent.run();
          return step.get();
        });
  }

  private void move(Runnable step) {
    call(
        () -> {
          step.run();
          return true;
        });
  }

  @Override
  public void seek(byte[] key) {
    move(() -> iterator.seek(key));
  }

  @Override
  public void seekToFirst() {
    move(iterator::seekToFirst);
  }

  @Override
  public void seekToLast() {
    move(iterator::seekToLast);
  }

  @Override
  public boolean hasNext() {
    return call(iterator::hasNext);
  }

  @Override
  public Map.Entry<byte[], byte[]> next() {
    return call(iterator::next);
  }

  @Override
  public Map.Entry<byte[], byte[]> peekNext() {
    return call(iterator::peekNext);
  }

  @Override
  public boolean hasPrev() {
    return call(iterator::hasPrev);
  }

  @Override
  public Map.Entry<byte[], byte[]> prev() {
    return call(iterator::prev);
  }

  @Override
  public Map.Entry<byte[], byte[]> peekPrev() {
    return call(iterator::peekPrev);
  }

  @Override
  public void close() {
    iterator.close();
  }
}
