package io.divan.storage;

/**
 * A snapshot that lasts until it is closed, for libraries that cannot work inside a function. One
 * thread uses it at a time. Reads after {@link #close()} throw {@link IllegalStateException};
 * closing again does nothing.
 *
 * <p>While it is open, the engine keeps the rows it sees, or throws {@link
 * StorageException.SnapshotTooOld} ({@link Capability.Snapshots#lifetime}). A store limits the
 * number of open snapshots.
 */
public interface Snapshot extends ReadTransaction, AutoCloseable {
  @Override
  void close();
}
