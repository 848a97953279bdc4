/**
 * Records: typed fields, a primary key, and indexes that change in the record's own transaction.
 *
 * <p>This package says what records, schemas and queries are. A {@link io.divan.record.Schema}
 * names the types of records and their indexes; {@link io.divan.record.store.RecordStore} keeps
 * them in any {@link io.divan.storage.Store}, and runs {@link io.divan.record.RecordTransaction}s
 * and {@link io.divan.record.Query}s. docs/records.md describes the use, the evolution of a schema
 * and the bytes of all keys.
 */
@NullMarked
package io.divan.record;

import org.jspecify.annotations.NullMarked;
