package io.divan.storage.fdb;

import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.ReadTransaction;
import com.apple.foundationdb.StreamingMode;
import com.apple.foundationdb.Transaction;
import io.divan.storage.tuple.TupleWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Assigns each new database a short prefix that no database has had before. Concurrent creations
 * rarely conflict. As in FoundationDB's high-contention allocator, candidates are drawn at random
 * from a window of numbers; once half of a window is allocated, the next window begins.
 *
 * <ol>
 *   <li>The row of the current window counts its allocations, without conflicts.
 *   <li>A candidate is allocated by writing its row, which the transaction reads with a conflict.
 *       If two transactions draw the same candidate, one of them is retried.
 *   <li>A window never reopens: candidates before the current window are never drawn again.
 * </ol>
 *
 * @see <a href="https://activesphere.com/blog/2018/08/05/high-contention-allocator">the
 *     high-contention allocator</a>
 */
final class PrefixAllocator {
  private static final byte[] ONE = number(1);
  private static final int DRAWS_MAX = 1_000;

  private final KeySpace keys;
  private final RandomGenerator random;

  PrefixAllocator(KeySpace keys, RandomGenerator random) {
    this.keys = keys;
    this.random = random;
  }

  byte[] allocate(Attempt attempt) {
    Transaction transaction = attempt.transaction();
    long window = currentWindow(attempt);
    while (true) {
      transaction.mutate(MutationType.ADD, keys.allocated(window), ONE);
      byte[] given = attempt.await(transaction.snapshot().get(keys.allocated(window)));
      if (2 * number(given) < windowSize(window)) {
        break;
      }
      window = advance(transaction, window);
    }
    attempt.markWritten();
    for (int draws = 0; draws < DRAWS_MAX; draws++) {
      long candidate = window + random.nextLong(windowSize(window));
      byte[] key = keys.candidate(candidate);
      if (attempt.await(transaction.get(key)) == null) {
        transaction.set(key, new byte[0]);
        return new TupleWriter().add(candidate).toBytes();
      }
    }
    throw new IllegalStateException(
        "No free prefix found in " + DRAWS_MAX + " draws, although half of the window is free");
  }

  private long currentWindow(Attempt attempt) {
    ReadTransaction snapshot = attempt.transaction().snapshot();
    byte[] begin = keys.allAllocated();
    List<KeyValue> last =
        attempt.await(
            snapshot
                .getRange(begin, KeySpace.afterPrefix(begin), 1, true, StreamingMode.EXACT)
                .asList());
    return last.isEmpty() ? 0 : keys.window(last.getFirst().getKey());
  }

  /** Begins the next window, and clears the rows of earlier windows. */
  private long advance(Transaction transaction, long window) {
    long next = window + windowSize(window);
    transaction.clear(keys.allAllocated(), keys.allocated(next));
    // Transactions that still draw from the old window have read their candidate's row, and
    // conflict.
    transaction.clear(keys.allCandidates(), keys.candidate(next));
    return next;
  }

  private static long windowSize(long window) {
    return window < 255 ? 64 : window < 65_535 ? 1_024 : 8_192;
  }

  private static byte[] number(long number) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
  }

  private static long number(byte @Nullable [] bytes) {
    return bytes == null ? 0 : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }
}
