/**
 * A simulation of FoundationDB in this process: fdb-java's interfaces {@code
 * com.apple.foundationdb.Database} and {@code Transaction} over a persistent tree in memory. Code
 * that uses a cluster through these interfaces runs here unchanged, with the same results and error
 * codes. fdb-java's directory and tuple layers are used as they are.
 *
 * <p>The native library is never loaded, and {@code com.apple.foundationdb.FDB} is never
 * initialized. The rules follow the client of apple/foundationdb 7.3.68
 * (fdbclient/ReadYourWrites.actor.cpp, WriteMap.cpp, NativeAPI.actor.cpp, Atomic.h; bindings/java)
 * where it differs from its documentation: a simulation more lenient than a cluster would hide
 * faults until production.
 *
 * <p>{@link io.divan.storage.fdb.simulation.SimulatedFoundationDb} is the entry point. {@link
 * io.divan.storage.fdb.simulation.SimulatedClients} makes a run of several clients reproducible
 * from its seed. {@link io.divan.storage.fdb.simulation.Faults} injects faults.
 */
@NullMarked
package io.divan.storage.fdb.simulation;

import org.jspecify.annotations.NullMarked;
