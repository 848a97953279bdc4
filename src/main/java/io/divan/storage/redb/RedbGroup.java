package io.divan.storage.redb;

import io.divan.storage.StorageException;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.TreeGroup;
import io.divan.storage.embedded.WatchRegistry;
import java.util.OptionalLong;

/** One transaction of the engine and what its members kept. */
final class RedbGroup extends TreeGroup {
  final EngineWrite engine;
  private final Runnable whenOver;
  private OptionalLong configVersion = OptionalLong.empty();

  /**
   * Begins a transaction.
   *
   * @param whenOver called when the group is over and its transaction too
   */
  RedbGroup(
      OpenRedb open, WatchRegistry registry, StampClock stamps, Gate gate, Runnable whenOver) {
    super(registry, stamps, gate);
    this.whenOver = whenOver;
    this.engine = new EngineWrite(open);
  }

  @Override
  public RedbWriteTransaction begin() {
    return new RedbWriteTransaction(this);
  }

  /** The versionstamp of the last change of the configuration that a member sees. */
  long configVersion() {
    return configVersion.orElse(engine.open().config().value());
  }

  /** A member has changed the configuration, and its writes stay. */
  void configVersion(long memberVersion) {
    configVersion = OptionalLong.of(memberVersion);
  }

  @Override
  protected void writeStampCeiling(long ceiling) {
    engine.write(EngineRow.STAMP, ceiling);
  }

  @Override
  protected void commitTransaction() {
    OpenRedb open = engine.open();
    OpenRedb.ConfigVersion before = open.config();
    configVersion.ifPresent(
        value -> open.config(new OpenRedb.ConfigVersion(engine.version(), value)));
    try {
      engine.commit();
    } catch (StorageException.StoreFull e) {
      open.config(before);
      throw e;
    }
  }

  @Override
  protected void committed() {
    abort(); // nothing is left to be undone
  }

  @Override
  public void abort() {
    engine.close();
    whenOver.run();
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
