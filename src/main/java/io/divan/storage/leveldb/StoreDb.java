package io.divan.storage.leveldb;

import io.divan.storage.Capability;
import io.divan.storage.Limits;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.layer.Needs;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Logger;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.jspecify.annotations.Nullable;

/** Implements LevelDB's interface on a store; {@link Rows} defines the key layout. */
final class StoreDb implements LevelDb {

  /**
   * The maximum sizes of keys and transactions.
   *
   * @param keyBytes the maximum size of a key
   * @param batchBytes the maximum size of a batch, computed as {@link Limits} does
   */
  record Bounds(int keyBytes, long batchBytes) {
    /** The bounds for checked stores, which is what programs use. */
    static final Bounds CHECKED = new Bounds(Limits.KEY_BYTES_MAX, Limits.TRANSACTION_BYTES_MAX);

    /** The bounds for an adapter's own store, which leave room for a layer. */
    static final Bounds OF_ADAPTERS =
        new Bounds(Limits.ADAPTER_KEY_BYTES_MAX, Limits.ADAPTER_TRANSACTION_BYTES_MAX);
  }

  private static final String LAYER = "LevelDB's interface over a store";

  private static final Pattern FILES_AT_LEVEL =
      Pattern.compile("leveldb\\.num-files-at-level[0-6]");

  private final Store store;
  private final Capability.Snapshots snapshotsOf;
  private final Capability.RangeSizes sizes;
  private final Format format;
  private final LevelDbOptions options;
  private final Bounds bounds;
  private final Optional<Logger> logger;
  private final Set<OpenSnapshot> snapshots = ConcurrentHashMap.newKeySet();
  private final Optional<Sweeper> sweeper;
  private volatile boolean closed;

  private StoreDb(
      Store store,
      Format format,
      LevelDbOptions options,
      Bounds bounds,
      Optional<Logger> logger) {
    this.store = store;
    this.snapshotsOf = Needs.capability(store, Capability.Snapshots.class, LAYER);
    this.sizes = Needs.capability(store, Capability.RangeSizes.class, LAYER);
    this.format = format;
    this.options = options;
    this.bounds = bounds;
    this.logger = logger;
    this.sweeper = options.sweepEvery().map(period -> new Sweeper(this, period));
    sweeper.ifPresent(Sweeper::start);
  }

  static StoreDb open(Store store, Options options, LevelDbOptions more, Bounds bounds) {
    Format asked = Format.of(options, more);
    Optional<Format> found = run(() -> store.read(Format::read));
    if (found.isEmpty() && !options.createIfMissing()) {
      throw new IllegalArgumentException(
          "Database '" + store.name() + "' does not exist and the create if missing option is"
              + " disabled");
    }
    if (found.isPresent() && options.errorIfExists()) {
      throw new IllegalArgumentException(
          "Database '" + store.name() + "' exists and the error if exists option is enabled");
    }
    Format format = found.orElseGet(() -> run(() -> create(store, asked, more)));
    format.require(asked);
    StoreDb db = new StoreDb(store, format, more, bounds, Optional.ofNullable(options.logger()));
    db.log("opened");
    return db;
  }

  private void log(String what) {
    logger.ifPresent(to -> to.log("LevelDB database " + store.name() + " " + what));
  }

  /** Creates the database, unless another process has created it in the meantime. */
  private static Format create(Store store, Format asked, LevelDbOptions more) {
    return store
        .write(
            transaction -> {
              more.fence().accept(transaction);
              Optional<Format> found = Format.read(transaction);
              if (found.isEmpty()) {
                asked.write(transaction);
              }
              return found.orElse(asked);
            })
        .result();
  }

  private static <T> T run(Supplier<T> work) {
    try {
      return work.get();
    } catch (StorageException e) {
      throw new DBException(e.getMessage(), e);
    }
  }

  private <T> T open(Supplier<T> work) {
    requireOpen();
    return run(work);
  }

  private void requireOpen() {
    if (closed) {
      throw new DBException("The database is closed; open it again");
    }
  }

  private long now() {
    return options.clock().millis();
  }

  private <T> T write(Function<StoreWrites, T> work) {
    return open(
        () -> store
            .write(
                transaction -> {
                  options.fence().accept(transaction);
                  return work.apply(new StoreWrites(transaction, format, now(), bounds));
                })
            .result());
  }

