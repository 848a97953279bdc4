package io.divan.storage.redb;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.embedded.TreeWrites;
import java.util.Optional;

/**
 * One member of a group. The first that writes sets no mark, for after a mark the engine copies
 * pages again: undoing it is undoing the transaction, which is then begun again. Those after it set
 * one before their first write.
 */
final class RedbWriteTransaction extends TreeWrites {

  private final RedbGroup group;
  private final EngineWrite engine;
  private Optional<EngineWrite.Mark> mark = Optional.empty();
  private boolean wrote;
  private boolean configChanged;

  RedbWriteTransaction(RedbGroup group) {
    super(group);
    this.group = group;
    this.engine = group.engine;
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
  protected void write(Table table, byte[] key, byte[] value) {
    engine.put(table, key, value);
  }

  @Override
  protected void remove(Table table, byte[] key) {
    engine.remove(table, key);
  }

  @Override
  protected void remove(Range range) {
    engine.remove(range);
  }

  @Override
  public Versionstamp configVersion() {
    engine.checkUsable();
    return new Versionstamp(configChanged ? version() : group.configVersion(), 0, 0);
  }

  @Override
  public void bumpConfigVersion() {
    write(EngineRow.CONFIG_VERSION, version());
    configChanged = true;
  }

  /** Writes a row of the adapter's own. */
  void write(EngineRow row, long number) {
    beforeWrite();
    engine.write(row, number);
  }

  @Override
  public Optional<Versionstamp> keep() {
    engine.checkUsable();
    if (!wrote) {
      return Optional.empty();
    }
    mark.ifPresent(engine::keep);
    group.kept(touched(), version());
    if (configChanged) {
      group.configVersion(version());
    }
    return Optional.of(new Versionstamp(version(), 0, 0));
  }

  @Override
  public boolean rollback() {
    closeWatches();
    Optional<RuntimeException> failure = engine.failure();
    if (failure.isPresent()) {
      if (failure.get() instanceof StorageException.StoreUnavailable
          || failure.get() instanceof StorageException.StoreUnusable) {
        throw failure.get();
      }
      if (group.wrote()) {
        return false; // the engine may have undone what the others wrote
      }
      engine.restart();
    } else if (mark.isPresent()) {
      engine.rollbackTo(mark.get());
    } else if (wrote) {
      engine.restart();
    }
    return true;
  }

  @Override
  protected void beforeWrite() {
    engine.checkUsable();
    if (!wrote) {
      if (group.wrote()) {
        mark = Optional.of(engine.mark());
      }
      wrote = true;
    }
  }
}
