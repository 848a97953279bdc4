package io.divan.storage.fdb;

import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.StreamingMode;
import com.apple.foundationdb.async.AsyncIterator;
import io.divan.storage.Capability;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import io.divan.storage.embedded.StoreSnapshot;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A handle on one incarnation of a database. Thread-safe.
 *
 * <ol>
 *   <li>The database's version row exists from its creation to its deletion, and changes with its
 *       configuration. Every transaction that writes the row also changes the cluster's metadata
 *       version.
 *   <li>The metadata version arrives with the read version. While it is what it was when this
 *       handle last read the row, the row is unchanged too. So a transaction needs no round trip to
 *       find out whether its database still exists.
 *   <li>Every write transaction conflicts with the row. So none commits into a database that was
 *       deleted since the transaction began, and none commits what rests on an old configuration.
 * </ol>
 */
final class FdbStore implements Store, Capability.Snapshots, Capability.RangeSizes {
  static final int SNAPSHOTS_MAX = 64;

  /** FoundationDB's storage servers keep versions for five seconds. */
  private static final Duration SNAPSHOT_LIFETIME = Duration.ofSeconds(5);

  /** Below this size FoundationDB's estimate, which is based on samples, is too imprecise. */
  private static final long ESTIMATE_BYTES_MIN = 3_000_000;

  private record Verified(byte[] metadataVersion, Versionstamp configVersion) {}

  private final String name;
  private final Transactions transactions;
  private final TransactionIds ids;
  private final FdbReads.Shared shared;
  private final AtomicInteger snapshots = new AtomicInteger();
  private volatile @Nullable Verified verified;

  FdbStore(
      String name,
      StoreSpace space,
      Transactions transactions,
      TransactionIds ids,
      Watches watches) {
    this.name = name;
    this.transactions = transactions;
    this.ids = ids;
    this.shared = new FdbReads.Shared(name, space, watches, new ScanSizes());
  }

  @Override
  public String name() {
    return name;
  }

  StoreSpace space() {
    return shared.space();
  }

  /**
   * Returns the version of the configuration.
   *
   * @throws StorageException.DatabaseNotFound if this incarnation was deleted
   */
  private Versionstamp verify(Attempt attempt) {
    return version(attempt).orElseThrow(() -> new StorageException.DatabaseNotFound(name));
  }

  /** Whether this incarnation exists. Its name belongs to it as long as it does. */
  boolean exists(Attempt attempt) {
    return version(attempt).isPresent();
  }

  private Optional<Versionstamp> version(Attempt attempt) {
    Verified known = verified;
    byte[] metadataVersion = attempt.metadataVersion();
    if (known != null && Arrays.equals(known.metadataVersion(), metadataVersion)) {
      return Optional.of(known.configVersion());
    }
    byte[] row = attempt.await(attempt.transaction().snapshot().get(space().versionKey()));
    if (row == null) {
      return Optional.empty();
    }
    Versionstamp version = Versionstamp.fromBytes(row, 0);
    verified = new Verified(metadataVersion, version);
    return Optional.of(version);
  }

  private FdbReads reads(Attempt attempt) {
    return new FdbReads(attempt, attempt.transaction(), shared, verify(attempt));
  }

  /** A transaction on this database within an attempt that others share. */
  FdbWriteTransaction writes(Attempt attempt) {
    attempt.transaction().addReadConflictKey(space().versionKey());
    return new FdbWriteTransaction(attempt, shared, verify(attempt));
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    return transactions.read(attempt -> work.apply(reads(attempt)));
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    return transactions.write(ids, attempt -> work.apply(writes(attempt)));
  }

  /** The transaction that creates this database; the version row does not exist yet. */
  WriteTransaction initial(Attempt attempt) {
    return new FdbWriteTransaction(attempt, shared, Versionstamp.ZERO);
  }

  @Override
  public Snapshot openSnapshot() {
    if (snapshots.incrementAndGet() > SNAPSHOTS_MAX) {
      snapshots.decrementAndGet();
      throw StoreSnapshot.tooMany(SNAPSHOTS_MAX);
    }
    try {
      return transactions.readKeepingOpen(
          attempt -> {
            long readVersion = attempt.await(attempt.transaction().getReadVersion());
            FdbSnapshot.Moment moment = new FdbSnapshot.Moment(readVersion, verify(attempt));
            return new FdbSnapshot(
                moment, attempt, transactions, shared, snapshots::decrementAndGet);
          });
    } catch (RuntimeException | Error e) {
      snapshots.decrementAndGet();
      throw e;
    }
  }

  @Override
  public Optional<Duration> lifetime() {
    return Optional.of(SNAPSHOT_LIFETIME);
  }

  @Override
  public long sizeBytes() {
    return transactions.read(
        attempt -> {
          verify(attempt);
          return size(attempt);
        });
  }

  @Override
  public long estimatedBytes(Range range) {
    return transactions.read(
        attempt -> {
          Page page = reads(attempt).scan(range.limit(Range.NO_LIMIT));
          if (page.stop() == Page.Stop.END) {
            return page.bytes();
          }
          long estimate = estimate(attempt, space().begin(range), space().end(range));
          return Math.min(
              size(attempt), Math.max(ReadTransaction.SCAN_BYTES_MAX, estimate));
        });
  }

  private long size(Attempt attempt) {
    long estimate = estimate(attempt, space().begin(), space().end());
    return estimate >= ESTIMATE_BYTES_MIN ? estimate : Math.max(estimate, counted(attempt));
  }

  /** Counts the bytes of the database's rows, up to the limit of one scan. */
  private long counted(Attempt attempt) {
    AsyncIterator<KeyValue> rows =
        attempt
            .transaction()
            .snapshot()
            .getRange(
                space().begin(),
                space().end(),
                com.apple.foundationdb.ReadTransaction.ROW_LIMIT_UNLIMITED,
                false,
                StreamingMode.WANT_ALL)
            .iterator();
    long bytes = 0;
    while (bytes <= ReadTransaction.SCAN_BYTES_MAX && attempt.await(rows.onHasNext())) {
      KeyValue row = rows.next();
      bytes += row.getKey().length + row.getValue().length;
    }
    rows.cancel();
    return bytes;
  }

  private static long estimate(Attempt attempt, byte[] begin, byte[] end) {
    return Arrays.compareUnsigned(begin, end) >= 0
        ? 0
        : attempt.await(attempt.transaction().getEstimatedRangeSizeBytes(begin, end));
  }

  /** Two handles are equal if they refer to the same incarnation of the same database. */
  @Override
  public boolean equals(Object other) {
    return other instanceof FdbStore store
        && transactions == store.transactions
        && space().equals(store.space());
  }

  @Override
  public int hashCode() {
    return space().hashCode();
  }
}