  @Override
  public <T> T read(Function<LevelDbReads, T> work) {
    return reading(Optional.empty(), work::apply);
  }

  /** Reads the latest state, or a snapshot. */
  <T> T reading(Optional<OpenSnapshot> snapshot, Function<StoreReads, T> work) {
    return open(
        () -> snapshot.isPresent()
            ? snapshot.get().read(work)
            : store.read(transaction -> work.apply(reads(transaction))));
  }

  private StoreReads reads(ReadTransaction transaction) {
    return new StoreReads(transaction, format, now(), OptionalLong.empty());
  }

  private Optional<OpenSnapshot> snapshot(ReadOptions read) {
    return switch (read.snapshot()) {
      case null -> Optional.empty();
      case OpenSnapshot ours when ours.db() == this -> Optional.of(ours);
      default -> throw new IllegalArgumentException("The snapshot belongs to another database");
    };
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    return get(key, new ReadOptions());
  }

  @Override
  public byte @Nullable [] get(byte[] key, ReadOptions read) {
    return reading(snapshot(read), reads -> reads.get(key)).orElse(null);
  }

  @Override
  public DBIterator iterator() {
    return iterator(new ReadOptions());
  }

  @Override
  public DBIterator iterator(ReadOptions read) {
    return iterator(LevelDbCursor.all(), snapshot(read));
  }

  @Override
  public DBIterator iterator(LevelDbCursor part) {
    return iterator(part, Optional.empty());
  }

  private DBIterator iterator(LevelDbCursor part, Optional<OpenSnapshot> given) {
    requireOpen();
    Optional<OpenSnapshot> own =
        given.isEmpty() && options.iterators() == LevelDbOptions.Iterators.SNAPSHOT
            ? Optional.of(openSnapshot())
            : Optional.empty();
    Optional<OpenSnapshot> seen = given.or(() -> own);
    Range range = part.range();
    return new StoreIterator(
        range.reverse() ? range.reversed() : range,
        bounds.keyBytes(),
        rows -> this.<Page>reading(seen, reads -> reads.scan(rows)),
        () -> own.ifPresent(OpenSnapshot::close));
  }

  @Override
  public LevelDbPage page(LevelDbCursor part, int rows) {
    return reading(Optional.empty(), reads -> reads.page(part, rows));
  }

  @Override
  public void put(byte[] key, byte[] value) {
    write(new Batch().put(key, value));
  }

  @Override
  public void delete(byte[] key) {
    write(new Batch().delete(key));
  }

  @Override
  public void write(WriteBatch updates) {
    if (!(updates instanceof Batch batch)) {
      throw new IllegalArgumentException("The batch was not created by createWriteBatch");
    }
    List<Batch.Operation> operations = List.copyOf(batch.operations());
    for (Batch.Operation operation : operations) {
      format.checkSizes(
          operation.key().length, operation.value().map(value -> value.length).orElse(0), bounds);
    }
    Format.checkSize(Limits.Limit.TRANSACTION, batch.bytes(), bounds.batchBytes());
    write(
        writes -> {
          writes.apply(operations);
          return operations;
        });
  }

  @Override
  public WriteBatch createWriteBatch() {
    return new Batch();
  }

  @Override
  public @Nullable Snapshot put(byte[] key, byte[] value, WriteOptions how) {
    put(key, value);
    return snapshotAfter(how);
  }

  @Override
  public @Nullable Snapshot delete(byte[] key, WriteOptions how) {
    delete(key);
    return snapshotAfter(how);
  }

  @Override
  public @Nullable Snapshot write(WriteBatch updates, WriteOptions how) {
    write(updates);
    return snapshotAfter(how);
  }

  /** Returns a snapshot that includes the write, and possibly later writes of others. */
  private @Nullable Snapshot snapshotAfter(WriteOptions how) {
    return how.snapshot() ? getSnapshot() : null;
  }

  @Override
  public Snapshot getSnapshot() {
    return openSnapshot();
  }

