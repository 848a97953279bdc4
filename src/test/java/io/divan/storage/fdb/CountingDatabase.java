package io.divan.storage.fdb;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.ReadTransaction;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.async.AsyncIterable;
import com.apple.foundationdb.async.AsyncIterator;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A database that counts the operations on it. Reads that are started before the first of them is
 * awaited share a round trip. The metadata version arrives with the read version and does not
 * count.
 */
public final class CountingDatabase {

  /**
   * The operations counted.
   *
   * @param readVersions transactions that asked for a read version
   * @param reads keys and ranges read
   * @param rounds round trips in sequence, of all transactions, without read versions and commits
   * @param writes keys and ranges written
   * @param bytes keys and values written
   * @param commits transactions that wrote
   */
  public record Counts(
      int readVersions, int reads, int rounds, int writes, long bytes, int commits) {}

  private final Database counted;
  private int readVersions;
  private int reads;
  private int rounds;
  private int writes;
  private long bytes;
  private int commits;
  private boolean waited = true;

  public CountingDatabase(Database database) {
    counted = Watched.transactions(database, this::counted);
  }

  public Database database() {
    return counted;
  }

  /** A new adapter over the database, whose maintenance is not counted. */
  public StorageAdapter adapter() {
    return new CheckedAdapter(
        new FdbAdapter(
            counted,
            FdbAdapter.Options.defaults().maintenance(100, Duration.ofSeconds(1), false),
            TransactionListener.NONE));
  }

  /** The operations since the last call. */
  public synchronized Counts take() {
    Counts counts = new Counts(readVersions, reads, rounds, writes, bytes, commits);
    readVersions = 0;
    reads = 0;
    rounds = 0;
    writes = 0;
    bytes = 0;
    commits = 0;
    waited = true;
    return counts;
  }

  private Transaction counted(Transaction transaction) {
    boolean[] wrote = {false};
    return Watched.by(
        (method, arguments, answer) -> switch (method.getName()) {
          case "snapshot" -> snapshot((ReadTransaction) answer);
          case "set", "clear", "mutate" -> {
            wrote[0] = true;
            wrote(method.getName(), arguments);
            yield null;
          }
          case "commit" -> {
            commits += wrote[0] ? 1 : 0;
            yield answer;
          }
          case "onError" ->
              ((CompletableFuture<?>) answer).thenApply(next -> counted((Transaction) next));
          default -> read(method, arguments, answer);
        },
        Transaction.class,
        transaction);
  }

  private ReadTransaction snapshot(ReadTransaction snapshot) {
    return Watched.by(this::read, ReadTransaction.class, snapshot);
  }

  private synchronized void wrote(String method, Object[] arguments) {
    writes++;
    List<byte[]> keysAndValues =
        Arrays.stream(arguments).filter(byte[].class::isInstance).map(byte[].class::cast).toList();
    keysAndValues.forEach(part -> bytes += part.length);
  }

  private Object read(Method method, Object[] arguments, Object answer) {
    return switch (method.getName()) {
      case "get" -> {
        boolean free = Arrays.equals((byte[]) arguments[0], KeySpace.METADATA_VERSION);
        if (free) {
          readVersions++;
        } else {
          asked();
        }
        yield new CountedFuture<>(this, (CompletableFuture<?>) answer);
      }
      case "getRange" -> new Rows<>(this, (AsyncIterable<?>) answer);
      case "getEstimatedRangeSizeBytes" -> {
        asked();
        yield new CountedFuture<>(this, (CompletableFuture<?>) answer);
      }
      default -> answer;
    };
  }

  private synchronized void asked() {
    reads++;
    if (waited) {
      rounds++;
      waited = false;
    }
  }

  private synchronized void waited() {
    waited = true;
  }

  /** A future that records when it is awaited. */
  private static final class CountedFuture<T> extends CompletableFuture<T> {
    private final CountingDatabase counts;

    CountedFuture(CountingDatabase counts, CompletableFuture<T> answer) {
      this.counts = counts;
      answer.whenComplete(
          (value, e) -> {
            if (e == null) {
              complete(value);
            } else {
              completeExceptionally(e);
            }
          });
    }

    @Override
    public T join() {
      counts.waited();
      return super.join();
    }

    @Override
    public T get(long time, TimeUnit unit)
        throws InterruptedException, ExecutionException, TimeoutException {
      counts.waited();
      return super.get(time, unit);
    }
  }

  private record Rows<T>(CountingDatabase counts, AsyncIterable<T> rows)
      implements AsyncIterable<T> {
    @Override
    public AsyncIterator<T> iterator() {
      counts.asked();
      AsyncIterator<T> iterator = rows.iterator();
      return new AsyncIterator<>() {
        @Override
        public CompletableFuture<Boolean> onHasNext() {
          return new CountedFuture<>(counts, iterator.onHasNext());
        }

        @Override
        public boolean hasNext() {
          counts.waited();
          return iterator.hasNext();
        }

        @Override
        public T next() {
          return iterator.next();
        }

        @Override
        public void cancel() {
          iterator.cancel();
        }
      };
    }

    @Override
    public CompletableFuture<List<T>> asList() {
      counts.asked();
      return new CountedFuture<>(counts, rows.asList());
    }
  }
}
