package io.divan.storage.leveldb;

import io.divan.storage.SingleWriter;
import io.divan.storage.StampClock;
import io.divan.storage.Store;
import io.divan.storage.WatchRegistry;
import org.jspecify.annotations.Nullable;

/** The groups of one database. */
final class DbWriter implements SingleWriter.Engine {
  private final Store base;
  private final LentDb lent;
  private final WatchRegistry registry;
  private final StampClock stamps;
  private @Nullable OpenDb borrowed;

  DbWriter(Store base, LentDb lent, WatchRegistry registry, StampClock stamps) {
    this.base = base;
    this.lent = lent;
    this.registry = registry;
    this.stamps = stamps;
  }

  @Override
  public DbGroup begin() {
    OpenDb open = lent.borrow();
    borrowed = open;
    try {
      return new DbGroup(
          base, open, registry, stamps, lent, () -> lent.failed(open), this::groupEnds);
    } catch (RuntimeException | Error e) {
      groupEnds();
      throw e;
    }
  }

  @Override
  public void failed() {
    OpenDb failed = borrowed;
    if (failed != null) {
      lent.failed(failed);
      groupEnds();
    }
  }

  private void groupEnds() {
    OpenDb ended = borrowed;
    borrowed = null;
    if (ended != null) {
      lent.giveBack(ended);
    }
  }
}
