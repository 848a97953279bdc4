package io.divan.storage.redb;

import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WriterEngine;
import org.jspecify.annotations.Nullable;

/** The groups of one database file. */
final class RedbEngine implements WriterEngine {
  private final OpenStore<OpenRedb> file;
  private final StampClock stamps;
  private @Nullable OpenRedb acquired;
  private @Nullable RedbGroup group;

  RedbEngine(OpenStore<OpenRedb> file, StampClock stamps) {
    this.file = file;
    this.stamps = stamps;
  }

  @Override
  public RedbGroup begin() {
    OpenRedb open = file.acquire();
    acquired = open;
    RedbGroup begun = new RedbGroup(open, file.watches(), stamps, file, this::groupEnds);
    group = begun;
    return begun;
  }

  @Override
  public void failed() {
    OpenRedb failed = acquired;
    RedbGroup failedGroup = group;
    if (failed != null) {
      file.fail(failed);
      if (failedGroup != null) {
        failedGroup.giveUp();
      }
      groupEnds();
    }
  }

  private void groupEnds() {
    OpenRedb ended = acquired;
    acquired = null;
    group = null;
    if (ended != null) {
      file.release(ended);
    }
  }
}
