/**
 * redb's file format as a backend: one file per database, driven by the engine in {@link
 * io.divan.redb}, which is Java alone.
 *
 * <p>Tables of the storage interface are tables of the file, bytes to bytes. Reads run on their
 * caller's thread and wait for nobody; write transactions run one after another and commit in
 * groups ({@link io.divan.storage.embedded.SingleWriter}), with one sync each. Beside them a file
 * has one table that is the adapter's own, {@link io.divan.storage.redb.EngineRow}. {@link
 * io.divan.storage.redb.RouchFile} reads the files of RouchDB, which have the same format and other
 * tables.
 */
@NullMarked
package io.divan.storage.redb;

import org.jspecify.annotations.NullMarked;
