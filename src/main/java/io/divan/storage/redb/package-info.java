/**
 * The backend {@code redb}: one file of redb's format per database, over the engine in {@link
 * io.divan.redb}.
 *
 * <p>A table of the storage interface is a table of the file, bytes to bytes. Reads run on their
 * caller's thread and never wait for writes. Write transactions run one after another and commit in
 * groups ({@link io.divan.storage.embedded.SingleWriter}), with one sync each. Each file also has a
 * table of the adapter's own, {@link io.divan.storage.redb.RedbFileRow}. {@link
 * io.divan.storage.redb.RouchFile} reads the files of RouchDB, which have the same format and other
 * tables.
 */
@NullMarked
package io.divan.storage.redb;

import org.jspecify.annotations.NullMarked;