  OpenSnapshot openSnapshot() {
    OpenSnapshot opened =
        open(
            () -> options.keepSnapshots().isPresent()
                ? keptSnapshot(options.keepSnapshots().get())
                : new OpenSnapshot.Held(this, snapshotsOf.openSnapshot(), this::reads));
    snapshots.add(opened);
    if (closed) {
      opened.close();
    }
    return opened;
  }

  private OpenSnapshot keptSnapshot(Duration time) {
    long number =
        write(
            (transaction, now) -> SnapshotRows.open(transaction, now, time));
    return new OpenSnapshot.Kept(this, number);
  }

  /** Runs a transaction that does not write rows, with the fence. */
  private long write(StoreWork work) {
    return store
        .write(
            transaction -> {
              options.fence().accept(transaction);
              return work.run(transaction, now());
            })
        .result();
  }

  /** Work on the store itself, given the current time in milliseconds. */
  private interface StoreWork {
    long run(WriteTransaction transaction, long now);
  }

  /** Reads a snapshot kept by the database. */
  <T> T readKept(long number, Function<StoreReads, T> work) {
    return store.read(
        transaction -> work.apply(new StoreReads(transaction, format, now(), OptionalLong.of(
            number))));
  }

  /** Closes a snapshot kept by the database. If that fails, the snapshot expires. */
  void closeKept(long number) {
    try {
      write(
          (transaction, now) -> {
            SnapshotRows.close(transaction, number, now);
            return number;
          });
    } catch (StorageException e) {
      System.getLogger(StoreDb.class.getName())
          .log(System.Logger.Level.DEBUG, "A kept snapshot could not be closed; it will expire", e);
    }
  }

  /** Removes a closed snapshot. */
  void closed(OpenSnapshot snapshot) {
    snapshots.remove(snapshot);
  }

  @Override
  public <T> T transact(Function<LevelDbTransaction, T> work) {
    return write(work::apply);
  }

  @Override
  public boolean compareAndSet(byte[] key, Optional<byte[]> expected, Optional<byte[]> next) {
    return write(
        writes -> {
          Optional<byte[]> found = writes.get(key);
          boolean same =
              found.isPresent() == expected.isPresent()
                  && (found.isEmpty() || Arrays.equals(found.get(), expected.get()));
          if (same && next.isPresent()) {
            writes.put(key, next.get());
          } else if (same) {
            writes.delete(key);
          }
          return same;
        });
  }

  @Override
  public void put(byte[] key, byte[] value, Duration timeToLive) {
    write(
        writes -> {
          writes.put(key, value, timeToLive);
          return key;
        });
  }

  @Override
  public long sweep() {
    long removed = 0;
    Expiry.Step step;
    do {
      step =
          open(
              () -> store
                  .write(
                      transaction -> {
                        options.fence().accept(transaction);
                        return Expiry.step(transaction, now());
                      })
                  .result());
      removed += step.removed();
    } while (step.more());
    return removed;
  }

  @Override
  public long estimatedBytes(LevelDbCursor part) {
    return open(() -> sizes.estimatedBytes(part.range()));
  }

  @Override
  public long[] getApproximateSizes(org.iq80.leveldb.Range... ranges) {
    return Arrays.stream(ranges)
        .mapToLong(range -> estimatedBytes(LevelDbCursor.between(range.start(), range.limit())))
        .toArray();
  }

  @Override
  public @Nullable String getProperty(String name) {
    requireOpen();
    if (FILES_AT_LEVEL.matcher(name).matches()) {
      return "0";
    }
    return switch (name) {
      case "leveldb.stats" ->
          "Compactions: none, rows are in the base store\nSize: " + open(store::sizeBytes)
              + " bytes\nSnapshots: " + snapshots.size() + "\n";
      case "leveldb.sstables" -> "";
      case "leveldb.approximate-memory-usage" -> "0";
      default -> null;
    };
  }

  @Override
  public void suspendCompactions() {
    requireOpen(); // there are no compactions
  }

  @Override
  public void resumeCompactions() {
    requireOpen();
  }

  @Override
  public void compactRange(byte @Nullable [] begin, byte @Nullable [] end) {
    requireOpen();
  }

  @Override
  public void close() {
    sweeper.ifPresent(Sweeper::close);
    if (!closed) {
      closed = true;
      snapshots.forEach(OpenSnapshot::close);
      log("closed");
    }
  }
}
