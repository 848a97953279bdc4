package io.divan.storage.fdb.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks a history of concurrent transactions for strict serializability. The transactions that
 * took effect must have an order in which each one reads what those before it wrote, and in which
 * none precedes a transaction that had ended before it began. The checker tests the order that the
 * stamps claim. A read-only transaction may take any position that fits its reads.
 */
final class HistoryChecker {

  /**
   * A transaction that may have taken effect.
   *
   * @param stamp its position in the order of commits; null if it wrote nothing
   * @param begin a time before its first operation
   * @param end a time after its end was known; {@code Long.MAX_VALUE} if its result is unknown
   * @param reads the values read of keys it had not written; null for a missing value
   * @param writes the values written; null for a cleared key
   */
  record Entry(
      String name,
      @Nullable String stamp,
      long begin,
      long end,
      Map<String, @Nullable String> reads,
      Map<String, @Nullable String> writes) {}

  private HistoryChecker() {}

  /** Returns what is wrong with the history; empty if it is correct. */
  static String check(List<Entry> history) {
    List<Entry> ordered = new ArrayList<>(history);
    ordered.removeIf(entry -> entry.stamp == null);
    ordered.sort((a, b) -> Objects.requireNonNull(a.stamp).compareTo(b.stamp));
    List<Map<String, @Nullable String>> states = new ArrayList<>();
    Map<String, @Nullable String> state = new HashMap<>();
    states.add(Map.copyOf(state));
    long latestBegin = Long.MIN_VALUE;
    for (int i = 0; i < ordered.size(); i++) {
      Entry entry = ordered.get(i);
      if (i > 0 && Objects.equals(entry.stamp, ordered.get(i - 1).stamp)) {
        return "two transactions have the same stamp: " + entry + " and " + ordered.get(i - 1);
      }
      String wrong = wrongRead(entry, state);
      if (!wrong.isEmpty()) {
        return wrong;
      }
      if (entry.end < latestBegin) {
        return "ended before a transaction with a smaller stamp began: " + entry;
      }
      latestBegin = Math.max(latestBegin, entry.begin);
      state.putAll(entry.writes);
      states.add(new HashMap<>(state));
    }
    for (Entry entry : history) {
      if (entry.stamp == null && !fitsSomewhere(entry, ordered, states)) {
        return "no position fits the reads: " + entry;
      }
    }
    return "";
  }

  private static String wrongRead(Entry entry, Map<String, @Nullable String> state) {
    for (Map.Entry<String, @Nullable String> read : entry.reads.entrySet()) {
      String expected = state.get(read.getKey());
      if (!Objects.equals(read.getValue(), expected)) {
        return "read " + read + " instead of " + expected + ": " + entry;
      }
    }
    return "";
  }

  private static boolean fitsSomewhere(
      Entry entry, List<Entry> ordered, List<Map<String, @Nullable String>> states) {
    int first = 0;
    int last = ordered.size();
    for (int i = 0; i < ordered.size(); i++) {
      if (ordered.get(i).end < entry.begin) {
        first = i + 1;
      }
      if (ordered.get(i).begin > entry.end) {
        last = Math.min(last, i);
      }
    }
    for (int i = first; i <= last; i++) {
      if (wrongRead(entry, states.get(i)).isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
