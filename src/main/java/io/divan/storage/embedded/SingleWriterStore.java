package io.divan.storage.embedded;

import io.divan.storage.Capability;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.TransactionListener;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A store that a {@link SingleWriter} writes, and that is opened when it is used: the handle of one
 * incarnation of a database, and what is the same for all such engines.
 */
public abstract class SingleWriterStore
    implements Store, Capability.Snapshots, Capability.RangeSizes {

  /** Who watches the store. */
  protected final WatchRegistry watches;

  /** The snapshots that are open. */
  protected final OpenSnapshots snapshots;

  private final String name;
  private final OpenStore<?> files;
  private final StampClock stamps;
  private final TransactionListener listener;

  /**
   * Makes a handle of a database that is not opened yet.
   *
   * @param files its entry in the cache of open stores
   * @param stamps the database's; raised by whoever opens it
   */
  @SuppressWarnings("this-escape") // kept only, and not used
  protected SingleWriterStore(
      String name, OpenStore<?> files, StampClock stamps, TransactionListener listener) {
    this.name = name;
    this.files = files;
    this.stamps = stamps;
    this.listener = listener;
    this.watches = files.watches;
    this.snapshots = files.snapshots;
    files.ownedBy(this);
  }

  /** Runs the write transactions. */
  protected abstract SingleWriter writer();

  /** Runs a read transaction, on the thread that reads. */
  protected abstract <T> T readHere(Function<ReadTransaction, T> work);

  /** Opens a snapshot of now, on the thread that reads. */
  protected abstract StoreSnapshot snapshotHere();

  /** Does a read on whichever thread the engine wants: on its caller's, unless overridden. */
  protected <T> T onReader(Supplier<T> read) {
    return read.get();
  }

  /** Opens or closes it on whichever thread the engine wants, which is its caller's as well. */
  protected <T> T onWriter(Supplier<T> work) {
    return work.get();
  }

  /** The bytes of keys and values in a range; counts no more of them once there are so many. */
  protected abstract long bytes(ReadTransaction transaction, Range range, long max);

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final <T> T read(Function<ReadTransaction, T> work) {
    writer().requireOutside();
    TimedRead<T> reading = new TimedRead<>(() -> readHere(work));
    try {
      return onReader(reading);
    } finally {
      listener.finished(reading.report());
    }
  }

  @Override
  public final <T> Written<T> write(Function<WriteTransaction, T> work) {
    return writer().write(work);
  }

  @Override
  public final Snapshot openSnapshot() {
    return onReader(() -> snapshots.open(this::snapshotHere));
  }

  @Override
  public final long estimatedBytes(Range range) {
    long max = ReadTransaction.SCAN_BYTES_MAX;
    long counted = read(transaction -> bytes(transaction, range, max));
    return counted <= max ? counted : Math.max(counted, sizeBytes());
  }

  /**
   * Opens it where it is not open, so that {@link #lastStamp} is known. Of a damaged one it
   * need not be: its stamps were made of the clock, so what the clock says now exceeds them.
   */
  final void learnLastStamp() {
    try {
      onWriter(
          () -> {
            touch(files);
            return name;
          });
    } catch (StorageException.StoreCorrupt e) {
      stamps.next();
    }
  }

  private static <T extends OpenStore.Resource> void touch(OpenStore<T> files) {
    files.release(files.acquire());
  }

  /** A number that no versionstamp given or known exceeds. */
  public final long lastStamp() {
    return stamps.last();
  }

  /** Refuses writes, and waits for those under way. */
  final void closeWriter() {
    writer().close();
  }

  /** How many writes wait to begin. */
  final int waiting() {
    return writer().waiting();
  }

  /**
   * Ends this handle: its transactions commit before this returns, or never. Reads under way may
   * go on to their end.
   *
   * @param why what everything throws from now on
   * @param waitMax how long to wait for reads under way
   */
  public final void retire(Supplier<? extends StorageException> why, Duration waitMax) {
    files.retire(why, waitMax);
  }

  /** Fires the watches and closes it, or leaves that to whoever uses it last. */
  public final void closeFiles() {
    watches.close();
    onWriter(
        () -> {
          files.close();
          return name;
        });
  }
}
