/**
 * FoundationDB's Java interfaces in this process: {@code com.apple.foundationdb.Database} and
 * {@code Transaction} over a cluster that is a persistent tree in memory. What runs on a cluster
 * through those interfaces runs here unchanged, and gets the same answers and the same error codes;
 * fdb-java's directory and tuple layers are used as they are.
 *
 * <p>The native library is never loaded, and {@code com.apple.foundationdb.FDB} never initialised.
 * Rules follow the client of apple/foundationdb 7.3.68 (fdbclient/ReadYourWrites.actor.cpp,
 * WriteMap.cpp, NativeAPI.actor.cpp, Atomic.h; bindings/java), not its documentation, where the two
 * differ: a simulation that is more lenient than a cluster hides faults until production.
 *
 * <p>{@link io.divan.storage.fdb.simulation.SimulatedFoundationDb} is the way in; with
 * {@link io.divan.storage.fdb.simulation.SimulatedClients} a run of several clients depends on its
 * seed alone, and {@link io.divan.storage.fdb.simulation.Faults} breaks it on purpose.
 */
@NullMarked
package io.divan.storage.fdb.simulation;

import org.jspecify.annotations.NullMarked;

