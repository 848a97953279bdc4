package io.divan.storage.redb;

import io.divan.redb.RedbException;
import io.divan.redb.SharedPageCache;
import io.divan.storage.Capability;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.TransactionListener;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.SingleWriter;
import io.divan.storage.embedded.SingleWriterStore;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.StoreFiles;
import io.divan.storage.embedded.StoreSnapshot;
import io.divan.storage.embedded.WorkerThreads;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** One database file: the handle of one incarnation of a database. */
final class RedbStore extends SingleWriterStore implements Capability.Shrinking {

  /** What the stores of an adapter share. */
  record Shared(
      RedbSource.Opener opener,
      TransactionListener listener,
      WorkerThreads writers,
      OpenStores openStores,
      SharedPageCache cache) {}

  /** 16 MB. */
  private static final int SHRINK_PAGES = 4_096;

  private static final int SHRINK_TRIES = 20;
  private static final long SHRINK_WAIT_NANOS = 50_000_000;

  private final Path path;
  private final OpenStore<OpenRedb> file;
  private final SingleWriter writer;

  RedbStore(String name, Path path, Shared shared, StampClock stamps) {
    this(
        name,
        path,
        new OpenStore<>(
            path.toString(),
            shared.openStores(),
            new RedbSource(
                path, shared.opener(), stamps, shared.cache(), new LongReaders(name, path))),
        shared,
        stamps);
  }

  private RedbStore(
      String name, Path path, OpenStore<OpenRedb> file, Shared shared, StampClock stamps) {
    super(name, file, stamps, shared.listener());
    this.path = path;
    this.file = file;
    this.writer =
        new SingleWriter(
            new RedbEngine(file, stamps),
            shared.writers(),
            shared.listener());
  }

  @Override
  protected SingleWriter writer() {
    return writer;
  }

  @Override
  protected <T> T readHere(Function<ReadTransaction, T> work) {
    OpenRedb open = file.acquire();
    try {
      long mark = watches.mark();
      try (EngineRead engine = new EngineRead(open)) {
        return new RedbReadTransaction(engine, watches, mark).run(work);
      }
    } finally {
      file.release(open);
    }
  }

  @Override
  protected StoreSnapshot snapshotHere() {
    return new RedbSnapshot(snapshots, file, watches);
  }

  @Override
  protected long bytes(ReadTransaction transaction, Range range, long max) {
    return ((RedbReadTransaction) transaction).engine.bytes(range, max);
  }

  @Override
  public long sizeBytes() {
    file.checkNotRetired();
    return StoreFiles.sizeOf(path);
  }

  /** Steps between groups of writes; where readers keep pages, it waits a little for them. */
  @Override
  public boolean shrink() {
    boolean moved = writer.runBetween(this::shrinkOnce);
    for (int i = 0; !moved && i < SHRINK_TRIES && isKeptByReaders(); i++) {
      LockSupport.parkNanos(SHRINK_WAIT_NANOS);
      moved = writer.runBetween(this::shrinkOnce);
    }
    return moved;
  }

  private boolean shrinkOnce() {
    OpenRedb open = file.acquire();
    try {
      return open.redb().compactSome(SHRINK_PAGES);
    } catch (RedbException e) {
      throw RedbErrors.map(e, path);
    } finally {
      file.release(open);
    }
  }

  private boolean isKeptByReaders() {
    OpenRedb open = file.acquire();
    try {
      return open.redb().readers().open() > 0;
    } finally {
      file.release(open);
    }
  }
}
