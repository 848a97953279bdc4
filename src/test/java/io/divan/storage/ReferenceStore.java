package io.divan.storage;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/** A store of {@link ReferenceAdapter}. */
final class ReferenceStore
    implements Store, Capability.Snapshots, Capability.RangeSizes, Capability.UnsyncedWrites {

  private static final long WRITER_WAIT_SECONDS = 30;

  /** A committed state. It is immutable. */
  record State(Map<Integer, NavigableMap<byte[], byte[]>> tables, Versionstamp configVersion) {
    NavigableMap<byte[], byte[]> table(Table table) {
      NavigableMap<byte[], byte[]> rows = tables.get(table.number());
      return rows == null ? new TreeMap<>(Arrays::compareUnsigned) : rows;
    }
  }

  /** One incarnation of a database. Its monitor guards the state and wakes watches. */
  static final class Data {
    private final ReentrantLock writer = new ReentrantLock();
    private State state = new State(Map.of(), Versionstamp.ZERO);
    private boolean deleted;

    synchronized void delete() {
      deleted = true;
      notifyAll();
    }

    synchronized void wake() {
      notifyAll();
    }
  }

  private final ReferenceAdapter adapter;
  private final String name;
  private final Data data;

  ReferenceStore(ReferenceAdapter adapter, String name, Data data) {
    this.adapter = adapter;
    this.name = name;
    this.data = data;
  }

  Data data() {
    return data;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public <T> T read(Function<ReadTransaction, T> work) {
    return work.apply(new ReferenceTransaction(this, state()));
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    lockWriter();
    try {
      ReferenceWriteTransaction transaction =
          new ReferenceWriteTransaction(this, state(), adapter.nextCommitVersion());
      T result = work.apply(transaction);
      synchronized (data) {
        state();
        if (transaction.hasWritten()) {
          data.state = transaction.newState();
          data.notifyAll();
        }
      }
      return new Written<>(result, transaction.versionstamp());
    } finally {
      data.writer.unlock();
    }
  }

  /** Memory keeps nothing after a crash, so there is nothing to wait for. */
  @Override
  public <T> Written<T> writeUnsynced(Function<WriteTransaction, T> work) {
    return write(work);
  }

  private void lockWriter() {
    try {
      if (!data.writer.tryLock(WRITER_WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new StorageException.StoreUnavailable("Waited too long for other writers");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException.StoreUnavailable("Interrupted", e);
    }
  }

  @Override
  public Snapshot openSnapshot() {
    return new ReferenceTransaction(this, state());
  }

  @Override
  public long sizeBytes() {
    return state().tables().values().stream().mapToLong(ReferenceStore::bytes).sum();
  }

  @Override
  public long estimatedBytes(Range range) {
    return range.isEmpty()
        ? 0
        : bytes(ReferenceTransaction.within(state().table(range.table()), range));
  }

  private static long bytes(NavigableMap<byte[], byte[]> rows) {
    return rows.entrySet().stream()
        .mapToLong(row -> row.getKey().length + row.getValue().length)
        .sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReferenceStore store && data == store.data;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(data);
  }

  /** Returns the newest state, or throws if the database was deleted or the adapter closed. */
  private State state() {
    adapter.checkOpen();
    synchronized (data) {
      if (data.deleted) {
        throw new StorageException.DatabaseNotFound(name);
      }
      return data.state;
    }
  }

  /** Watches a key until its value differs from {@code seen}. */
  Watch watch(Table table, byte[] key, Optional<byte[]> seen) {
    return new KeyWatch(table, key.clone(), seen);
  }

  private final class KeyWatch implements Watch {
    private final Table table;
    private final byte[] key;
    private final Optional<byte[]> seen;
    private boolean fired;
    private boolean given;

    KeyWatch(Table table, byte[] key, Optional<byte[]> seen) {
      this.table = table;
      this.key = key;
      this.seen = seen;
    }

    @Override
    public boolean await(Duration atMost) throws InterruptedException {
      long end = System.nanoTime() + atMost.toNanos();
      synchronized (data) {
        while (!given && !fired) {
          byte[] now = data.state.table(table).get(key);
          fired = data.deleted || adapter.isClosed() || !Arrays.equals(now, seen.orElse(null));
          long left = end - System.nanoTime();
          if (!fired && left <= 0) {
            return false;
          }
          if (!fired) {
            TimeUnit.NANOSECONDS.timedWait(data, left);
          }
        }
        return fired && !given;
      }
    }

    @Override
    public void close() {
      synchronized (data) {
        given = true;
        data.notifyAll();
      }
    }
  }
}
