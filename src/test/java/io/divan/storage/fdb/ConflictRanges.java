package io.divan.storage.fdb;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.Transaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A database that records the conflict ranges of each transaction that writes: the keys and ranges
 * it read, except by snapshot reads, and those it wrote. Thread-safe.
 */
public final class ConflictRanges {

  /** The keys from {@code begin}, inclusive, to {@code end}, exclusive. */
  public record Keys(byte[] begin, byte[] end) {

    private static Keys one(byte[] key) {
      return new Keys(key, Arrays.copyOf(key, key.length + 1));
    }

    boolean meets(Keys other) {
      return Arrays.compareUnsigned(begin, other.end) < 0
          && Arrays.compareUnsigned(other.begin, end) < 0;
    }

    /** The beginning of the range as a tuple, without the directory and the database. */
    @Override
    public String toString() {
      List<Object> path = new ArrayList<>(TupleReader.unpack(begin));
      boolean inDatabase = path.get(1).equals((long) KeySpace.DBS);
      return TupleText.print(path.subList(inDatabase ? 3 : 1, path.size()));
    }
  }

  /**
   * The conflict ranges of one transaction.
   *
   * @param reads the transaction fails if another one has written any of these since it began
   * @param writes other transactions fail if they have read any of these
   */
  public record Ranges(List<Keys> reads, List<Keys> writes) {
    private Ranges() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    /** Whether this transaction fails if {@code other} commits before it. */
    public boolean failsAfter(Ranges other) {
      return reads.stream().anyMatch(read -> other.writes.stream().anyMatch(read::meets));
    }
  }

  private final Database database;
  private final List<Ranges> noted = new ArrayList<>();

  public ConflictRanges(Database database) {
    this.database = Watched.transactions(database, this::noting);
  }

  public Database database() {
    return database;
  }

  /** The records since the last call, in the order of the commits. */
  public synchronized List<Ranges> take() {
    List<Ranges> taken = List.copyOf(noted);
    noted.clear();
    return taken;
  }

  private synchronized void note(Ranges ranges) {
    if (!ranges.writes().isEmpty()) {
      noted.add(ranges);
    }
  }

  private Transaction noting(Transaction transaction) {
    Ranges ranges = new Ranges();
    return Watched.by(
        (method, arguments, answer) -> {
          switch (method.getName()) {
            case "get", "addReadConflictKey" ->
                ranges.reads().add(Keys.one((byte[]) arguments[0]));
            case "getRange" ->
                ranges.reads().add(new Keys((byte[]) arguments[0], (byte[]) arguments[1]));
            case "set" -> ranges.writes().add(Keys.one((byte[]) arguments[0]));
            case "clear" -> ranges.writes().add(cleared(arguments));
            case "mutate" ->
                ranges.writes().add(mutated((MutationType) arguments[0], (byte[]) arguments[1]));
            case "commit" -> note(ranges);
            case "onError" -> {
              return ((CompletableFuture<?>) answer)
                  .thenApply(next -> noting((Transaction) next));
            }
            default -> {
              // Other calls neither read nor write.
            }
          }
          return answer;
        },
        Transaction.class,
        transaction);
  }

  private static Keys cleared(Object[] arguments) {
    return arguments.length == 1
        ? Keys.one((byte[]) arguments[0])
        : new Keys((byte[]) arguments[0], (byte[]) arguments[1]);
  }

  /** A stamped key may be anywhere below the prefix that precedes its stamp. */
  private static Keys mutated(MutationType type, byte[] key) {
    if (type != MutationType.SET_VERSIONSTAMPED_KEY) {
      return Keys.one(key);
    }
    int length = key.length - Attempt.OFFSET_BYTES;
    int at = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).getInt(length);
    byte[] end = Arrays.copyOf(key, at + 1);
    end[at] = (byte) 0xFF;
    return new Keys(Arrays.copyOf(key, length), end);
  }
}
