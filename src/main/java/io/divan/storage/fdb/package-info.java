/**
 * Databases in a FoundationDB cluster, shared by any number of instances of the service.
 *
 * <p>{@link io.divan.storage.fdb.FdbAdapter} speaks to the interfaces {@code
 * com.apple.foundationdb.Database} and {@code Transaction} only, so that it runs on the simulation
 * as on a cluster. Only {@link io.divan.storage.fdb.FdbClient} loads the native library: code
 * elsewhere that called {@code FDB}, an {@code FDBException}'s predicates or the tuple layer's
 * helpers for versionstamps would ask for it on machines that have none.
 *
 * <p>docs/foundationdb.md shows the layout of keys.
 */
@NullMarked
package io.divan.storage.fdb;

import org.jspecify.annotations.NullMarked;

