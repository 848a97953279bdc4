package io.divan.storage;

/**
 * A snapshot that lasts until it is closed, for libraries that cannot work inside a function. Used
 * by one thread at a time.
 *
 * <p>Engines keep what it sees from being reclaimed while it is open, or answer
 * {@link StorageException.SnapshotTooOld} (FoundationDB: after 5 s). Snapshots of a store are
 * limited in number.
 */
public interface Snapshot extends ReadTransaction, AutoCloseable {
  @Override
  void close();
}
