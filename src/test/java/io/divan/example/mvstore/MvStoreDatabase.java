package io.divan.example.mvstore;

import io.divan.storage.Limits;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import io.divan.storage.embedded.BaseGroup;
import io.divan.storage.embedded.SingleWriter;
import io.divan.storage.embedded.TimedRead;
import io.divan.storage.embedded.WatchRegistry;
import io.divan.storage.embedded.WriterEngine;
import io.divan.storage.layer.OverlayGroup;
import java.util.function.Consumer;
import java.util.function.Function;
import org.h2.mvstore.MVMap;

/** One incarnation of a database. Each has one object, so handles are equal by identity. */
final class MvStoreDatabase implements Store, WriterEngine {
  final WatchRegistry watches = new WatchRegistry(WatchRegistry.WATCHES_MAX);

  private final MvStoreAdapter adapter;
  private final String name;
  final MVMap<byte[], byte[]> rows;
  private final SingleWriter writer;

  /** The newest durable version. */
  volatile MVMap<byte[], byte[]> committed;

  /** Whether every use throws from now on. */
  volatile boolean deleted;

  MvStoreDatabase(MvStoreAdapter adapter, String name, MVMap<byte[], byte[]> rows) {
    this.adapter = adapter;
    this.name = name;
    this.rows = rows;
    this.committed = adapter.frozen(rows);
    this.writer = new SingleWriter(this, adapter.writers, adapter.listener);
  }

  @Override
  public String name() {
    return name;
  }

  private void checkUsable() {
    adapter.checkOpen();
    if (deleted) {
      throw new StorageException.DatabaseNotFound(name);
    }
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    return TimedRead.run(
        adapter.listener,
        () -> {
          checkUsable();
          return adapter.pinned(() -> new MvStoreView(this, watches.mark()).run(work));
        });
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    checkUsable();
    return writer.write(work);
  }

  @Override
  public long sizeBytes() {
    checkUsable();
    return adapter.store.getFileStore().size();
  }

  /** Begins a group of write transactions; the writer's thread calls it. */
  @Override
  public WriterEngine.Group begin() {
    checkUsable();
    MvStoreView.Rows present = new MvStoreView.Rows(committed);
    return new Group(present, this::checkUsable, () -> {}, () -> {});
  }

  @Override
  public void closeAfterFailure() {
    watches.allMayHaveChanged();
  }

  /** Writes a new database's first rows; the other parameters are those of {@link Group}. */
  void writeFirst(
      Consumer<WriteTransaction> work, Runnable check, Runnable more, Runnable done) {
    new Group(OverlayGroup.Base.EMPTY, check, more, done).commitInitial(work);
  }

  void close() {
    writer.close();
    watches.close();
  }

  /** Write transactions that are committed together. */
  private final class Group extends OverlayGroup {
    private final Runnable more;
    private final Runnable done;
    private long ceiling;

    /**
     * Begins a group.
     *
     * @param check throws if the group must not be committed
     * @param more changes that belong to the commit
     * @param done runs once the commit is durable
     */
    Group(Base present, Runnable check, Runnable more, Runnable done) {
      super(
          watches,
          adapter.stamps,
          gate(check),
          present,
          Limits.ADAPTER_TRANSACTION_BYTES_MAX,
          configVersion(present));
      this.more = more;
      this.done = done;
    }

    @Override
    protected void writeStampCeiling(long noted) {
      ceiling = noted;
    }

    @Override
    protected void commitTransaction() {
      adapter.commit(
          () -> {
            overlay()
                .forEach(
                    (key, value) -> value.ifPresentOrElse(
                        bytes -> rows.put(key, bytes), () -> rows.remove(key)));
            adapter.noteCeiling(ceiling);
            more.run();
          });
      committed = adapter.frozen(rows);
      done.run();
    }

    @Override
    protected void endAfterCommit() {}

    @Override
    public void abort() {}
  }

  private BaseGroup.CommitGate gate(Runnable check) {
    return new BaseGroup.CommitGate() {
      @Override
      public void commitBegins() {
        adapter.commits.lock();
        try {
          check.run();
        } catch (StorageException e) {
          adapter.commits.unlock();
          throw e;
        }
      }

      @Override
      public void commitEnds() {
        adapter.commits.unlock();
      }
    };
  }
}
