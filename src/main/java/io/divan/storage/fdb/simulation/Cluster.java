package io.divan.storage.fdb.simulation;

import io.divan.storage.fdb.simulation.Faults.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * The server side: versions, the data at each version, conflicts and watches. Thread-safe.
 *
 * <ol>
 *   <li>The version follows the clock at a million per second, and never decreases. Every commit
 *       gets a version above all versions that were ever read. A reader gets the version of the
 *       last commit, as on a cluster, unless it is a quarter of a second old. Commits without a
 *       read between them may share a version; they then differ in their batch order.
 *   <li>The data at a version is the tree after the last commit at or below that version. A
 *       transaction holds the tree it reads, so only {@code setReadVersion} needs {@link #history},
 *       which may be short.
 *   <li>A transaction commits if its read conflict ranges were not written after its read version.
 *       All writes within {@link ClusterLimits#LIFE_VERSIONS} are remembered; transactions with an
 *       older read version are too old.
 *   <li>Watches are compared after each commit, under the lock, and fire after it is released.
 * </ol>
 */
final class Cluster {

  /** A version and the data at it. */
  record ReadPoint(long version, KeyTree tree) {}

  private static final int BATCH_MAX = 0xFFFF;

  private final ReentrantLock lock = new ReentrantLock();
  private final Timing timing;
  private final Faults faults;
  private final RandomGenerator random;
  private final ConflictHistory conflicts = new ConflictHistory();
  private final WatchTable watches = new WatchTable();
  private final TreeMap<Long, KeyTree> history = new TreeMap<>();

  /** The version at time 0 of the clock; recoveries raise it. */
  private volatile long base = 1;
  private volatile long version = 1;
  /** The version of the last recovery; transactions with an older read version are too old. */
  private volatile long recovered;
  /** Whether {@link #version} has been read, so that no further commit may share it. */
  private boolean sealed = true;
  private int batch;
  private KeyTree tree = KeyTree.EMPTY;

  Cluster(Timing timing, Faults faults, RandomGenerator random) {
    this.timing = timing;
    this.faults = faults;
    this.random = random;
    history.put(0L, tree);
  }

  Timing timing() {
    return timing;
  }

  Faults faults() {
    return faults;
  }

  /** A number of at least 0 and less than 1. */
  double random() {
    lock.lock();
    try {
      return random.nextDouble();
    } finally {
      lock.unlock();
    }
  }

  /** Lets another client run and time pass. Called without any lock. */
  void turn() {
    timing.turn();
    if (faults.strikes(Fault.DELAY)) {
      timing.pause(faults.draw(TimeUnit.SECONDS.toNanos(1)));
    }
  }

  /** The version that corresponds to the clock. */
  private long now() {
    return base + TimeUnit.NANOSECONDS.toMicros(timing.nanos());
  }

  /** The read version of a transaction that begins now. */
  ReadPoint readPoint() {
    lock.lock();
    try {
      long now = now();
      if (now > version + ClusterLimits.IDLE_VERSIONS) {
        version = now;
        batch = 0;
      }
      sealed = true;
      return new ReadPoint(version, tree);
    } finally {
      lock.unlock();
    }
  }

  /** The data at a version chosen by the client. */
  ReadPoint readPoint(long chosen) {
    lock.lock();
    try {
      checkAge(chosen);
      if (chosen > Math.max(version, now())) {
        throw Errors.of(Errors.FUTURE_VERSION);
      }
      if (chosen >= version) {
        batch = chosen > version ? 0 : batch;
        version = chosen;
        sealed = true;
      }
      Map.Entry<Long, KeyTree> entry = history.floorEntry(chosen);
      if (entry == null) {
        throw Errors.of(Errors.TRANSACTION_TOO_OLD);
      }
      return new ReadPoint(chosen, entry.getValue());
    } finally {
      lock.unlock();
    }
  }

  /** Throws if a read version is older than five seconds. */
  void checkAge(long readVersion) {
    if (readVersion < Math.max(version, now()) - ClusterLimits.LIFE_VERSIONS
        || readVersion < recovered) {
      throw Errors.of(Errors.TRANSACTION_TOO_OLD);
    }
  }

  /** Commits, or throws the reason for refusing. */
  CommitRequest.Outcome commit(CommitRequest request) {
    if (faults.strikes(Fault.RESTART)) {
      restart();
    }
    refuseByFault();
    boolean unknown = faults.strikes(Fault.UNKNOWN_COMMITTED);
    lock.lock();
    try {
      check(request);
      nextVersion(request.readVersion());
      List<PendingWatch> fired = new ArrayList<>();
      apply(request, fired);
      forget();
      if (!unknown) {
        request.watches().forEach(watch -> setUnlocked(watch, fired));
      }
      int code = unknown ? Errors.COMMIT_UNKNOWN_RESULT : 0;
      return new CommitRequest.Outcome(version, batch, code, fired);
    } finally {
      lock.unlock();
    }
  }

  private void refuseByFault() {
    if (faults.strikes(Fault.CONFLICT)) {
      throw Errors.of(Errors.NOT_COMMITTED);
    }
    if (faults.strikes(Fault.TOO_OLD_COMMIT)) {
      throw Errors.of(Errors.TRANSACTION_TOO_OLD);
    }
    if (faults.strikes(Fault.CLUSTER_VERSION_CHANGED)) {
      throw Errors.of(Errors.CLUSTER_VERSION_CHANGED);
    }
    if (faults.strikes(Fault.UNKNOWN_NOT_COMMITTED)) {
      throw Errors.of(Errors.COMMIT_UNKNOWN_RESULT);
    }
  }

  private void check(CommitRequest request) {
    long readVersion = request.readVersion();
    conflicts.forget(Math.max(version, now()) - ClusterLimits.LIFE_VERSIONS);
    if (readVersion > Math.max(version, now())) {
      throw Errors.of(Errors.FUTURE_VERSION);
    }
    if (readVersion < Math.max(conflicts.oldest(), recovered)
        && (request.riskless() || !request.readConflicts().isEmpty())) {
      throw Errors.of(Errors.TRANSACTION_TOO_OLD);
    }
    for (KeyRange range : request.readConflicts()) {
      if (conflicts.isWrittenSince(range, readVersion)) {
        throw Errors.of(Errors.NOT_COMMITTED);
      }
    }
  }

  private void nextVersion(long readVersion) {
    long now = now();
    boolean joins = !sealed && now <= version && readVersion < version && batch < BATCH_MAX;
    if (joins) {
      batch++;
    } else {
      version = Math.max(now, version + 1);
      batch = 0;
      sealed = false;
    }
  }

  private void apply(CommitRequest request, List<PendingWatch> fired) {
    byte[] stamp = Stamps.stamp(version, batch);
    for (KeyRange range : request.writeConflicts()) {
      conflicts.write(range, version);
    }
    for (Mutation mutation : request.mutations()) {
      applyMutation(mutation, stamp);
    }
    history.put(version, tree);
    for (KeyRange range : touched(request, stamp)) {
      for (byte[] key : watches.keys(range)) {
        watches.takeChanged(key, tree.get(key), fired);
      }
    }
  }

  private void applyMutation(Mutation mutation, byte[] stamp) {
    byte[] operand = mutation.value();
    byte[] key = mutation.key();
    switch (mutation.kind()) {
      case CLEAR_RANGE -> tree = tree.remove(new KeyRange(key, mutation.end()));
      case SET_VERSIONSTAMPED_KEY -> {
        byte[] stamped = Stamps.fill(key, stamp);
        conflicts.write(KeyRange.ofKey(stamped), version);
        set(stamped, mutation.operand());
      }
      case SET_VERSIONSTAMPED_VALUE -> set(key, Stamps.fill(mutation.operand(), stamp));
      case SET -> {
        if (operand == null) {
          tree = tree.remove(key);
        } else {
          set(key, operand);
        }
      }
      default -> {
        byte[] value = Atomics.apply(mutation.kind(), tree.get(key), mutation.operand());
        if (value == null) {
          tree = tree.remove(key);
        } else {
          set(key, value);
        }
      }
    }
  }

  private void set(byte[] key, byte[] value) {
    tree = tree.put(key, value, random.nextInt());
  }

  private static List<KeyRange> touched(CommitRequest request, byte[] stamp) {
    List<KeyRange> touched = new ArrayList<>(request.mutations().size());
    for (Mutation mutation : request.mutations()) {
      touched.add(
          switch (mutation.kind()) {
            case CLEAR_RANGE -> new KeyRange(mutation.key(), mutation.end());
            case SET_VERSIONSTAMPED_KEY -> KeyRange.ofKey(Stamps.fill(mutation.key(), stamp));
            default -> KeyRange.ofKey(mutation.key());
          });
    }
    return touched;
  }

  /** Removes versions that are too old or too many. */
  private void forget() {
    long oldest = version - ClusterLimits.LIFE_VERSIONS;
    while (history.size() > 1
        && (history.size() > ClusterLimits.VERSIONS_KEPT || secondOldest() <= oldest)) {
      history.pollFirstEntry();
    }
  }

  private long secondOldest() {
    return history.higherKey(history.firstKey());
  }

  /** Sets the watches of a read-only transaction. Returns those that fire at once. */
  List<PendingWatch> set(List<PendingWatch> set) {
    List<PendingWatch> fired = new ArrayList<>();
    lock.lock();
    try {
      set.forEach(watch -> setUnlocked(watch, fired));
    } finally {
      lock.unlock();
    }
    return fired;
  }

  private void setUnlocked(PendingWatch watch, List<PendingWatch> fired) {
    if (watch.future().isDone() || faults.strikes(Fault.LOST_WATCH)) {
      return;
    }
    watches.add(watch);
    if (faults.strikes(Fault.SPURIOUS_WATCH)) {
      watches.remove(watch);
      fired.add(watch);
    } else {
      watches.takeChanged(watch.key(), tree.get(watch.key()), fired);
    }
  }

  void remove(PendingWatch watch) {
    lock.lock();
    try {
      watches.remove(watch);
    } finally {
      lock.unlock();
    }
  }

  /** Simulates a recovery: transactions that have not committed are too old. */
  void restart() {
    lock.lock();
    try {
      version = Math.max(version, now()) + ClusterLimits.RECOVERY_VERSIONS;
      base += version - now();
      recovered = version;
      conflicts.reset(version);
      history.clear();
      history.put(version, tree);
      sealed = true;
      batch = 0;
    } finally {
      lock.unlock();
    }
  }

  /** The data at the latest version. */
  KeyTree latest() {
    lock.lock();
    try {
      return tree;
    } finally {
      lock.unlock();
    }
  }

  /** The number of versions and boundaries kept, which grows with writes. */
  int remembered() {
    lock.lock();
    try {
      return history.size() + conflicts.size() + watches.size();
    } finally {
      lock.unlock();
    }
  }
}
