package io.divan.storage.redb;

import io.divan.storage.embedded.SingleWriter;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;
import org.jspecify.annotations.Nullable;

/** The groups of one database file. */
final class RedbEngine implements SingleWriter.Engine {
  private final RedbFile file;
  private final WatchRegistry registry;
  private final StampClock stamps;
  private final Runnable whenFailed;
  private @Nullable OpenRedb borrowed;
  private @Nullable RedbGroup group;

  /**
   * Makes the engine.
   *
   * @param whenFailed ends whatever else uses a file that has failed
   */
  RedbEngine(
      RedbFile file, WatchRegistry registry, StampClock stamps, Runnable whenFailed) {
    this.file = file;
    this.registry = registry;
    this.stamps = stamps;
    this.whenFailed = whenFailed;
  }

  @Override
  public RedbGroup begin() {
    OpenRedb open = file.borrow();
    borrowed = open;
    RedbGroup begun = new RedbGroup(open, registry, stamps, file, this::groupEnds);
    group = begun;
    return begun;
  }

  @Override
  public void failed() {
    OpenRedb failed = borrowed;
    RedbGroup failedGroup = group;
    if (failed != null) {
      file.failed(failed);
      if (failedGroup != null) {
        failedGroup.giveUp();
      }
      groupEnds();
      whenFailed.run();
    }
  }

  private void groupEnds() {
    OpenRedb ended = borrowed;
    borrowed = null;
    group = null;
    if (ended != null) {
      file.giveBack(ended);
    }
  }
}
