package io.divan.storage.leveldb.lsm;

import io.divan.storage.leveldb.RowIterator;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An iterator of {@link LsmDb}. Used by one thread at a time. */
final class LsmIterator extends RowIterator<Map.Entry<byte[], byte[]>> {

  private final PortRows rows;
  private final Runnable requireCurrent;
  private final Runnable whenClosed;
  private final String name;

  /**
   * Creates an iterator.
   *
   * @param requireCurrent throws if another process may own the database by now
   */
  LsmIterator(PortRows rows, Runnable requireCurrent, Runnable whenClosed, String name) {
    this.rows = rows;
    this.requireCurrent = requireCurrent;
    this.whenClosed = whenClosed;
    this.name = name;
  }

  private Map.@Nullable Entry<byte[], byte[]> call(
      Supplier<Map.@Nullable Entry<byte[], byte[]>> step) {
    return LsmErrors.call(
        name,
        () -> {
          requireCurrent.run();
          return step.get();
        });
  }

  @Override
  protected Map.@Nullable Entry<byte[], byte[]> first() {
    return call(rows::first);
  }

  @Override
  protected Map.@Nullable Entry<byte[], byte[]> last() {
    return call(rows::last);
  }

  @Override
  protected Map.@Nullable Entry<byte[], byte[]> from(byte[] key) {
    return call(() -> rows.from(key));
  }

  @Override
  protected Map.@Nullable Entry<byte[], byte[]> after(Map.Entry<byte[], byte[]> returned) {
    return call(() -> rows.after(returned));
  }

  @Override
  protected Map.@Nullable Entry<byte[], byte[]> before(Map.Entry<byte[], byte[]> returned) {
    return call(() -> rows.before(returned));
  }

  /** Returns the port's entry, which copies on every access. */
  @Override
  protected Map.Entry<byte[], byte[]> entry(Map.Entry<byte[], byte[]> returned) {
    return returned;
  }

  @Override
  protected void whenClosed() {
    whenClosed.run();
  }
}
