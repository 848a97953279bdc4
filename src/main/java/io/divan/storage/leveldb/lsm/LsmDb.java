package io.divan.storage.leveldb.lsm;

import io.divan.storage.lease.Lease;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Range;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.iq80.leveldb.impl.DbImpl;
import org.jspecify.annotations.Nullable;

/**
 * The engine, with its lease asked before a read, its errors made readable, snapshots of our own,
 * and copies of what is written: it would keep its caller's arrays. Reads are answered from memory
 * as long as nobody else can have taken the lease.
 */
final class LsmDb implements DB {

  private static final ReadOptions READ = new ReadOptions();
  private static final WriteOptions WRITE = new WriteOptions();

  /** No row of a backend has this key, or one after it. */
  private static final byte[] BEHIND_ALL = {(byte) 0xFF, (byte) 0xFF};

  private final DbImpl engine;
  private final Optional<Lease> lease;
  private final String name;

  /** Writes that have begun, and that have ended: where both are the same, none is under way. */
  private final AtomicLong begun = new AtomicLong();

  private final AtomicLong ended = new AtomicLong();

  private final Optional<WriteBuffers.Buffer> buffer;

  private volatile boolean closed;

  /**
   * A database that is open.
   *
   * @param buffers bound its memory together with that of others; the engine does where there are
   *     none
   */
  LsmDb(DbImpl engine, Optional<Lease> lease, String name, Optional<WriteBuffers> buffers) {
    this.engine = engine;
    this.lease = lease;
    this.name = name;
    buffer = buffers.map(all -> all.opened(this::flush));
  }

  /** Writes out what is in memory: the engine does before it compacts, here a range of no rows. */
  private void flush() {
    compactRange(BEHIND_ALL, BEHIND_ALL);
  }

  private void requireOpen() {
    if (closed) {
      throw new DBException("The database " + name + " is closed");
    }
  }

  /** The lease of its directory, where it lies in a store. */
  Optional<Lease> lease() {
    return lease;
  }

  private void requireCurrent() {
    requireOpen();
    lease.ifPresent(Lease::requireCurrent);
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    return get(key, READ);
  }

  @Override
  public byte @Nullable [] get(byte[] key, ReadOptions options) {
    return LsmErrors.call(
        name,
        () -> {
          requireCurrent();
          if (!(options.snapshot() instanceof LsmSnapshot snapshot)) {
            return engine.get(key, options);
          }
          if (snapshot.isNow(begun.get())) {
            byte[] value = engine.get(key, READ);
            if (snapshot.isNow(begun.get())) {
              return value;
            }
          }
          return snapshot.rows().get(key);
        });
  }

  @Override
  public DBIterator iterator() {
    return iterator(READ);
  }

  @Override
  public DBIterator iterator(ReadOptions options) {
    return LsmErrors.call(
        name,
        () -> {
          requireCurrent();
          return options.snapshot() instanceof LsmSnapshot snapshot
              ? iterator(snapshot)
              : iterator(engine.iterator(options));
        });
  }

  private LsmIterator iterator(DBIterator own) {
    EngineRows rows = new EngineRows(own);
    return new LsmIterator(rows, this::requireCurrent, rows::close, name);
  }

  private LsmIterator iterator(LsmSnapshot snapshot) {
    if (snapshot.isNow(begun.get())) {
      DBIterator iterator = engine.iterator(READ);
      if (snapshot.isNow(begun.get())) {
        return iterator(iterator);
      }
      iterator.close();
    }
    return new LsmIterator(snapshot.rows(), this::requireCurrent, () -> {}, name);
  }

  @Override
  public void put(byte[] key, byte[] value) {
    put(key, value, WRITE);
  }

  @Override
  public void delete(byte[] key) {
    delete(key, WRITE);
  }

  @Override
  public void write(WriteBatch updates) {
    write(updates, WRITE);
  }

  @Override
  public WriteBatch createWriteBatch() {
    return LsmErrors.call(
        name,
        () -> {
          requireOpen();
          return new LsmBatch(engine.createWriteBatch());
        });
  }

  @Override
  public @Nullable Snapshot put(byte[] key, byte[] value, WriteOptions options) {
    return write(
        options,
        1,
        key.length + value.length,
        to -> engine.put(key.clone(), value.clone(), to));
  }

  @Override
  public @Nullable Snapshot delete(byte[] key, WriteOptions options) {
    return write(options, 1, key.length, to -> engine.delete(key.clone(), to));
  }

  @Override
  public @Nullable Snapshot write(WriteBatch updates, WriteOptions options) {
    if (!(updates instanceof LsmBatch batch)) {
      throw new DBException("The batch was not made by createWriteBatch of this database");
    }
    return write(
        options,
        batch.size(),
        batch.getApproximateSize(),
        to -> engine.write(batch.batch(), to));
  }

  /** Writes; a snapshot of it is made afterwards, and may see what others have written since. */
  private @Nullable Snapshot write(
      WriteOptions options, int rows, long bytes, Consumer<WriteOptions> work) {
    LsmErrors.call(
        name,
        () -> {
          requireOpen();
          begun.incrementAndGet();
          try {
            work.accept(new WriteOptions().sync(options.sync()));
          } finally {
            ended.incrementAndGet();
          }
          return true;
        });
    buffer.ifPresent(memory -> memory.wrote(rows, bytes));
    return options.snapshot() ? getSnapshot() : null;
  }

  @Override
  public Snapshot getSnapshot() {
    return LsmErrors.call(
        name,
        () -> {
          requireCurrent();
          long endedBefore = ended.get();
          DBIterator iterator = engine.iterator(READ);
          boolean quiet = begun.get() == endedBefore;
          return new LsmSnapshot(new EngineRows(iterator), quiet ? endedBefore : -1);
        });
  }

  @Override
  public long[] getApproximateSizes(Range... ranges) {
    return LsmErrors.call(
        name,
        () -> {
          requireOpen();
          return engine.getApproximateSizes(ranges);
        });
  }

  @Override
  public @Nullable String getProperty(String property) {
    return engine.getProperty(property);
  }

  @Override
  public void suspendCompactions() throws InterruptedException {
    engine.suspendCompactions();
  }

  @Override
  public void resumeCompactions() {
    engine.resumeCompactions();
  }

  @Override
  public void compactRange(byte @Nullable [] begin, byte @Nullable [] end) {
    LsmErrors.call(
        name,
        () -> {
          requireOpen();
          engine.compactRange(begin, end);
          return true;
        });
  }

  @Override
  public void close() {
    closed = true;
    buffer.ifPresent(WriteBuffers.Buffer::close);
    engine.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
