/**
 * The engine of indexes: index rows of anything that has a primary key, in any store.
 *
 * <p>The owner of the indexed things (records, documents) says what a thing contributes to an
 * index: {@link io.divan.record.index.Contribution}s, in bytes. {@link
 * io.divan.record.index.IndexWriter} writes the differences in the owner's transaction. {@link
 * io.divan.record.index.IndexCatalog} holds the state of each index, {@link
 * io.divan.record.index.IndexBuild} builds an index while writers continue, {@link
 * io.divan.record.index.IndexClear} removes the rows of a dropped one, {@link
 * io.divan.record.index.IndexScrub} finds and repairs differences between indexes and things,
 * {@link io.divan.record.index.IndexScan} and {@link io.divan.record.index.IndexFeed} read rows,
 * and {@link io.divan.record.index.Continuation} remembers where a query stopped.
 *
 * <p>An index is a number, a signature and a state. The engine knows neither columns nor types:
 * an owner that changes what an index contains changes the signature, and gets another number. So
 * rows of two definitions never mix. docs/records.md describes the bytes of all keys.
 */
@NullMarked
package io.divan.record.index;

import org.jspecify.annotations.NullMarked;
