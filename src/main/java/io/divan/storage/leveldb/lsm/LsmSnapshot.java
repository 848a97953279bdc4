package io.divan.storage.leveldb.lsm;

import org.iq80.leveldb.Snapshot;

/**
 * The state of a database at one moment. Thread-safe.
 *
 * <p>The port's own snapshots are not used. With them, a compaction keeps several versions of a key
 * and may end an SST file between two of them. A later compaction may then drop the newer version,
 * a deletion, and keep the older one, which reappears (google/leveldb, issue 887; fixed in the
 * port's sources since, but not in a release). Without snapshots, only an SST file flushed from a
 * memtable holds two versions of a key, and such a file is never split.
 *
 * @param rows the rows of that state
 * @param writesBefore the number of earlier writes if no write was in progress; otherwise −1
 */
record LsmSnapshot(PortRows rows, long writesBefore) implements Snapshot {

  /** Returns whether the database is unchanged, given the number of writes begun by now. */
  boolean isNow(long writesBegun) {
    return writesBefore == writesBegun;
  }

  @Override
  public void close() {
    rows.close();
  }
}
