package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.KeyArrayResult;
import com.apple.foundationdb.KeySelector;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.ReadConflicts.RangeRead;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The reads of a transaction, and the state that they need. {@link ClientTransaction} adds the
 * writes, and documents the invariants of both.
 */
abstract sealed class ClientReads permits ClientTransaction {

  private static final byte[] STATUS =
      """
      {"client":{"coordinators":{"quorum_reachable":true},\
      "database_status":{"available":true,"healthy":true},"messages":[]},\
      "cluster":{"configuration":{"redundancy_mode":"single","storage_engine":"memory"},\
      "data":{"state":{"healthy":true,"name":"healthy"}},"database_available":true,\
      "database_lock_state":{"locked":false},"degraded_processes":0,\
      "fault_tolerance":{"max_zone_failures_without_losing_availability":0,\
      "max_zone_failures_without_losing_data":0},"messages":[],\
      "recovery_state":{"name":"fully_recovered"},"simulated":true}}"""
          .getBytes(StandardCharsets.UTF_8);

  final Cluster cluster;
  private final long createdNanos;

  TransactionSettings settings;
  WriteMap writes = new WriteMap();
  ReadConflicts conflicts = new ReadConflicts(writes);
  long bytes;
  boolean hasRead;
  boolean commitStarted;
  @Nullable FDBException deferred;
  @Nullable FDBException failedRead;

  /** The error code that ended the transaction, or 0. */
  int ended;

  private long chosenVersion;
  private Cluster.@Nullable ReadPoint readPoint;

  ClientReads(Cluster cluster, TransactionSettings settings) {
    this.cluster = cluster;
    this.settings = settings;
    this.createdNanos = cluster.timing().nanos();
  }

  /** Starts a new attempt, without any reads or writes. */
  void begin(TransactionSettings renewed) {
    settings = renewed;
    writes = new WriteMap();
    conflicts = new ReadConflicts(writes);
    bytes = 0;
    hasRead = false;
    commitStarted = false;
    chosenVersion = 0;
    readPoint = null;
    deferred = null;
    failedRead = null;
    ended = 0;
  }

  // Errors

  /** Nanoseconds until the time-out; {@code Long.MAX_VALUE} if there is none. */
  long nanosLeft() {
    long millis = settings.timeoutMillis();
    if (millis == 0) {
      return Long.MAX_VALUE;
    }
    return TimeUnit.MILLISECONDS.toNanos(millis) - (cluster.timing().nanos() - createdNanos);
  }

  void checkEnded() {
    if (ended == 0 && nanosLeft() <= 0) {
      ended = Errors.TRANSACTION_TIMED_OUT;
    }
    if (ended != 0) {
      throw Errors.of(ended);
    }
  }

  void checkDeferred() {
    if (deferred != null) {
      throw Errors.of(deferred.getCode());
    }
  }

  void checkNotCommitting() {
    if (commitStarted) {
      throw Errors.of(Errors.USED_DURING_COMMIT);
    }
  }

  final <T> T reading(Supplier<T> read) {
    hasRead = true;
    try {
      return read.get();
    } catch (FDBException e) {
      if (failedRead == null) {
        failedRead = e;
      }
      throw e;
    }
  }

  // Versions

  /** The read version, or 0 if it is not known yet. */
  long knownVersion() {
    Cluster.ReadPoint point = readPoint;
    return point == null ? chosenVersion : point.version();
  }

  /** The read version to commit with. */
  long snapshotVersion() {
    return chosenVersion > 0 ? chosenVersion : point().version();
  }

  long readVersion() {
    checkDeferred();
    checkEnded();
    return snapshotVersion();
  }

  void setReadVersion(long version) {
    if (chosenVersion > 0 || readPoint != null) {
      throw Errors.of(Errors.READ_VERSION_ALREADY_SET);
    }
    if (version <= 0) {
      throw Errors.of(Errors.VERSION_INVALID);
    }
    chosenVersion = version;
  }

