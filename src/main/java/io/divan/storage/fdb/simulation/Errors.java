package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.FDBException;
import java.util.Map;

/**
 * The error codes that the simulation uses, and which of them {@code onError} retries. The texts
 * are FoundationDB's (flow/error_definitions.h).
 */
final class Errors {

  static final int OPERATION_FAILED = 1000;
  static final int TRANSACTION_TOO_OLD = 1007;
  static final int FUTURE_VERSION = 1009;
  static final int NOT_COMMITTED = 1020;
  static final int COMMIT_UNKNOWN_RESULT = 1021;
  static final int TRANSACTION_CANCELLED = 1025;
  static final int TRANSACTION_TIMED_OUT = 1031;
  static final int TOO_MANY_WATCHES = 1032;
  static final int WATCHES_DISABLED = 1034;
  static final int ACCESSED_UNREADABLE = 1036;
  static final int PROCESS_BEHIND = 1037;
  static final int CLUSTER_VERSION_CHANGED = 1039;
  static final int OPERATION_CANCELLED = 1101;
  static final int CLIENT_INVALID_OPERATION = 2000;
  static final int KEY_OUTSIDE_LEGAL_RANGE = 2004;
  static final int INVERTED_RANGE = 2005;
  static final int INVALID_OPTION_VALUE = 2006;
  static final int READ_VERSION_ALREADY_SET = 2010;
  static final int VERSION_INVALID = 2011;
  static final int RANGE_LIMITS_INVALID = 2012;
  static final int USED_DURING_COMMIT = 2017;
  static final int INVALID_MUTATION_TYPE = 2018;
  static final int TRANSACTION_INVALID_VERSION = 2020;
  static final int NO_COMMIT_VERSION = 2021;
  static final int TRANSACTION_READ_ONLY = 2023;
  static final int TRANSACTION_TOO_LARGE = 2101;
  static final int KEY_TOO_LARGE = 2102;
  static final int VALUE_TOO_LARGE = 2103;
  static final int SPECIAL_KEYS_NO_MODULE = 2113;
  static final int EXACT_MODE_WITHOUT_LIMITS = 2210;

  private static final Map<Integer, String> TEXTS =
      Map.ofEntries(
          Map.entry(OPERATION_FAILED, "Operation failed"),
          Map.entry(
              TRANSACTION_TOO_OLD, "Transaction is too old to perform reads or be committed"),
          Map.entry(FUTURE_VERSION, "Request for future version"),
          Map.entry(
              NOT_COMMITTED, "Transaction not committed due to conflict with another transaction"),
          Map.entry(COMMIT_UNKNOWN_RESULT, "Transaction may or may not have committed"),
          Map.entry(
              TRANSACTION_CANCELLED, "Operation aborted because the transaction was cancelled"),
          Map.entry(TRANSACTION_TIMED_OUT, "Operation aborted because the transaction timed out"),
          Map.entry(TOO_MANY_WATCHES, "Too many watches currently set"),
          Map.entry(WATCHES_DISABLED, "Watches cannot be set if read your writes is disabled"),
          Map.entry(ACCESSED_UNREADABLE, "Read or wrote an unreadable key"),
          Map.entry(PROCESS_BEHIND, "Storage process does not have recent mutations"),
          Map.entry(CLUSTER_VERSION_CHANGED, "The protocol version of the cluster has changed"),
          Map.entry(OPERATION_CANCELLED, "Asynchronous operation cancelled"),
          Map.entry(CLIENT_INVALID_OPERATION, "Invalid API call"),
          Map.entry(KEY_OUTSIDE_LEGAL_RANGE, "Key outside legal range"),
          Map.entry(INVERTED_RANGE, "Range begin key larger than end key"),
          Map.entry(INVALID_OPTION_VALUE, "Option set with an invalid value"),
          Map.entry(READ_VERSION_ALREADY_SET, "Transaction already has a read version set"),
          Map.entry(VERSION_INVALID, "Version not valid"),
          Map.entry(RANGE_LIMITS_INVALID, "Range limits not valid"),
          Map.entry(USED_DURING_COMMIT, "Operation issued while a commit was outstanding"),
          Map.entry(INVALID_MUTATION_TYPE, "Unrecognized atomic mutation type"),
          Map.entry(
              TRANSACTION_INVALID_VERSION, "Transaction does not have a valid commit version"),
          Map.entry(
              NO_COMMIT_VERSION,
              "Transaction is read-only and therefore does not have a commit version"),
          Map.entry(
              TRANSACTION_READ_ONLY, "Attempted to commit a transaction specified as read-only"),
          Map.entry(TRANSACTION_TOO_LARGE, "Transaction exceeds byte limit"),
          Map.entry(KEY_TOO_LARGE, "Key length exceeds limit"),
          Map.entry(VALUE_TOO_LARGE, "Value length exceeds limit"),
          Map.entry(
              SPECIAL_KEYS_NO_MODULE,
              "Special key space range read does not intersect a module. Refer to the"
                  + " `special_key_space_relaxed' transaction option for more details."),
          Map.entry(
              EXACT_MODE_WITHOUT_LIMITS,
              "EXACT streaming mode requires limits, but none were given"));

  private Errors() {}

  static FDBException of(int code) {
    return new FDBException(TEXTS.getOrDefault(code, "Error " + code), code);
  }

  /** Whether {@code onError} retries after a growing delay. */
  static boolean retriesWithBackoff(int code) {
    return switch (code) {
      case NOT_COMMITTED, COMMIT_UNKNOWN_RESULT, PROCESS_BEHIND, 1038, 1042, 1051, 1078, 1079,
          1213, 1223 -> true;
      default -> false;
    };
  }

  /** Whether {@code onError} retries after a short, fixed delay. */
  static boolean retriesSoon(int code) {
    return code == TRANSACTION_TOO_OLD || code == FUTURE_VERSION;
  }
}
