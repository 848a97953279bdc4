/**
 * LevelDB on a base store, as a library and as a storage backend.
 *
 * <p>{@link io.divan.storage.leveldb.LevelDb} implements LevelDB's interface, {@code
 * org.iq80.leveldb.DB}, directly on a {@link io.divan.storage.Store}: a key is a row of the base, a
 * write batch one of its transactions, and a snapshot one of its snapshots. There are no LevelDB
 * files: no log, no SST files, no compaction. {@link io.divan.storage.leveldb.LevelDbFactory} opens
 * such databases the way other programs open LevelDB's.
 *
 * @see <a href="https://github.com/google/leveldb/blob/main/doc/index.md">LevelDB's guide</a>
 */
@NullMarked
package io.divan.storage.leveldb;

import org.jspecify.annotations.NullMarked;
