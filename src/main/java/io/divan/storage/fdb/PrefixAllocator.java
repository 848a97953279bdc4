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
 * Gives each database a short prefix that no other one ever had, so that transactions which create
 * databases at the same time rarely conflict. As in FoundationDB's high-contention allocator,
 * candidates are drawn at random from a window of numbers; when half of a window is given away,
 * the next one begins.
 *
 * <ol>
 *   <li>The row of the current window counts what was given away of it, without conflicts.
 *   <li>A candidate is taken by its row, which the transaction reads with a conflict; of two that
 *       draw the same one, one runs again.
 *   <li>A window ends for good: what lies before the current one is never drawn again.
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
    attempt.wrote();
    for (int draws = 0; draws < DRAWS_MAX; draws++) {
      long candidate = window + random.nextLong(windowSize(window));
      byte[] key = keys.candidate(candidate);
      if (attempt.await(transaction.get(key)) == null) {
        transaction.set(key, new byte[0]);
        return new TupleWriter().add(candidate).toBytes();
      }
    }
    throw new IllegalStateException("Half of a window is free, but no draw found it");
  }

  private long currentWindow(Attempt attempt) {
    ReadTransaction snapshot = attempt.transaction().snapshot();
    byte[] begin = keys.allAllocated();
    List<KeyValue> last =
        attempt.await(
            snapshot
                .getRange(begin, KeySpace.after(begin), 1, true, StreamingMode.EXACT)
                .asList());
    return last.isEmpty() ? 0 : keys.window(last.getFirst().getKey());
  }

  /** Begins the next window, and forgets the candidates of those before it. */
  private long advance(Transaction transaction, long window) {
    long next = window + windowSize(window);
    transaction.clear(keys.allAllocated(), keys.allocated(next));
    // Who still draws from the window that ends has read its candidate, and conflicts with this.
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
