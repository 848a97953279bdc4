package io.divan.storage.leveldb.lsm;

import io.divan.storage.lease.Lease;
import java.io.UncheckedIOException;
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
 * Wraps the port: checks the lease before each read, translates errors, provides snapshots, and
 * copies what is written, because the port keeps the arrays of its caller. Reads are served from
 * memory as long as no other process can have taken the lease.
 */
final class LsmDb implements DB {

  private static final ReadOptions READ = new ReadOptions();
  private static final WriteOptions WRITE = new WriteOptions();

  /** Greater than every key of a backend. */
  private static final byte[] BEHIND_ALL = {(byte) 0xFF, (byte) 0xFF};

  private final DbImpl port;
  private final Optional<Lease> lease;
  private final String name;
  private final LsmEnv env;

  /** The numbers of writes begun and ended. If they are equal, no write is in progress. */
  private final AtomicLong begun = new AtomicLong();

  private final AtomicLong ended = new AtomicLong();

  private final Optional<WriteBuffers.Buffer> buffer;

  private volatile boolean closed;

  /**
   * Wraps an open database.
   *
   * @param buffers limit its memory together with that of other databases; if empty, only the
   *     port's own limit applies
   * @param env holds its files
   */
  LsmDb(
      DbImpl port,
      Optional<Lease> lease,
      String name,
      Optional<WriteBuffers> buffers,
      LsmEnv env) {
    this.port = port;
    this.lease = lease;
    this.name = name;
    this.env = env;
    buffer = buffers.map(all -> all.opened(this::flush));
    env.meters().opened(this);
  }

  /** Writes the memtable to a file: the port does so before it compacts, here an empty range. */
  private void flush() {
    compactRange(BEHIND_ALL, BEHIND_ALL);
  }

  private void requireOpen() {
    if (closed) {
      throw new DBException("The database " + name + " is closed; open it again");
    }
  }

  /** Returns the lease of its directory, if it is in a store. */
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
            return port.get(key, options);
          }
          if (snapshot.isNow(begun.get())) {
            byte[] value = port.get(key, READ);
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
              : iterator(port.iterator(options));
        });
  }

  private LsmIterator iterator(DBIterator own) {
    PortRows rows = new PortRows(own);
    return new LsmIterator(rows, this::requireCurrent, rows::close, name);
  }

  private LsmIterator iterator(LsmSnapshot snapshot) {
    if (snapshot.isNow(begun.get())) {
      DBIterator iterator = port.iterator(READ);
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
          return new LsmBatch(port.createWriteBatch());
        });
  }

  @Override
  public @Nullable Snapshot put(byte[] key, byte[] value, WriteOptions options) {
    return write(
        options,
        1,
        key.length + value.length,
        to -> port.put(key.clone(), value.clone(), to));
  }

  @Override
  public @Nullable Snapshot delete(byte[] key, WriteOptions options) {
    return write(options, 1, key.length, to -> port.delete(key.clone(), to));
  }

  @Override
  public @Nullable Snapshot write(WriteBatch updates, WriteOptions options) {
    if (!(updates instanceof LsmBatch batch)) {
      throw new DBException("The batch was not created by createWriteBatch of this database");
    }
    return write(
        options,
        batch.size(),
        batch.getApproximateSize(),
        to -> port.write(batch.batch(), to));
  }

  /** Writes. A requested snapshot is taken afterwards and may include later writes of others. */
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
          DBIterator iterator = port.iterator(READ);
          boolean quiet = begun.get() == endedBefore;
          return new LsmSnapshot(new PortRows(iterator), quiet ? endedBefore : -1);
        });
  }

  @Override
  public long[] getApproximateSizes(Range... ranges) {
    return LsmErrors.call(
        name,
        () -> {
          requireOpen();
          return port.getApproximateSizes(ranges);
        });
  }

  @Override
  public @Nullable String getProperty(String property) {
    return port.getProperty(property);
  }

  /** Returns the number of SST files of a level. */
  long files(int level) {
    String files = port.getProperty("leveldb.num-files-at-level" + level);
    return files == null ? 0 : Long.parseLong(files);
  }

  /** Returns the size of all files, or 0 if they cannot be listed, as when they are deleted. */
  long fileBytes() {
    try {
      return env.bytes(name);
    } catch (UncheckedIOException e) {
      return 0;
    }
  }

  @Override
  public void suspendCompactions() throws InterruptedException {
    port.suspendCompactions();
  }

  @Override
  public void resumeCompactions() {
    port.resumeCompactions();
  }

  @Override
  public void compactRange(byte @Nullable [] begin, byte @Nullable [] end) {
    LsmErrors.call(
        name,
        () -> {
          requireOpen();
          port.compactRange(begin, end);
          return true;
        });
  }

  @Override
  public void close() {
    closed = true;
    env.meters().closed(this);
    buffer.ifPresent(WriteBuffers.Buffer::close);
    port.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
