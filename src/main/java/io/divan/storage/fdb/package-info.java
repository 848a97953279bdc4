/**
 * Databases in a FoundationDB cluster, shared by any number of instances of the service.
 *
 * <p>{@link io.divan.storage.fdb.FdbAdapter} uses only the interfaces {@code
 * com.apple.foundationdb.Database} and {@code Transaction}, so it runs on the simulation as well as
 * on a cluster. Only {@link io.divan.storage.fdb.FdbClient} may load the native library. Other code
 * must not call {@code FDB}, the predicates of {@code FDBException} or the tuple layer's
 * versionstamp helpers, which fail on machines without the library.
 *
 * <p>docs/foundationdb.md describes the layout of keys.
 */
@NullMarked
package io.divan.storage.fdb;

import org.jspecify.annotations.NullMarked;
