package io.divan.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A store that is a file, written by a {@link SingleWriter}: the handle of one incarnation of a
 * database, and what is the same for all engines of such files.
 */
public abstract class FileStore implements Store {

  /** Who watches the store. */
  protected final WatchRegistry watches;

  /** The snapshots that are open. */
  protected final OpenSnapshots snapshots;

  private final String name;
  private final LentFiles files;
  private final StampClock stamps;
  private final TransactionListener listener;

  /**
   * Makes a handle of a database whose file is not opened yet.
   *
   * @param files what is open of the file
   * @param stamps the database's; raised by whoever opens the file
   */
  protected FileStore(
      String name, LentFiles files, StampClock stamps, TransactionListener listener) {
    this.name = name;
    this.files = files;
    this.stamps = stamps;
    this.listener = listener;
    this.watches = new WatchRegistry(WatchRegistry.WATCHES_MAX);
    this.snapshots = new OpenSnapshots(files);
  }

  /** Runs the write transactions. */
  protected abstract SingleWriter writer();

  /** Runs a read transaction, on the thread that reads. */
  protected abstract <T> T readHere(Function<ReadTransaction, T> work);

  /** Opens a snapshot of now, on the thread that reads. */
  protected abstract StoreSnapshot snapshotHere();

  /** Does a read on whichever thread the engine wants. */
  protected abstract <T> T onReader(Supplier<T> read);

  /** Opens or closes the file on whichever thread the engine wants. */
  protected abstract <T> T onWriter(Supplier<T> work);

  /** The bytes of keys and values in a range; counts no more of them once there are so many. */
  protected abstract long bytes(ReadTransaction transaction, Range range, long max);

  @Override
  public final String name() {
    return name;
  }

  /** Its file. */
  public final Path file() {
    return files.path();
  }

  @Override
  public final <T> T read(Function<ReadTransaction, T> work) {
    WorkerThreads.requireOutside();
    Reading<T> reading = new Reading<>(() -> readHere(work));
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
  public long sizeBytes() {
    files.checkLendable();
    return sizeOf(files.path());
  }

  /** The length of a file; 0 where there is none. */
  protected static long sizeOf(Path path) {
    try {
      return Files.size(path);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new StorageException.StoreUnavailable(
          path + " cannot be read", new UncheckedIOException(e));
    }
  }

  @Override
  public final long estimatedBytes(Range range) {
    long max = ReadTransaction.SCAN_BYTES_MAX;
    long counted = read(transaction -> bytes(transaction, range, max));
    return counted <= max ? counted : Math.max(counted, sizeBytes());
  }

  /**
   * Opens the file where it is not open, so that {@link #lastStamp} is known. Of a damaged file it
   * need not be: its stamps were made of the clock, so what the clock says now exceeds them.
   */
  final void learnLastStamp() {
    try {
      onWriter(
          () -> {
            files.touch();
            return name;
          });
    } catch (StorageException.StoreCorrupt e) {
      stamps.next();
    }
  }

  /** A number that no versionstamp given or known exceeds. */
  final long lastStamp() {
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
  final void retire(Supplier<? extends StorageException> why, Duration waitMax) {
    snapshots.endAll(why);
    files.retire(why, waitMax);
    snapshots.endAll(why); // those that were opened meanwhile
  }

  /** Fires the watches and closes the file, or leaves that to whoever uses it last. */
  final void closeFiles() {
    watches.close();
    onWriter(
        () -> {
          files.close();
          return name;
        });
  }
}
