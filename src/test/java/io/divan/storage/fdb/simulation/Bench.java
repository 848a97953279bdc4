package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.ReadTransaction;
import com.apple.foundationdb.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A simulated cluster on a clock that the test moves, with shorthands for tests. */
final class Bench {

  final ManualTiming timing = new ManualTiming();
  final SimulatedFoundationDb cluster =
      new SimulatedFoundationDb(timing, new SplittableRandom(1));
  final Database db = cluster.open();

  Transaction tr() {
    return db.createTransaction();
  }

  /** A key or value: each character is a byte. */
  static byte[] b(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static @Nullable String s(byte @Nullable [] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Sets alternating keys and values. */
  void put(String... keysAndValues) {
    Transaction tr = tr();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      tr.set(b(keysAndValues[i]), b(keysAndValues[i + 1]));
    }
    commit(tr);
  }

  @Nullable
  String get(String key) {
    return get(tr(), key);
  }

  static @Nullable String get(ReadTransaction tr, String key) {
    return s(tr.get(b(key)).join());
  }

  static void commit(Transaction tr) {
    tr.commit().join();
  }

  /** The rows as text, {@code key=value}. */
  static List<String> rows(List<KeyValue> rows) {
    return rows.stream().map(row -> s(row.getKey()) + "=" + s(row.getValue())).toList();
  }

  static List<String> range(ReadTransaction tr, String begin, String end) {
    return rows(tr.getRange(b(begin), b(end)).asList().join());
  }

  /** The error code of a future, or 0. */
  static int code(CompletableFuture<?> future) {
    try {
      future.join();
      return 0;
    } catch (CompletionException e) {
      if (e.getCause() instanceof FDBException fdb) {
        return fdb.getCode();
      }
      throw e;
    }
  }

  static int commitCode(Transaction tr) {
    return code(tr.commit());
  }
}
