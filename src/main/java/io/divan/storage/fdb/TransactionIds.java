package io.divan.storage.fdb;

import com.apple.foundationdb.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.random.RandomGenerator;

/**
 * The ids of transactions, against commits whose result stays unknown (error 1021). A transaction
 * that writes also writes its id, whose value is its versionstamp. The next attempt looks for the
 * id first: when it is there, the one before has committed, and the value says when. Ids that
 * nobody will look for any more are cleared in batches; what an instance that crashed leaves
 * behind is swept by the others once it is old. Safe for use by many threads.
 *
 * @see <a href="https://apple.github.io/foundationdb/developer-guide.html#transactions-with-unknown-results">
 *     transactions with unknown results</a>
 */
final class TransactionIds {

  /** How many ids are cleared at once. */
  static final int BATCH = 1_000;

  /** After so long no transaction looks for its id. */
  static final Duration OLD = Duration.ofHours(1);

  /** Beyond so many that wait to be cleared, ids are left to the sweep. */
  private static final int WAITING_MAX = 100_000;

  private static final int RANDOM_BYTES = 16;

  private final KeySpace keys;
  private final RandomGenerator random;
  private final InstantSource clock;
  private final BlockingQueue<byte[]> done = new ArrayBlockingQueue<>(WAITING_MAX);
  private volatile Instant swept;

  TransactionIds(KeySpace keys, RandomGenerator random, InstantSource clock) {
    this.keys = keys;
    this.random = random;
    this.clock = clock;
    this.swept = clock.instant();
  }

  byte[] next() {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return keys.transactionId(clock.instant().getEpochSecond(), bytes);
  }

  /** Nobody will look for this id; returns whether a batch is full. */
  boolean done(byte[] id) {
    return done.offer(id) && done.size() >= BATCH;
  }

  /** How many ids wait to be cleared. */
  int waiting() {
    return done.size();
  }

  /** Clears what waits. */
  void clear(Transactions transactions) {
    List<byte[]> batch = new ArrayList<>();
    while (done.drainTo(batch, BATCH) > 0) {
      transactions.maintain(
          attempt -> {
            batch.forEach(attempt.transaction()::clear);
            attempt.wrote();
            return batch.size();
          });
      batch.clear();
    }
  }

  /** Clears, once in an hour, what others have left. */
  void sweep(Transactions transactions) {
    Instant now = clock.instant();
    if (now.isBefore(swept.plus(OLD))) {
      return;
    }
    swept = now;
    byte[] begin = keys.allTransactionIds();
    byte[] end = keys.transactionIdsBefore(now.minus(OLD).getEpochSecond());
    transactions.maintain(
        attempt -> {
          Transaction transaction = attempt.transaction();
          transaction.options().setNextWriteNoWriteConflictRange();
          transaction.clear(begin, end);
          attempt.wrote();
          return now;
        });
  }
}
