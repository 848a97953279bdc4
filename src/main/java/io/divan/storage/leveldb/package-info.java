/**
 * LevelDB over a base store: as a library of its own, and as a backend.
 *
 * <p>{@link io.divan.storage.leveldb.LevelDb} is LevelDB's interface, {@code org.iq80.leveldb.DB},
 * written straight over a {@link io.divan.storage.Store}: a key is a row of the base, a write batch
 * one of its transactions, a snapshot one of its snapshots. Nothing of LevelDB's own files is
 * there: no log, no tables, no compaction. {@link io.divan.storage.leveldb.LevelDbFactory} opens
 * such databases as other programs open LevelDB's.
 *
 * @see <a href="https://github.com/google/leveldb/blob/main/doc/index.md">LevelDB's guide</a>
 */
@NullMarked
package io.divan.storage.leveldb;

import org.jspecify.annotations.NullMarked;

