package io.divan.storage.leveldb.lsm;

import org.iq80.leveldb.Snapshot;

/**
 * What a database holds at one moment. Safe for use by many threads.
 *
 * <p>The engine's own snapshots are not used. With them a compaction keeps several versions of a
 * key, and may end a table between two of them; a later one may then drop the newer, a deletion,
 * and leave the older, which is there again (google/leveldb, issue 887; mended in the port's
 * sources since, but not in a release). Without them no table but one made of memory holds two
 * versions of a key, and such a one is never split.
 *
 * @param rows of the moment
 * @param writesBefore how many writes had been made, where none was under way; otherwise -1
 */
record LsmSnapshot(EngineRows rows, long writesBefore) implements Snapshot {

  /** Whether the database still holds the same, if so many writes have begun by now. */
  boolean isNow(long writesBegun) {
    return writesBefore == writesBegun;
  }

  @Override
  public void close() {
    rows.close();
  }
}
