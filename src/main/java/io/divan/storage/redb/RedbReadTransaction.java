package io.divan.storage.redb;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.embedded.TreeReads;
import io.divan.storage.embedded.WatchRegistry;
import java.util.Optional;

/** Reads of one read transaction of the engine. */
final class RedbReadTransaction extends TreeReads {
  final EngineRead engine;

  /**
   * Makes a transaction.
   *
   * @param mark of the registry, taken before the engine's transaction began
   */
  RedbReadTransaction(EngineRead engine, WatchRegistry registry, long mark) {
    super(registry, mark);
    this.engine = engine;
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return engine.get(table, key);
  }

  @Override
  protected Page scan(Range range, long bytesMax, boolean firstFits) {
    return engine.scan(range, bytesMax, firstFits);
  }

  @Override
  public Versionstamp configVersion() {
    return new Versionstamp(engine.configVersion(), 0, 0);
  }
}
