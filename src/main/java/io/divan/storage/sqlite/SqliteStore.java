package io.divan.storage.sqlite;

import io.divan.storage.Capability;
import io.divan.storage.StorageException;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.StoreFiles;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** A handle on one incarnation of a database in a SQLite file. */
final class SqliteStore extends ConnectionsStore
    implements Capability.Shrinking, Capability.UnsyncedWrites {

  /** State shared by the stores of an adapter. */
  record Shared(
      SqliteFileAdapter.Options options,
      Threads threads,
      OpenStores openStores) {}

  private static final long INCREMENTAL = 2;

  /** The number of pages, of {@value SqliteConnection#PAGE_BYTES} bytes, released per step. */
  private static final int SHRINK_PAGES = 500;

  private final Path file;
  private final Shared shared;
  private final AtomicBoolean checkpointRequested = new AtomicBoolean();
  private volatile long truncateAboveBytes;

  SqliteStore(String name, Path file, Shared shared, StampClock stamps) {
    super(
        name, Connections.ofFile(file, stamps, shared.openStores()), shared.threads(), stamps);
    this.file = file;
    this.shared = shared;
    this.truncateAboveBytes = shared.options().logBytesMax();
  }

  @Override
  public long sizeBytes() {
    connections.checkNotRetired();
    return StoreFiles.sizeOf(file) + StoreFiles.sizeOf(Path.of(file + "-wal"));
  }

  /**
   * Releases free pages in steps between groups of writes. Files created by versions without
   * incremental vacuum keep their size; SQLite reuses their free pages.
   */
  @Override
  public boolean shrink() {
    return writer.runBetween(this::shrinkOnce);
  }

  private boolean shrinkOnce() {
    SqliteConnection connection = connections.borrowWriter();
    boolean done = false;
    try {
      long free = connection.number("PRAGMA freelist_count").orElse(0L);
      boolean possible =
          free > 0 && connection.number("PRAGMA auto_vacuum").orElse(0L) == INCREMENTAL;
      if (possible) {
        connection.syncCommits(true);
        connection.execute("BEGIN IMMEDIATE");
        connection.vacuum((int) Math.min(free, SHRINK_PAGES));
        connection.execute("COMMIT");
        logGrew(connection.checkpoint("NOOP"));
      }
      done = true;
      return possible;
    } finally {
      if (done) {
        connections.returnWriter();
      } else {
        connections.discardWriter();
      }
    }
  }

  /** Copies the log into the file; called in the background. */
  void checkpoint() {
    try {
      SqliteConnection checkpointer = connections.borrowCheckpointer();
      try {
        checkpoint(checkpointer);
      } finally {
        connections.returnCheckpointer(checkpointer);
      }
    } finally {
      checkpointRequested.set(false);
    }
  }

  private void checkpoint(SqliteConnection checkpointer) {
    SqliteConnection.Checkpoint done = checkpointer.checkpoint("PASSIVE");
    if (done.logBytes() > truncateAboveBytes) {
      // Long-running readers keep the log. Try again only when it has grown much more.
      SqliteConnection.Checkpoint cut =
          writer.runBetween(() -> checkpointer.checkpoint("TRUNCATE"));
      long max = shared.options().logBytesMax();
      truncateAboveBytes = cut.busy() ? cut.logBytes() + max / 4 : max;
      if (cut.busy() && cut.logBytes() > 2 * max) {
        endSnapshots(cut.logBytes());
      }
    }
  }

  /** Ends all snapshots, so that one kept open during many writes cannot fill the disk. */
  private void endSnapshots(long logBytes) {
    String why =
        name() + ": open snapshots kept " + logBytes + " bytes of newer writes in its log";
    snapshots.endAll(
        () -> new StorageException.SnapshotTooOld(why, new IllegalStateException(why)));
  }

  @Override
  public void writeStampCeiling(SqliteConnection connection, long ceiling) {
    SqliteFileRows.STAMP.write(connection, ceiling);
  }

  @Override
  public boolean hasUnsyncedCommits() {
    return true;
  }

  @Override
  public void committed(SqliteConnection connection) {
    logGrew(connection.checkpoint("NOOP"));
  }

  private void logGrew(SqliteConnection.Checkpoint log) {
    boolean wanted =
        log.logBytes() - log.copiedBytes() > shared.options().checkpointBytes()
            || log.logBytes() > truncateAboveBytes;
    if (wanted && checkpointRequested.compareAndSet(false, true)) {
      shared.openStores().runSoon(this::checkpoint);
    }
  }
}
