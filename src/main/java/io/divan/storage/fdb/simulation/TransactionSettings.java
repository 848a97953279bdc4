package io.divan.storage.fdb.simulation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of a transaction that affect its results; others are accepted and ignored. Codes are
 * those of fdbclient/vexillographer/fdb.options. Guarded by the transaction's lock.
 */
final class TransactionSettings {

  static final int TIMEOUT = 500;
  static final int RETRY_LIMIT = 501;
  static final int MAX_RETRY_DELAY = 502;
  static final int AUTHORIZATION_TOKEN = 2000;
  static final int READ_YOUR_WRITES_DISABLE = 51;
  private static final int CAUSAL_WRITE_RISKY = 10;
  private static final int NEXT_WRITE_NO_WRITE_CONFLICT_RANGE = 30;
  private static final int ACCESS_SYSTEM_KEYS = 301;
  private static final int READ_SYSTEM_KEYS = 302;
  private static final int RAW_ACCESS = 303;
  static final int SIZE_LIMIT = 503;
  private static final int SNAPSHOT_RYW_ENABLE = 600;
  private static final int SNAPSHOT_RYW_DISABLE = 601;
  private static final int LOCK_AWARE = 700;
  private static final int READ_LOCK_AWARE = 702;
  static final int BYPASS_UNREADABLE = 1100;
  private static final int SIZE_LIMIT_MIN = 32;

  /** An option and its parameter. */
  record Option(int code, byte @Nullable [] parameter) {}

  private int snapshotReadsWrites;
  private boolean readsWrites = true;
  private boolean nextWriteWithoutConflict;
  private boolean readsSystemKeys;
  private boolean writesSystemKeys;
  private boolean rawAccess;
  private boolean causalWriteRisky;
  private boolean lockAware;
  private boolean readOnly;
  private boolean bypassUnreadable;
  private long timeoutMillis;
  private long retryLimit = -1;
  private double backoffMaxSeconds = ClusterLimits.BACKOFF_MAX_SECONDS;
  private long bytesMax = ClusterLimits.TRANSACTION_MAX;

  /**
   * The options of a new attempt.
   *
   * @param snapshotReadsWrites above 0 if snapshot reads see the transaction's own writes
   * @param options the initial options, in the order in which they were set
   */
  TransactionSettings(int snapshotReadsWrites, List<Option> options) {
    this.snapshotReadsWrites = snapshotReadsWrites;
    options.forEach(this::apply);
  }

  /** Whether the option persists when the transaction is retried. */
  static boolean isPersistent(int code) {
    return code == TIMEOUT || code == RETRY_LIMIT || code == MAX_RETRY_DELAY
        || code == AUTHORIZATION_TOKEN;
  }

  void apply(Option option) {
    switch (option.code()) {
      case READ_YOUR_WRITES_DISABLE -> readsWrites = false;
      case NEXT_WRITE_NO_WRITE_CONFLICT_RANGE -> nextWriteWithoutConflict = true;
      case CAUSAL_WRITE_RISKY -> causalWriteRisky = true;
      case BYPASS_UNREADABLE -> bypassUnreadable = true;
      case SNAPSHOT_RYW_ENABLE -> snapshotReadsWrites++;
      case SNAPSHOT_RYW_DISABLE -> snapshotReadsWrites--;
      case RAW_ACCESS -> rawAccess = true;
      case READ_SYSTEM_KEYS -> {
        readsSystemKeys = true;
        rawAccess = true;
      }
      case ACCESS_SYSTEM_KEYS -> {
        readsSystemKeys = true;
        writesSystemKeys = true;
        rawAccess = true;
      }
      case LOCK_AWARE -> {
        lockAware = true;
        readOnly = false;
      }
      case READ_LOCK_AWARE -> {
        readOnly |= !lockAware;
        lockAware = true;
      }
      case TIMEOUT -> timeoutMillis = number(option, 0, Integer.MAX_VALUE);
      case RETRY_LIMIT -> retryLimit = number(option, -1, Integer.MAX_VALUE);
      case MAX_RETRY_DELAY -> backoffMaxSeconds = number(option, 0, Integer.MAX_VALUE) / 1000.0;
      case SIZE_LIMIT -> bytesMax = number(option, SIZE_LIMIT_MIN, ClusterLimits.TRANSACTION_MAX);
      default -> {
        // Accepted: it affects how a cluster works, not the results.
      }
    }
  }

  /** The parameter as a number: eight bytes, little-endian. */
  static long number(Option option, long least, long most) {
    byte[] parameter = option.parameter();
    if (parameter == null || parameter.length != Long.BYTES) {
      throw Errors.of(Errors.INVALID_OPTION_VALUE);
    }
    long number = ByteBuffer.wrap(parameter).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (number < least || number > most) {
      throw Errors.of(Errors.INVALID_OPTION_VALUE);
    }
    return number;
  }

  boolean readsWrites() {
    return readsWrites;
  }

  boolean snapshotReadsWrites() {
    return snapshotReadsWrites > 0;
  }

  /** Whether the next write adds a write conflict. Resets the option, which applies only once. */
  boolean takeAddsConflict() {
    boolean adds = !nextWriteWithoutConflict;
    nextWriteWithoutConflict = false;
    return adds;
  }

  byte[] readLimit() {
    return readsSystemKeys ? Keys.END : Keys.SYSTEM;
  }

  byte[] writeLimit() {
    return writesSystemKeys ? Keys.END : Keys.SYSTEM;
  }

  boolean rawAccess() {
    return rawAccess;
  }

  boolean causalWriteRisky() {
    return causalWriteRisky;
  }

  boolean readOnly() {
    return readOnly;
  }

  boolean bypassUnreadable() {
    return bypassUnreadable;
  }

  /** The time-out, or 0 if there is none. */
  long timeoutMillis() {
    return timeoutMillis;
  }

  /** The maximum number of retries, or -1 if it is unlimited. */
  long retryLimit() {
    return retryLimit;
  }

  double backoffMaxSeconds() {
    return backoffMaxSeconds;
  }

  long bytesMax() {
    return bytesMax;
  }
}
