package io.divan.storage.redb;

import io.divan.redb.RedbException;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.embedded.BaseWriteTransaction;
import java.util.Optional;

/**
 * One member of a group. A mark is costly: pages changed before it are copied again after it. So
 * the first member that writes sets none; if it throws, the engine transaction is restarted,
 * because it has no other writes. Later members set a mark before their first write.
 */
final class RedbWriteTransaction extends BaseWriteTransaction {

  private final RedbGroup group;
  private Optional<RedbGroup.Mark> mark = Optional.empty();

  RedbWriteTransaction(RedbGroup group) {
    super(group);
    this.group = group;
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return group.value(table, key);
  }

  @Override
  protected Page scan(Range range, long bytesMax, boolean alwaysFirst) {
    return group.page(range, bytesMax, alwaysFirst);
  }

  @Override
  protected void write(Table table, byte[] key, byte[] value) {
    try {
      group.writable(table.name()).put(key, value);
    } catch (RedbException e) {
      throw group.storageException(e);
    }
  }

  @Override
  protected void remove(Table table, byte[] key) {
    try {
      if (group.readable(table.name()) != null) {
        group.writable(table.name()).remove(key);
      }
    } catch (RedbException e) {
      throw group.storageException(e);
    }
  }

  @Override
  protected void remove(Range range) {
    try {
      if (!range.isEmpty() && group.readable(range.table().name()) != null) {
        group.writable(range.table().name()).removeRange(Optional.of(range.begin()), range.end());
      }
    } catch (RedbException e) {
      throw group.storageException(e);
    }
  }

  @Override
  protected void writeConfigVersion(long configVersion) {
    group.write(RedbFileRow.CONFIG_VERSION, configVersion);
  }

  /** Writes one of the adapter's own rows. */
  void write(RedbFileRow row, long number) {
    beforeWrite();
    group.write(row, number);
  }

  @Override
  protected void checkUsable() {
    group.checkUsable();
  }

  @Override
  protected void beforeFirstWrite() {
    group.checkUsable();
    if (group.wrote()) {
      mark = Optional.of(group.mark());
    }
  }

  @Override
  protected void keepWrites() {
    mark.ifPresent(group::release);
  }

  @Override
  public boolean rollback() {
    closeWatches();
    Optional<RuntimeException> failure = group.failure();
    if (failure.isPresent()) {
      if (failure.get() instanceof StorageException.StoreUnavailable
          || failure.get() instanceof StorageException.StoreUnusable) {
        throw failure.get();
      }
      if (group.wrote()) {
        return false; // the engine may have undone the writes of earlier members
      }
      group.restart();
    } else if (mark.isPresent()) {
      group.rollbackTo(mark.get());
    } else if (wrote()) {
      group.restart();
    }
    return true;
  }
}
