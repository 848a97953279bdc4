/**
 * SQLite over a base store. The pages of its databases are rows of a {@link
 * io.divan.storage.Store}, which SQLite uses through a VFS made of upcalls. A transaction of SQLite
 * is one transaction of the base, so SQLite needs no journal file.
 *
 * <p>From the bottom up: {@code StoreLayout} defines the rows. {@code DatabaseFile} is a file of
 * pages. {@code PageView} reads one version of it, and {@code PageChanges} and {@code PageCommit}
 * create the next one. {@code FileHandle} is a file opened by SQLite. Java programs start with
 * {@link io.divan.storage.sqlite.pages.SqlitePages}.
 */
@NullMarked
package io.divan.storage.sqlite.pages;

import org.jspecify.annotations.NullMarked;
