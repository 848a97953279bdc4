/**
 * Records in a store. {@link io.divan.record.store.RecordStore} compares a schema with the stored
 * one, cuts records into chunks, and changes their indexes in their transactions. The rest is
 * internal; programs use {@link io.divan.record.store.RecordStore} and the types of {@link
 * io.divan.record}.
 */
@NullMarked
package io.divan.record.store;

import org.jspecify.annotations.NullMarked;
