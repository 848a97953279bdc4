/**
 * Tables over records: typed columns, keys, secondary indexes, foreign keys and transactions, as
 * the lab option-a-sqlite of the book of FoundationDB layers describes them. A thin layer: a table
 * is a type of records, a row is a record, an index of a table is an index of records. The package
 * has no keys, no rows and no index of its own, and no SQL.
 *
 * <p>{@link io.divan.record.relational.RelationalDatabase} is the entry.
 */
@NullMarked
package io.divan.record.relational;

import org.jspecify.annotations.NullMarked;
