package io.divan.storage.leveldb;

import io.divan.storage.Store;
import io.divan.storage.embedded.SingleWriter;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;
import org.jspecify.annotations.Nullable;

/** Begins the commit groups of one database. */
final class DbWriter implements SingleWriter.Engine {
  private final Store base;
  private final LevelDbEngine engine;
  private final LentDb lent;
  private final WatchRegistry registry;
  private final StampClock stamps;
  private @Nullable OpenDb borrowed;

  DbWriter(
      Store base,
      LevelDbEngine engine,
      LentDb lent,
      WatchRegistry registry,
      StampClock stamps) {
    this.base = base;
    this.engine = engine;
    this.lent = lent;
    this.registry = registry;
    this.stamps = stamps;
  }

  @Override
  public DbGroup begin() {
    OpenDb lentNow = lent.borrow();
    OpenDb open = lentNow.isTimeToLook() ? openedAnew(lentNow) : lentNow;
    borrowed = open;
    try {
      return new DbGroup(
          base, engine, open, registry, stamps, lent, () -> lent.failed(open), this::groupEnds);
    } catch (RuntimeException | Error e) {
      groupEnds();
      throw e;
    }
  }

  /**
   * Reopens a database that stopped writing when the disk was full, if there is space now. Until
   * then it stays open for reads.
   */
  private OpenDb openedAnew(OpenDb full) {
    boolean hasSpace;
    try {
      hasSpace = engine.hasSpace(base);
    } catch (RuntimeException | Error e) {
      lent.giveBack(full);
      throw e;
    }
    if (!hasSpace) {
      return full;
    }
    lent.failed(full);
    lent.giveBack(full);
    return lent.borrow();
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
