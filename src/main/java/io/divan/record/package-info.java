/**
 * Records: typed fields, a primary key, and indexes that change in the record's own transaction.
 *
 * <p>A {@link io.divan.record.Schema} names the types of records and their indexes. {@link
 * io.divan.record.RecordStore} opens it over any {@link io.divan.storage.Store}, compares it with
 * the stored one, and runs {@link io.divan.record.RecordTransaction}s. docs/records.md describes
 * the use, the evolution of a schema and the bytes of all keys.
 */
@NullMarked
package io.divan.record;

import org.jspecify.annotations.NullMarked;
