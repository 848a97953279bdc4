/**
 * The LevelDB engine with its files in a base store, or in a plain directory.
 *
 * <p>{@link io.divan.storage.leveldb.lsm.LsmLevelDb} opens a database. The engine is the port of
 * iq80's LevelDB with a file system that can be replaced; what lies here is that file system. A
 * file is a row that says how long it is and chunks of 64 KiB; one transaction writes chunks and
 * row together, fenced by the lease that stands for LevelDB's file LOCK. docs/leveldb.md says more.
 */
@NullMarked
package io.divan.storage.leveldb.lsm;

import org.jspecify.annotations.NullMarked;

