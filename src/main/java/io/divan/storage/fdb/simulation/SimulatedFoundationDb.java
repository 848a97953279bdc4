package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.Database;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/**
 * A FoundationDB cluster in this process. Each {@link #open} gives one more client of it, as a
 * service instance is; transactions of all of them are strictly serializable. Data lives in memory
 * until the object is no longer referenced; what is overwritten is forgotten after five seconds of
 * the clock.
 *
 * <p>Answers, error codes and limits are those of a cluster at API version 730. Tenants, locality,
 * mapped ranges, blob granules and change feeds are not there: they throw {@link
 * UnsupportedOperationException}; of the special keys there is {@code \xff\xff/status/json} alone,
 * and the event keeper is not told anything. Calls do their work in the calling thread and give
 * futures that are already completed, but for watches, versionstamps and delays.
 *
 * <p>Safe for use by many threads. Source: apple/foundationdb, tag 7.3.68.
 */
public final class SimulatedFoundationDb {

  private final Faults faults;
  private final Cluster cluster;

  /** A cluster on the machine's clock, for many threads. */
  public SimulatedFoundationDb() {
    this(new Timing.Real(), new SplittableRandom());
  }

  /** The same with faults drawn from a seed: a client that works alone meets them again. */
  public SimulatedFoundationDb(long seed) {
    this(new Timing.Real(), new SplittableRandom(seed));
  }

  /** A cluster whose clock and whose clients' turns come from a seed. */
  public SimulatedFoundationDb(SimulatedClients clients) {
    this(clients.timing(), clients.newRandom());
  }

  SimulatedFoundationDb(Timing timing, SplittableRandom random) {
    this.faults = new Faults(random.split());
    this.cluster = new Cluster(timing, faults, random.split());
  }

  /** One more client, whose callbacks run in the thread that causes them. */
  public Database open() {
    return open(Runnable::run);
  }

  /**
   * One more client.
   *
   * @param executor runs the callbacks of watches and delays, and what fdb-java does asynchronously
   */
  public Database open(Executor executor) {
    return new SimulatedDatabase(cluster, executor);
  }

  /** What this cluster breaks on purpose: nothing until told to. */
  public Faults faults() {
    return faults;
  }

  /**
   * Restarts the cluster, as a recovery does: what is committed stays, every running transaction is
   * too old (1007), versions go up by 100 million, watches survive.
   */
  public void restart() {
    cluster.restart();
  }

  /** How many keys there are. */
  public long keys() {
    return cluster.latest().count();
  }

  /** How many old versions and ranges of keys are remembered, which memory beyond the data is. */
  int remembered() {
    return cluster.remembered();
  }
}
