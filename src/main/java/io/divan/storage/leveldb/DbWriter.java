package io.divan.storage.leveldb;

import io.divan.storage.Store;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WriterEngine;
import org.jspecify.annotations.Nullable;

/** Begins the commit groups of one database. */
final class DbWriter implements WriterEngine {
  private final Store base;
  private final LevelDbEngine engine;
  private final OpenStore<OpenDb> files;
  private final StampClock stamps;
  private @Nullable OpenDb acquired;

  DbWriter(
      Store base, LevelDbEngine engine, OpenStore<OpenDb> files, StampClock stamps) {
    this.base = base;
    this.engine = engine;
    this.files = files;
    this.stamps = stamps;
  }

  @Override
  public DbGroup begin() {
    OpenDb current = files.acquire();
    OpenDb open = current.isTimeToLook() ? reopened(current) : current;
    acquired = open;
    try {
      return new DbGroup(
          base,
          engine,
          open,
          files.watches(),
          stamps,
          files,
          () -> files.fail(open),
          this::groupEnds);
    } catch (RuntimeException | Error e) {
      groupEnds();
      throw e;
    }
  }

  /**
   * Reopens a database that stopped writing when the disk was full, if there is space now. Until
   * then it stays open for reads.
   */
  private OpenDb reopened(OpenDb full) {
    boolean hasSpace;
    try {
      hasSpace = engine.hasSpace(base);
    } catch (RuntimeException | Error e) {
      files.release(full);
      throw e;
    }
    if (!hasSpace) {
      return full;
    }
    files.fail(full);
    files.release(full);
    return files.acquire();
  }

  @Override
  public void closeAfterFailure() {
    OpenDb failed = acquired;
    if (failed != null) {
      files.fail(failed);
      groupEnds();
    }
  }

  private void groupEnds() {
    OpenDb ended = acquired;
    acquired = null;
    if (ended != null) {
      files.release(ended);
    }
  }
}
