package io.divan.storage.leveldb;

import io.divan.storage.ReadTransaction;
import io.divan.storage.embedded.OpenSnapshots;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.StoreSnapshot;
import io.divan.storage.embedded.WatchRegistry;
import java.util.function.Supplier;

/** A snapshot of a database, valid until it is closed. */
final class DbSnapshot extends StoreSnapshot {
  private final String name;
  private final OpenStore<OpenDb> files;
  private final OpenDb open;
  private final Views.Lasting lasting;
  private final DbReads transaction;

  /** Opens a snapshot of the current state. */
  DbSnapshot(String name, OpenSnapshots all, OpenStore<OpenDb> files, WatchRegistry registry) {
    super(all);
    this.name = name;
    this.files = files;
    open = files.acquire();
    try {
      long mark = registry.mark();
      OpenDb.Config before = open.config();
      lasting = DbErrors.call(name, () -> open.views().open());
      OpenDb.Config after = open.config();
      View view = lasting.view();
      transaction =
          new DbReads(
              view, () -> OpenDb.Config.between(before, after, view), registry, mark);
    } catch (RuntimeException | Error e) {
      files.release(open);
      throw e;
    }
  }

  @Override
  protected ReadTransaction transaction() {
    return transaction;
  }

  @Override
  protected void end() {
    lasting.close();
  }

  @Override
  protected void giveBack() {
    files.release(open);
  }

  @Override
  protected <T> T call(Supplier<T> read) {
    return DbErrors.call(name, read);
  }
}
