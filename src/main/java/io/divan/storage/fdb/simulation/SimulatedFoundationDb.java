package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.Database;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/**
 * A FoundationDB cluster in this process. Each {@link #open} creates one client, like the
 * connection of one service instance. Transactions of all clients are strictly serializable. Data
 * is kept in memory as long as this object is referenced; overwritten data is removed after five
 * seconds of the clock.
 *
 * <p>Results, error codes and limits are those of a cluster at API version 730. Tenants, locality,
 * mapped ranges, blob granules and change feeds are not simulated: they throw {@link
 * UnsupportedOperationException}. Of the special keys only {@code \xff\xff/status/json} exists. The
 * event keeper receives no events. Calls do their work on the calling thread and return completed
 * futures, except for watches, versionstamps and delays.
 *
 * <p>Thread-safe. Source: apple/foundationdb, tag 7.3.68.
 */
public final class SimulatedFoundationDb {

  private final Faults faults;
  private final Cluster cluster;

  /** A cluster on the machine's clock, for any threads. */
  public SimulatedFoundationDb() {
    this(new Timing.Real(), new SplittableRandom());
  }

  /** As above, with faults derived from a seed: a single client meets the same faults again. */
  public SimulatedFoundationDb(long seed) {
    this(new Timing.Real(), new SplittableRandom(seed));
  }

  /** A cluster whose clock, and the scheduling of its clients, are derived from a seed. */
  public SimulatedFoundationDb(SimulatedClients clients) {
    this(clients.timing(), clients.newRandom());
  }

  SimulatedFoundationDb(Timing timing, SplittableRandom random) {
    this.faults = new Faults(random.split());
    this.cluster = new Cluster(timing, faults, random.split());
  }

  /** Creates a client whose callbacks run on the thread that causes them. */
  public Database open() {
    return open(Runnable::run);
  }

  /**
   * Creates a client.
   *
   * @param executor runs callbacks of watches and delays, and fdb-java's asynchronous work
   */
  public Database open(Executor executor) {
    return new SimulatedDatabase(cluster, executor);
  }

  /** The faults that this cluster injects; none at first. */
  public Faults faults() {
    return faults;
  }

  /**
   * Restarts the cluster, like a recovery: committed data is kept, every running transaction is too
   * old (1007), versions grow by 100 million, and watches survive.
   */
  public void restart() {
    cluster.restart();
  }

  /** The number of keys. */
  public long keys() {
    return cluster.latest().count();
  }

  /** The number of old versions and key ranges kept, which use memory in addition to the data. */
  int remembered() {
    return cluster.remembered();
  }
}
