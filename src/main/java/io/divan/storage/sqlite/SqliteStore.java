package io.divan.storage.sqlite;

import io.divan.storage.Capability;
import io.divan.storage.StorageException;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.StoreFiles;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** One database file: the handle of one incarnation of a database. */
final class SqliteStore extends ConnectionsStore implements Capability.Shrinking {

  /** What the stores of an adapter share. */
  record Shared(
      SqliteFileAdapter.Options options,
      Threads threads,
      OpenStores openStores) {}

  private static final long INCREMENTAL = 2;

  /** Pages of {@value SqliteConnection#PAGE_BYTES} bytes. */
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
   * Steps between groups of writes. Files of versions that did not ask SQLite for it stay as long
   * as they are; what is free in them is used again.
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
      // Readers that do not end keep the log; ask again only when it has grown much more.
      SqliteConnection.Checkpoint cut =
          writer.runBetween(() -> checkpointer.checkpoint("TRUNCATE"));
      long max = shared.options().logBytesMax();
      truncateAboveBytes = cut.busy() ? cut.logBytes() + max / 4 : max;
      if (cut.busy() && cut.logBytes() > 2 * max) {
        endSnapshots(cut.logBytes());
      }
    }
  }

  /** Whoever keeps a snapshot while so much is written must not fill the disk. */
  private void endSnapshots(long logBytes) {
    String why =
        name() + " has written " + logBytes + " bytes that open snapshots kept in its log";
    snapshots.endAll(
        () -> new StorageException.SnapshotTooOld(why, new IllegalStateException(why)));
  }

  @Override
  public void writeStampCeiling(SqliteConnection connection, long ceiling) {
    EngineRows.STAMP.write(connection, ceiling);
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
