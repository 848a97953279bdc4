package io.divan.storage.layer;

import io.divan.storage.Limits;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;
import java.util.function.Consumer;

/**
 * The group that writes the first rows of a layer's database. Its commit puts them into the base
 * transaction that creates the database; the engine gets them when it first opens it. For one
 * thread.
 */
final class InitialRows extends OverlayGroup {
  private final WriteTransaction base;

  private InitialRows(WatchRegistry watches, StampClock stamps, WriteTransaction base) {
    super(watches, stamps, CommitGate.OPEN, Base.EMPTY, Limits.ADAPTER_TRANSACTION_BYTES_MAX, 0);
    this.base = base;
  }

  /**
   * Runs the work and writes its rows. The base may run this again with another transaction.
   *
   * @return the bytes that the work wrote, by {@link Limits}' formula
   */
  static long write(WriteTransaction base, StampClock stamps, Consumer<WriteTransaction> work) {
    // A clock of its own for each attempt: the ceiling counts only if the base commits.
    StampClock attempt = stamps.above();
    WatchRegistry watches = new WatchRegistry(WatchRegistry.WATCHES_MAX);
    try {
      return new InitialRows(watches, attempt, base).commitInitial(work);
    } finally {
      stamps.raise(attempt.last());
      watches.close();
    }
  }

  @Override
  protected void writeStampCeiling(long ceiling) {
    LayerRows.ceiling(base, ceiling);
  }

  @Override
  protected void commitTransaction() {
    overlay()
        .forEach(
            (key, value) -> value.ifPresent(row -> base.put(LayerRows.INITIAL, key, row)));
  }

  @Override
  protected void endAfterCommit() {
    abort();
  }

  /** Does nothing: the base ends its own transaction. */
  @Override
  public void abort() {}
}