  private Cluster.ReadPoint point() {
    Cluster.ReadPoint point = readPoint;
    if (point == null) {
      if (cluster.faults().strikes(Fault.PROCESS_BEHIND)) {
        throw Errors.of(Errors.PROCESS_BEHIND);
      }
      point = chosenVersion > 0 ? cluster.readPoint(chosenVersion) : cluster.readPoint();
      readPoint = point;
    }
    return point;
  }

  /** The data at the read version. Throws if that version is too old. */
  private KeyTree snapshot() {
    Cluster.ReadPoint point = point();
    if (cluster.faults().strikes(Fault.TOO_OLD_READ)) {
      throw Errors.of(Errors.TRANSACTION_TOO_OLD);
    }
    if (cluster.faults().strikes(Fault.PROCESS_BEHIND)) {
      throw Errors.of(Errors.PROCESS_BEHIND);
    }
    cluster.checkAge(point.version());
    return point.tree();
  }

  // Reads

  byte @Nullable [] get(byte[] key, boolean isSnapshot) {
    checkDeferred();
    if (Keys.isSpecial(key)) {
      return special(key);
    }
    checkNotCommitting();
    checkEnded();
    if (Keys.compare(key, settings.readLimit()) >= 0
        && Keys.compare(key, Keys.METADATA_VERSION) != 0) {
      throw Errors.of(Errors.KEY_OUTSIDE_LEGAL_RANGE);
    }
    if (key.length > ClusterLimits.keyBytesMax(key, true)) {
      return null;
    }
    return reading(
        () -> {
          byte[] value = stored(key, isSnapshot);
          if (!isSnapshot) {
            addConflict(KeyRange.ofKey(key), () -> conflicts.key(key));
          }
          return value;
        });
  }

  private byte @Nullable [] stored(byte[] key, boolean isSnapshot) {
    WriteMap visible = visibleWrites(isSnapshot);
    if (visible.isUntouched()) {
      byte[] value = snapshot().get(key);
      return value == null ? null : value.clone();
    }
    WriteMap.Segment segment = visible.at(key);
    if (segment.isUnreadable() && !settings.bypassUnreadable()) {
      throw Errors.of(Errors.ACCESSED_UNREADABLE);
    }
    // The transaction's own writes need neither a read version nor a snapshot.
    boolean known = segment.isCleared() || segment.operation() && segment.isIndependent();
    KeyTree tree = known ? KeyTree.EMPTY : snapshot();
    byte[] value = tree.get(key);
    if (segment.operation()) {
      value = segment.entry().applyTo(value);
    }
    return value == null ? null : value.clone();
  }

  private static byte[] special(byte[] key) {
    if (Keys.compare(key, Keys.STATUS_JSON) != 0) {
      throw Errors.of(Errors.SPECIAL_KEYS_NO_MODULE);
    }
    return STATUS.clone();
  }

  byte[] getKey(KeySelector selector, boolean isSnapshot) {
    checkDeferred();
    checkNotCommitting();
    checkEnded();
    checkReadable(selector);
    return reading(
        () -> {
          byte[] key = reader(isSnapshot).key(NormalizedSelector.of(selector));
          if (!isSnapshot) {
            KeyRange range = ReadConflicts.ofSelector(selector, key);
            addConflict(range, () -> conflicts.range(range));
          }
          return key.clone();
        });
  }

  RangeChunk getRange(
      KeySelector from, KeySelector to, RangeLimits limits, boolean isSnapshot, boolean reverse) {
    checkDeferred();
    checkNotCommitting();
    checkEnded();
    checkReadable(from);
    checkReadable(to);
    if (limits.isReached()) {
      return RangeChunk.empty(false, false);
    }
    if (!limits.isValid()) {
      throw Errors.of(Errors.RANGE_LIMITS_INVALID);
    }
    RangeRead read = new RangeRead(NormalizedSelector.of(from), NormalizedSelector.of(to), reverse);
    if (read.begin().offset() >= read.end().offset()
        && Keys.compare(read.begin().key(), read.end().key()) >= 0) {
      return RangeChunk.empty(false, false);
    }
    return reading(() -> readRange(read, limits, isSnapshot));
  }

