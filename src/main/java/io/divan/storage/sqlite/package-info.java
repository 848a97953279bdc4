/**
 * SQLite as a backend: an ordinary database file per database, driven through sqlite-jdbc.
 *
 * <p>Native calls pin a virtual thread's carrier, so every one of them is made on a bounded pool of
 * platform threads: transactions are functions that run there while their callers park. One writer
 * per file, with group commit ({@link io.divan.storage.embedded.SingleWriter}); readers each have a
 * connection of their own. Checkpoints run apart from commits, on a thread and a connection of
 * their own: a commit costs one sync.
 */
@NullMarked
package io.divan.storage.sqlite;

import org.jspecify.annotations.NullMarked;

