/**
 * SQLite over a base store: the pages of its databases are rows of a {@link
 * io.divan.storage.Store}, which SQLite reaches through a VFS made of upcalls. A transaction of
 * SQLite is one transaction of the base, so SQLite keeps no journal in a file.
 *
 * <p>From the bottom up: {@code Layout} says where rows lie, {@code PageFile} is a file of pages,
 * {@code PageView} reads one version of it, {@code PageChanges} and {@code PageCommit} make the
 * next one, {@code FileHandle} is what SQLite has open of it. Java programs begin with {@link
 * io.divan.storage.sqlite.pages.SqlitePages}.
 */
@NullMarked
package io.divan.storage.sqlite.pages;

import org.jspecify.annotations.NullMarked;