  private RangeChunk readRange(RangeRead read, RangeLimits limits, boolean isSnapshot) {
    RangeReader reader = reader(isSnapshot);
    RangeChunk chunk =
        read.reverse()
            ? reader.backward(read.begin(), read.end(), limits)
            : reader.forward(read.begin(), read.end(), limits);
    if (!isSnapshot) {
      addConflict(
          ReadConflicts.ofUncachedRange(read, chunk),
          () -> conflicts.range(ReadConflicts.ofRange(read, chunk, settings.readLimit())));
    }
    return chunk;
  }

  private void checkReadable(KeySelector selector) {
    if (Keys.compare(selector.getKey(), settings.readLimit()) > 0) {
      throw Errors.of(Errors.KEY_OUTSIDE_LEGAL_RANGE);
    }
  }

  /** The exact size of a range, in bytes, at the latest version. A cluster estimates it instead. */
  long estimatedBytes(KeyRange range) {
    checkDeferred();
    checkNotCommitting();
    checkEnded();
    return cluster.latest().bytes(range);
  }

  /** The range's bounds, and keys that split it into chunks of about {@code chunkBytes} bytes. */
  KeyArrayResult splitPoints(KeyRange range, long chunkBytes) {
    checkDeferred();
    checkNotCommitting();
    checkEnded();
    byte[] limit = settings.readLimit();
    if (Keys.compare(range.begin(), limit) > 0 || Keys.compare(range.end(), limit) > 0) {
      throw Errors.of(Errors.KEY_OUTSIDE_LEGAL_RANGE);
    }
    if (chunkBytes <= 0) {
      throw Errors.of(Errors.CLIENT_INVALID_OPERATION);
    }
    return SplitPoints.of(snapshot(), range, chunkBytes);
  }

  private RangeReader reader(boolean isSnapshot) {
    WriteMap visible = visibleWrites(isSnapshot);
    byte[] limit = settings.readLimit();
    boolean bypass = settings.bypassUnreadable();
    Supplier<KeyTree> once = new SnapshotOnce();
    return new RangeReader(() -> new SegmentCursor(once, visible, limit, bypass), limit);
  }

  /** The data at the read version, obtained on first use. */
  private final class SnapshotOnce implements Supplier<KeyTree> {
    private @Nullable KeyTree tree;

    @Override
    public KeyTree get() {
      KeyTree got = tree;
      if (got == null) {
        got = snapshot();
        tree = got;
      }
      return got;
    }
  }

  private WriteMap visibleWrites(boolean isSnapshot) {
    boolean own = settings.readsWrites() && (!isSnapshot || settings.snapshotReadsWrites());
    return own ? writes : WriteMap.NOTHING;
  }

  private void addConflict(KeyRange uncached, Runnable cached) {
    if (settings.readsWrites()) {
      cached.run();
    } else {
      conflicts.unchecked(uncached);
    }
  }

  void addReadConflict(byte[] begin, byte[] end) {
    checkNotCommitting();
    byte[] limit = settings.readLimit();
    boolean metadata = Keys.compare(begin, Keys.METADATA_VERSION) == 0
        && Keys.compare(end, Keys.METADATA_VERSION_END) == 0;
    if (!metadata && (Keys.compare(begin, limit) > 0 || Keys.compare(end, limit) > 0)) {
      throw Errors.of(Errors.KEY_OUTSIDE_LEGAL_RANGE);
    }
    KeyRange range = new KeyRange(Keys.cut(begin), Keys.cut(end));
    if (settings.readsWrites()) {
      conflicts.range(range);
    } else if (!range.isEmpty()) {
      bytes += range.bytes() + ClusterLimits.RANGE_OVERHEAD;
      conflicts.unchecked(range);
    }
  }
}
