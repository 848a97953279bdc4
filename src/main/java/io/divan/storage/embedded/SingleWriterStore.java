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
 * The handle of one incarnation of a database that has a {@link SingleWriter}. Opens the database
 * when it is used. Safe for use by many threads.
 */
public abstract class SingleWriterStore
    implements Store, Capability.Snapshots, Capability.RangeSizes {

  /** The watches of the store. */
  protected final WatchRegistry watches;

  /** The open snapshots of the store. */
  protected final OpenSnapshots snapshots;

  private final String name;
  private final OpenStore<?> openStore;
  private final StampClock stamps;
  private final TransactionListener listener;

  /**
   * Creates a handle without opening the database.
   *
   * @param openStore its entry in the cache of open stores
   * @param stamps the clock of its versionstamps; raised when the database is opened
   */
  @SuppressWarnings("this-escape") // kept only, and not used
  protected SingleWriterStore(
      String name, OpenStore<?> openStore, StampClock stamps, TransactionListener listener) {
    this.name = name;
    this.openStore = openStore;
    this.stamps = stamps;
    this.listener = listener;
    this.watches = openStore.watches;
    this.snapshots = openStore.snapshots;
    openStore.ownedBy(this);
  }

  /** Returns the writer of this store. */
  protected abstract SingleWriter writer();

  /** Runs a read transaction on the current thread. */
  protected abstract <T> T readHere(Function<ReadTransaction, T> work);

  /** Opens a snapshot on the current thread. */
  protected abstract StoreSnapshot snapshotHere();

  /** Runs a read on a thread that suits the engine: by default, the caller's. */
  protected <T> T onReader(Supplier<T> read) {
    return read.get();
  }

  /** Opens or closes the database on a thread that suits the engine: by default, the caller's. */
  protected <T> T onWriter(Supplier<T> work) {
    return work.get();
  }

  /** Returns the bytes of keys and values in a range. Stops counting beyond {@code max}. */
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

  /**
   * Runs a transaction that need not be durable when this returns, for stores with {@link
   * Capability.UnsyncedWrites}.
   */
  public final <T> Written<T> writeUnsynced(Function<WriteTransaction, T> work) {
    return writer().writeUnsynced(work);
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
   * Opens the database if necessary, so that {@link #lastStamp} is known. A damaged database needs
   * no opening: its stamps came from the clock, so the current time exceeds them.
   */
  final void learnLastStamp() {
    try {
      onWriter(
          () -> {
            touch(openStore);
            return name;
          });
    } catch (StorageException.StoreCorrupt e) {
      stamps.next();
    }
  }

  private static <T extends OpenStore.Resource> void touch(OpenStore<T> openStore) {
    openStore.release(openStore.acquire());
  }

  /** Returns the greatest version that the clock has given or knows. */
  public final long lastStamp() {
    return stamps.last();
  }

  /** Refuses writes, and waits for running ones. */
  final void closeWriter() {
    writer().close();
  }

  /** Returns how many writes wait to begin. */
  final int waiting() {
    return writer().waiting();
  }

  /**
   * Ends this handle. A running commit ends before this returns, and no other begins. Running reads
   * may continue.
   *
   * @param why the exception that every operation throws from now on
   * @param waitMax how long to wait for running reads
   */
  public final void retire(Supplier<? extends StorageException> why, Duration waitMax) {
    openStore.retire(why, waitMax);
  }

  /** Fires the watches, and closes the database or leaves that to its last user. */
  public final void closeFiles() {
    watches.close();
    onWriter(
        () -> {
          openStore.close();
          return name;
        });
  }
}
