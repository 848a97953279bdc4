package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.FDBException;
import io.divan.storage.fdb.simulation.TransactionSettings.Option;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The client side of a transaction, through all its attempts, after
 * fdbclient/ReadYourWrites.actor.cpp and its callers. Methods throw {@link FDBException}. All
 * except {@link #lock()} are called with that lock held. Callbacks of the client are collected, and
 * run after the lock is released; see {@link #takeCallbacks()}.
 *
 * <ol>
 *   <li>An error of a method without a result (a write, an option) is stored. Until the next
 *       attempt, later writes do nothing, and methods with a result fail with the stored error.
 *   <li>A failed read makes the commit fail with the same error.
 *   <li>Once {@link #ended} is set, everything fails with it. Time-out, cancellation and a failed
 *       retry set it.
 *   <li>After {@link #commit()}, whatever its outcome, only {@code onError} is allowed.
 *   <li>A new attempt keeps the persistent options, the number of retries, the back-off and the
 *       time of creation, and nothing else.
 * </ol>
 */
final class ClientTransaction extends ClientReads {

  /**
   * How to continue after an error.
   *
   * @param nanos the delay before the next attempt
   * @param timesOut whether the transaction times out during that delay
   */
  record Retry(long nanos, boolean timesOut) {}

  private static final KeyRange ALL = new KeyRange(Keys.EMPTY, Keys.END);

  private final ReentrantLock lock = new ReentrantLock();
  private final SimulatedDatabase database;
  private final List<Runnable> callbacks = new ArrayList<>();
  private final List<Option> persistent;
  private long retries;
  private double backoffSeconds = ClusterLimits.BACKOFF_FIRST_SECONDS;

  private List<Mutation> flushed = new ArrayList<>();
  private List<KeyRange> flushedConflicts = new ArrayList<>();
  private List<PendingWatch> watches = new ArrayList<>();
  private long committedVersion = -1;

  /** The pending result of {@link #versionstamp()}. */
  private @Nullable CompletableFuture<byte[]> stamp;

  ClientTransaction(SimulatedDatabase database) {
    super(
        database.cluster(),
        new TransactionSettings(database.snapshotReadsWrites(), database.defaults()));
    this.database = database;
    this.persistent = new ArrayList<>(database.defaults());
  }

  ReentrantLock lock() {
    return lock;
  }

  private void afterUnlock(Runnable work) {
    callbacks.add(work);
  }

  /** Returns, and forgets, the callbacks to run once the lock is released. */
  List<Runnable> takeCallbacks() {
    if (callbacks.isEmpty()) {
      return List.of();
    }
    List<Runnable> taken = List.copyOf(callbacks);
    callbacks.clear();
    return taken;
  }

  /** Runs a method without a result, and stores its error for the next method with a result. */
  void defer(Runnable work) {
    if (deferred != null) {
      return;
    }
    try {
      work.run();
    } catch (FDBException e) {
      deferred = e;
    }
  }

  void setOption(Option option) {
    if (option.code() == TransactionSettings.READ_YOUR_WRITES_DISABLE
        && (hasRead || !writes.isEmpty())) {
      throw Errors.of(Errors.CLIENT_INVALID_OPERATION);
    }
    settings.apply(option);
    if (TransactionSettings.isPersistent(option.code())) {
      persistent.add(option);
    }
  }

  // Writes

  void set(byte[] key, byte[] value) {
    if (Keys.compare(key, Keys.METADATA_VERSION) == 0) {
      throw Errors.of(Errors.CLIENT_INVALID_OPERATION);
    }
    boolean adds = settings.takeAddsConflict();
    checkNotCommitting();
    checkWritable(key);
    checkSizes(key, value);
    countMutation(key, value, adds);
    write(Mutation.Kind.SET, key, value, adds);
    fireChanged(KeyRange.ofKey(key), value, true);
  }

  void mutate(int code, byte[] key, byte[] operand) {
    boolean adds = settings.takeAddsConflict();
    checkNotCommitting();
    Mutation.Kind kind =
        Mutation.Kind.atomic(code)
            .orElseThrow(() -> Errors.of(Errors.INVALID_MUTATION_TYPE));
    if (Keys.compare(key, Keys.METADATA_VERSION) == 0) {
      checkMetadataVersion(kind, operand);
    } else {
      checkWritable(key);
    }
    checkSizes(key, operand);
    byte[] written = key;
    if (kind == Mutation.Kind.SET_VERSIONSTAMPED_KEY) {
      written = reserve(key);
      adds = false;
    } else if (kind == Mutation.Kind.SET_VERSIONSTAMPED_VALUE) {
      Stamps.check(operand);
    }
    countMutation(key, operand, adds);
    write(kind, written, operand, adds);
    fireChanged(KeyRange.ofKey(written), null, false);
  }

  private static void checkMetadataVersion(Mutation.Kind kind, byte[] operand) {
    boolean zero = operand.length == Stamps.BYTES + Integer.BYTES;
    for (byte b : operand) {
      zero &= b == 0;
    }
    if (kind != Mutation.Kind.SET_VERSIONSTAMPED_VALUE || !zero) {
      throw Errors.of(Errors.CLIENT_INVALID_OPERATION);
    }
  }

  /**
   * Reserves the range in which a versionstamped key may end up. Earlier writes in that range are
   * handed to the commit, and the range can no longer be read.
   */
  private byte[] reserve(byte[] key) {
    long least = knownVersion();
    KeyRange range = Stamps.range(key, least, settings.readLimit());
    if (settings.readsWrites() && !range.isEmpty()) {
      flushed.addAll(writes.mutations(range));
      flushedConflicts.addAll(writes.conflicts(range));
      writes.markUnreadable(range);
    }
    return Stamps.preset(key, Stamps.stamp(least, 0));
  }

  private void write(Mutation.Kind kind, byte[] key, byte[] value, boolean addsConflict) {
    if (settings.readsWrites()) {
      writes.mutate(key, kind, value, addsConflict);
      return;
    }
    flushed.add(new Mutation(kind, key, value));
    if (addsConflict) {
      flushedConflicts.add(KeyRange.ofKey(key));
    }
  }

  private void countMutation(byte[] key, byte[] value, boolean addsConflict) {
    bytes += ClusterLimits.MUTATION_OVERHEAD + key.length + value.length;
    if (addsConflict) {
      bytes += ClusterLimits.RANGE_OVERHEAD + 2L * key.length + 1;
    }
  }

  private void checkWritable(byte[] key) {
    if (Keys.compare(key, settings.writeLimit()) >= 0) {
      throw Errors.of(Errors.KEY_OUTSIDE_LEGAL_RANGE);
    }
  }

  private void checkSizes(byte[] key, byte[] value) {
    if (key.length > ClusterLimits.keyBytesMax(key, settings.rawAccess())) {
      throw Errors.of(Errors.KEY_TOO_LARGE);
    }
    if (value.length > ClusterLimits.VALUE_MAX) {
      throw Errors.of(Errors.VALUE_TOO_LARGE);
    }
  }

  void clear(byte[] key) {
    boolean adds = settings.takeAddsConflict();
    checkNotCommitting();
    checkWritable(key);
    if (key.length > ClusterLimits.keyBytesMax(key, true)) {
      return;
    }
    KeyRange range = KeyRange.ofKey(key);
    if (settings.readsWrites()) {
      bytes += range.bytes() + ClusterLimits.RANGE_OVERHEAD;
      bytes += adds ? ClusterLimits.RANGE_OVERHEAD + range.bytes() : 0;
    }
    clearRange(range, adds);
  }

  void clear(byte[] begin, byte[] end) {
    if (Keys.compare(begin, end) > 0) {
      throw Errors.of(Errors.INVERTED_RANGE);
    }
    boolean adds = settings.takeAddsConflict();
    checkNotCommitting();
    byte[] limit = settings.writeLimit();
    if (Keys.compare(begin, limit) > 0 || Keys.compare(end, limit) > 0) {
      throw Errors.of(Errors.KEY_OUTSIDE_LEGAL_RANGE);
    }
    int length = begin.length + end.length;
    bytes += length + ClusterLimits.MUTATION_OVERHEAD;
    bytes += adds ? ClusterLimits.RANGE_OVERHEAD + length : 0;
    KeyRange range = new KeyRange(Keys.cut(begin), Keys.cut(end));
    if (!range.isEmpty()) {
      clearRange(range, adds);
    }
  }

  private void clearRange(KeyRange range, boolean addsConflict) {
    if (settings.readsWrites()) {
      writes.clear(range, addsConflict);
      fireChanged(range, null, true);
      return;
    }
    flushed.add(new Mutation(Mutation.Kind.CLEAR_RANGE, range.begin(), range.end()));
    if (addsConflict) {
      flushedConflicts.add(range);
    }
  }

  void addWriteConflict(byte[] begin, byte[] end) {
    checkNotCommitting();
    byte[] limit = settings.writeLimit();
    if (Keys.compare(begin, limit) > 0 || Keys.compare(end, limit) > 0) {
      throw Errors.of(Errors.KEY_OUTSIDE_LEGAL_RANGE);
    }
    KeyRange range = new KeyRange(Keys.cut(begin), Keys.cut(end));
    if (range.isEmpty()) {
      return;
    }
    bytes += range.bytes() + ClusterLimits.RANGE_OVERHEAD;
    if (settings.readsWrites()) {
      writes.addConflict(range);
    } else {
      flushedConflicts.add(range);
    }
  }

  // Watches

  CompletableFuture<Void> watch(byte[] key, Executor executor) {
    checkDeferred();
    checkNotCommitting();
    checkEnded();
    if (!settings.readsWrites()) {
      throw Errors.of(Errors.WATCHES_DISABLED);
    }
    if (Keys.compare(key, settings.readLimit()) >= 0
        && Keys.compare(key, Keys.METADATA_VERSION) != 0) {
      throw Errors.of(Errors.KEY_OUTSIDE_LEGAL_RANGE);
    }
    if (key.length > ClusterLimits.keyBytesMax(key, settings.rawAccess())) {
      throw Errors.of(Errors.KEY_TOO_LARGE);
    }
    byte[] value = get(key, false);
    PendingWatch watch = database.newWatch(key, value, executor);
    watches.add(watch);
    return watch.future();
  }

  /** Fires the watches of this transaction on keys that it changes later. */
  private void fireChanged(KeyRange range, byte @Nullable [] value, boolean known) {
    if (!settings.readsWrites()) {
      return;
    }
    watches.removeIf(
        watch -> {
          boolean changed =
              Keys.compare(range.begin(), watch.key()) <= 0
                  && Keys.compare(watch.key(), range.end()) < 0
                  && !(known && Arrays.equals(value, watch.value()));
          if (changed) {
            afterUnlock(watch::fire);
          }
          return changed;
        });
  }

  private void failWatches(int code) {
    watches.forEach(watch -> afterUnlock(() -> watch.fail(code)));
    watches.clear();
  }

  // The end

  void commit() {
    checkDeferred();
    checkNotCommitting();
    checkEnded();
    commitStarted = true;
    try {
      if (failedRead != null) {
        throw Errors.of(failedRead.getCode());
      }
      List<Mutation> mutations = new ArrayList<>(flushed);
      mutations.addAll(writes.mutations(ALL));
      List<KeyRange> written = new ArrayList<>(flushedConflicts);
      written.addAll(writes.conflicts(ALL));
      if (mutations.isEmpty() && written.isEmpty()) {
        commitReadOnly();
      } else {
        commit(mutations, written);
      }
    } catch (FDBException e) {
      failStamp(Errors.TRANSACTION_INVALID_VERSION);
      failWatches(e.getCode());
      throw e;
    }
  }

  private void commitReadOnly() {
    failStamp(Errors.NO_COMMIT_VERSION);
    cluster.set(watches).forEach(watch -> afterUnlock(watch::fire));
    watches.clear();
  }

  private void commit(List<Mutation> mutations, List<KeyRange> written) {
    if (settings.readOnly()) {
      throw Errors.of(Errors.TRANSACTION_READ_ONLY);
    }
    List<KeyRange> read = conflicts.ranges();
    long size = mutations.stream().mapToLong(Mutation::bytes).sum();
    for (List<KeyRange> ranges : List.of(read, written)) {
      size +=
          ranges.stream()
              .mapToLong(range -> range.bytes() + ClusterLimits.RANGE_OVERHEAD)
              .sum();
    }
    if (size > settings.bytesMax()) {
      throw Errors.of(Errors.TRANSACTION_TOO_LARGE);
    }
    CommitRequest.Outcome outcome =
        cluster.commit(
            new CommitRequest(
                snapshotVersion(), mutations, read, written, List.copyOf(watches),
                !settings.causalWriteRisky()));
    outcome.fired().forEach(watch -> afterUnlock(watch::fire));
    if (outcome.code() != 0) {
      throw Errors.of(outcome.code());
    }
    watches.clear();
    committedVersion = outcome.version();
    CompletableFuture<byte[]> waiting = stamp;
    if (waiting != null) {
      byte[] stamped = Stamps.stamp(outcome.version(), outcome.batch());
      afterUnlock(() -> waiting.complete(stamped));
    }
  }

  long committedVersion() {
    return committedVersion;
  }

  CompletableFuture<byte[]> versionstamp() {
    checkDeferred();
    checkNotCommitting();
    checkEnded();
    CompletableFuture<byte[]> waiting = stamp;
    if (waiting == null) {
      waiting = cluster.timing().future();
      stamp = waiting;
    }
    return waiting;
  }

  private void failStamp(int code) {
    CompletableFuture<byte[]> waiting = stamp;
    if (waiting != null) {
      afterUnlock(() -> waiting.completeExceptionally(Errors.of(code)));
    }
  }

  long approximateSize() {
    checkDeferred();
    return bytes + conflicts.bytes();
  }

  void cancel() {
    end(Errors.TRANSACTION_CANCELLED);
    failStamp(Errors.TRANSACTION_CANCELLED);
  }

  /** Cancels the transaction and its watches. */
  void close() {
    cancel();
    failWatches(Errors.TRANSACTION_CANCELLED);
  }

  void timeOut() {
    end(Errors.TRANSACTION_TIMED_OUT);
  }

  private void end(int code) {
    if (ended == 0) {
      ended = code;
    }
  }

  /** Prepares the next attempt, or throws the error that ends the transaction. */
  Retry onError(int code) {
    checkEnded();
    try {
      if (settings.retryLimit() >= 0 && retries >= settings.retryLimit()) {
        throw Errors.of(code);
      }
      retries++;
      long nanos = delayNanos(code);
      long left = nanosLeft();
      failStamp(Errors.TRANSACTION_CANCELLED);
      failWatches(Errors.TRANSACTION_CANCELLED);
      flushed = new ArrayList<>();
      flushedConflicts = new ArrayList<>();
      committedVersion = -1;
      stamp = null;
      begin(new TransactionSettings(database.snapshotReadsWrites(), persistent));
      return left < nanos ? new Retry(Math.max(0, left), true) : new Retry(nanos, false);
    } catch (FDBException e) {
      end(Errors.TRANSACTION_CANCELLED);
      throw e;
    }
  }

  private long delayNanos(int code) {
    double seconds;
    if (code == 0) {
      throw Errors.of(Errors.CLIENT_INVALID_OPERATION);
    } else if (Errors.retriesWithBackoff(code)) {
      seconds = backoffSeconds * cluster.random();
      backoffSeconds = Math.min(backoffSeconds * 2, settings.backoffMaxSeconds());
    } else if (Errors.retriesSoon(code)) {
      seconds = Math.min(ClusterLimits.RETRY_DELAY_SECONDS, settings.backoffMaxSeconds());
    } else if (code == Errors.CLUSTER_VERSION_CHANGED) {
      seconds = 0;
    } else {
      throw Errors.of(code);
    }
    return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
  }
}
