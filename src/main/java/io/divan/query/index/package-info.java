/**
 * The indexes of documents: {@link io.divan.query.index.DatabaseIndexes} knows those of a database,
 * {@link io.divan.query.index.IndexBuilds} keeps and builds them, and {@link
 * io.divan.query.index.IndexReader} reads their rows. docs/queries.md describes the rows.
 */
@NullMarked
package io.divan.query.index;

import org.jspecify.annotations.NullMarked;
