/**
 * LevelDB with its files in a base store or in a plain directory.
 *
 * <p>{@link io.divan.storage.leveldb.lsm.LsmLevelDb} opens a database. The LSM tree is the port
 * {@code io.github.pcmind:leveldb}, called "the port" below, whose file system is replaceable; this
 * package implements that file system. A file is a row with its length and chunks of 64 KiB. One
 * transaction writes chunks and row together, fenced by the lease that replaces LevelDB's file
 * LOCK. See docs/leveldb.md.
 */
@NullMarked
package io.divan.storage.leveldb.lsm;

import org.jspecify.annotations.NullMarked;
