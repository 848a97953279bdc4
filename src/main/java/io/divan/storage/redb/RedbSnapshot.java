package io.divan.storage.redb;

import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.embedded.OpenSnapshots;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.StoreSnapshot;
import io.divan.storage.embedded.WatchRegistry;
import java.util.function.Supplier;

/** A read transaction of the engine that lasts until it is closed. */
final class RedbSnapshot extends StoreSnapshot {
  private final OpenStore<OpenRedb> file;
  private final OpenRedb open;
  private final RedbReadTransaction transaction;

  /** Opens a snapshot of now. */
  RedbSnapshot(OpenSnapshots all, OpenStore<OpenRedb> file, WatchRegistry registry) {
    super(all);
    this.file = file;
    open = file.acquire();
    try {
      transaction = new RedbReadTransaction(open, registry);
    } catch (RuntimeException | Error e) {
      file.release(open);
      throw e;
    }
  }

  @Override
  protected ReadTransaction transaction() {
    return transaction;
  }

  @Override
  protected void end() {
    try {
      transaction.close();
    } catch (StorageException e) {
      // There is nothing that it could still hold.
      return;
    }
  }

  @Override
  protected void giveBack() {
    file.release(open);
  }

  @Override
  protected <T> T call(Supplier<T> read) {
    return read.get();
  }
}
