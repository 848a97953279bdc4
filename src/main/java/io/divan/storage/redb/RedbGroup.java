package io.divan.storage.redb;

import io.divan.storage.SingleWriter;
import io.divan.storage.StampClock;
import io.divan.storage.StorageException;
import io.divan.storage.WatchRegistry;
import java.util.OptionalLong;

/** One transaction of the engine and what its members kept. */
final class RedbGroup implements SingleWriter.Group {

  /** What a group ends with besides its transaction. */
  interface End {
    /** Lets a commit begin, or throws because the database is being deleted. */
    void commitBegins();

    /** Whoever waits for the commit's end may go on. */
    void commitEnds();

    /** The group is over and its transaction too. */
    void groupEnds();
  }

  final EngineWrite engine;
  final WatchRegistry registry;
  final StampClock stamps;
  private final End end;
  private final WatchRegistry.Touched touched = new WatchRegistry.Touched();
  private boolean wrote;
  private long version;
  private OptionalLong configVersion = OptionalLong.empty();

  /** Begins a transaction. */
  RedbGroup(OpenRedb open, WatchRegistry registry, StampClock stamps, End end) {
    this.registry = registry;
    this.stamps = stamps;
    this.end = end;
    this.engine = new EngineWrite(open);
  }

  @Override
  public RedbWriteTransaction begin() {
    return new RedbWriteTransaction(this);
  }

  /** Whether a member has kept writes: then the next one needs a mark. */
  boolean wrote() {
    return wrote;
  }

  /** The versionstamp of the last change of the configuration that a member sees. */
  long configVersion() {
    return configVersion.orElse(engine.open().config().value());
  }

  /** A member's writes stay. */
  void kept(WatchRegistry.Touched keys, long memberVersion, boolean configChanged) {
    wrote = true;
    version = memberVersion;
    touched.add(keys);
    if (configChanged) {
      configVersion = OptionalLong.of(memberVersion);
    }
  }

  @Override
  public void commit() {
    OpenRedb open = engine.open();
    OpenRedb.ConfigVersion before = open.config();
    OptionalLong ceiling = stamps.raisedCeiling(version);
    try {
      ceiling.ifPresent(value -> engine.write(EngineRow.STAMP, value));
      end.commitBegins();
      try {
        configVersion.ifPresent(
            value -> open.config(new OpenRedb.ConfigVersion(engine.version(), value)));
        engine.commit();
      } finally {
        end.commitEnds();
      }
    } catch (StorageException.StoreFull | StorageException.DatabaseNotFound e) {
      open.config(before);
      abort();
      throw e;
    }
    ceiling.ifPresent(stamps::ceilingIs);
    registry.committed(touched);
    engine.close();
    end.groupEnds();
  }

  @Override
  public void abort() {
    engine.close();
    end.groupEnds();
  }

  /** Lets go of the transaction after a failure. */
  void giveUp() {
    try {
      engine.close();
    } catch (StorageException e) {
      // What it failed with is told already.
    }
  }
}
