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
import io.divan.storage.embedded.WriterEngine;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The handle of one incarnation of a database, which is one file. */
final class RedbStore extends SingleWriterStore
    implements Capability.Shrinking, Capability.UnsyncedWrites, WriterEngine {

  /** Shared by the stores of one adapter. */
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
  private final OpenStore<OpenRedb> openStore;
  private final StampClock stamps;
  private final SingleWriter writer;

  /** The open file and the group that the writer's thread uses; null between groups. */
  private @Nullable OpenRedb written;

  private @Nullable RedbGroup group;

  RedbStore(String name, Path path, Shared shared, StampClock stamps) {
    this(
        name,
        path,
        new OpenStore<>(
            path.toString(),
            shared.openStores(),
            new RedbSource(
                path, shared.opener(), stamps, shared.cache(), new LongReaderWarning(name, path))),
        shared,
        stamps);
  }

  private RedbStore(
      String name, Path path, OpenStore<OpenRedb> openStore, Shared shared, StampClock stamps) {
    super(name, openStore, stamps, shared.listener());
    this.path = path;
    this.openStore = openStore;
    this.stamps = stamps;
    this.writer =
        new SingleWriter(
            this,
            shared.writers(),
            shared.listener());
  }

  @Override
  public RedbGroup begin() {
    return begin(true);
  }

  @Override
  public RedbGroup beginUnsynced() {
    return begin(false);
  }

  private RedbGroup begin(boolean durable) {
    OpenRedb open = openStore.acquire();
    written = open;
    RedbGroup begun = new RedbGroup(open, watches, stamps, openStore, durable, this::groupEnds);
    group = begun;
    return begun;
  }

  @Override
  public void closeAfterFailure() {
    OpenRedb failed = written;
    RedbGroup failedGroup = group;
    if (failed != null) {
      openStore.fail(failed);
      if (failedGroup != null) {
        failedGroup.giveUp();
      }
      groupEnds();
    }
  }

  private void groupEnds() {
    OpenRedb ended = written;
    written = null;
    group = null;
    if (ended != null) {
      openStore.release(ended);
    }
  }

  @Override
  protected SingleWriter writer() {
    return writer;
  }

  @Override
  protected <T> T readHere(Function<ReadTransaction, T> work) {
    OpenRedb open = openStore.acquire();
    try {
      try (RedbReadTransaction transaction = new RedbReadTransaction(open, watches)) {
        return transaction.run(work);
      }
    } finally {
      openStore.release(open);
    }
  }

  @Override
  protected StoreSnapshot snapshotHere() {
    return new RedbSnapshot(snapshots, openStore, watches);
  }

  @Override
  protected long bytes(ReadTransaction transaction, Range range, long max) {
    return ((RedbReadTransaction) transaction).bytes(range, max);
  }

  @Override
  public long sizeBytes() {
    openStore.checkNotRetired();
    return StoreFiles.sizeOf(path);
  }

  /** Runs a step between two groups of writes. Waits up to a second for readers that hold pages. */
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
    OpenRedb open = openStore.acquire();
    try {
      return open.redb().compactSome(SHRINK_PAGES);
    } catch (RedbException e) {
      throw RedbErrors.map(e, path);
    } finally {
      openStore.release(open);
    }
  }

  private boolean isKeptByReaders() {
    OpenRedb open = openStore.acquire();
    try {
      return open.redb().readers().open() > 0;
    } finally {
      openStore.release(open);
    }
  }
}
