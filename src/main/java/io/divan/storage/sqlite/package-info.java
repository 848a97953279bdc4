/**
 * SQLite as a backend: an ordinary file per database, through sqlite-jdbc.
 *
 * <p>Native calls pin a virtual thread's carrier, so all of them run on a bounded pool of platform
 * threads: a transaction is a function that runs there while its caller is parked. Each file has
 * one writer with group commit ({@link io.divan.storage.embedded.SingleWriter}). Each reader has
 * its own connection. Checkpoints run on a separate thread and connection, so a commit costs one
 * sync.
 */
@NullMarked
package io.divan.storage.sqlite;

import org.jspecify.annotations.NullMarked;
