package io.divan.storage.fdb;

import com.apple.foundationdb.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * Ids of transactions, which resolve commits with an unknown result (error 1021). A transaction
 * that writes also writes its id, whose value is its versionstamp. The next attempt first reads the
 * id: if it exists, the previous attempt has committed, with that versionstamp. Thread-safe.
 *
 * <ol>
 *   <li>Ids are numbered within a series. A series belongs to one instance, and a new one begins
 *       after each {@link #SERIES}. So the ids that are no longer needed form one range, which is
 *       cleared as such.
 *   <li>An id may be read from {@link #next} to {@link #finished}. Only ids below the lowest id
 *       that may be read are cleared.
 *   <li>The key of a series begins with the time at which the series began. Instances sweep the ids
 *       of crashed instances once they are older than {@link #OLD}, which no series in use is.
 * </ol>
 *
 * @see <a href="https://apple.github.io/foundationdb/developer-guide.html#transactions-with-unknown-results">
 *     Transactions with unknown results</a>
 */
final class TransactionIds {

  static final Duration SERIES = Duration.ofMinutes(10);
  static final Duration OLD = Duration.ofHours(1);

  private static final int RANDOM_BYTES = 8;

  /** The id of one transaction. */
  static final class Id {
    private final Series series;
    private final long number;

    private Id(Series series, long number) {
      this.series = series;
      this.number = number;
    }

    byte[] key() {
      return series.key(number);
    }
  }

  /** Guarded by the lock. */
  private final class Series {
    private final Instant begun;
    private final byte[] random;
    private final TreeSet<Long> lookedFor = new TreeSet<>();
    private long next;
    private long cleared;

    private Series(Instant begun, byte[] random) {
      this.begun = begun;
      this.random = random;
    }

    private byte[] key(long number) {
      return keys.transactionId(begun.getEpochSecond(), random, number);
    }

    private long clearable() {
      return lookedFor.isEmpty() ? next : lookedFor.first();
    }
  }

  private record Cleared(Series series, long from, long to) {}

  private final KeySpace keys;
  private final RandomGenerator random;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();

  /** The newest is last; the earlier ones have ids that are not cleared yet. */
  private final Deque<Series> series = new ArrayDeque<>();

  private volatile Instant swept;

  TransactionIds(KeySpace keys, RandomGenerator random, InstantSource clock) {
    this.keys = keys;
    this.random = random;
    this.clock = clock;
    this.swept = clock.instant();
  }

  /** Returns a new id. */
  Id next() {
    lock.lock();
    try {
      Instant now = clock.instant();
      if (series.isEmpty() || !now.isBefore(series.getLast().begun.plus(SERIES))) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        series.addLast(new Series(now, bytes));
      }
      Series newest = series.getLast();
      long number = newest.next++;
      newest.lookedFor.add(number);
      return new Id(newest, number);
    } finally {
      lock.unlock();
    }
  }

  /** Releases an id that will not be read again. The next round of maintenance clears it. */
  void finished(Id id) {
    lock.lock();
    try {
      id.series.lookedFor.remove(id.number);
    } finally {
      lock.unlock();
    }
  }

  private List<Cleared> clearable() {
    lock.lock();
    try {
      return series.stream()
          .filter(each -> each.clearable() > each.cleared)
          .map(each -> new Cleared(each, each.cleared, each.clearable()))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** Clears released ids. Called by one thread at a time. */
  void clear(Transactions transactions) {
    List<Cleared> ranges = clearable();
    if (!ranges.isEmpty()) {
      transactions.runUnreported(
          attempt -> {
            for (Cleared range : ranges) {
              attempt
                  .transaction()
                  .clear(range.series.key(range.from), range.series.key(range.to));
            }
            attempt.markWritten();
            return ranges.size();
          });
    }
    lock.lock();
    try {
      ranges.forEach(range -> range.series.cleared = range.to);
      Series newest = series.peekLast();
      series.removeIf(each -> each != newest && each.cleared == each.next);
    } finally {
      lock.unlock();
    }
  }

  /** Clears the ids that crashed instances left behind; at most once an hour. */
  void sweep(Transactions transactions) {
    Instant now = clock.instant();
    if (now.isBefore(swept.plus(OLD))) {
      return;
    }
    swept = now;
    byte[] begin = keys.allTransactionIds();
    byte[] end = keys.transactionIdsBefore(now.minus(OLD).getEpochSecond());
    transactions.runUnreported(
        attempt -> {
          Transaction transaction = attempt.transaction();
          transaction.options().setNextWriteNoWriteConflictRange();
          transaction.clear(begin, end);
          attempt.markWritten();
          return now;
        });
  }
}
