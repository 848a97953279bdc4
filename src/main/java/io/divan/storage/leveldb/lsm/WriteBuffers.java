package io.divan.storage.leveldb.lsm;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds the memory that databases of one process take for what was written last, all together; the
 * engine bounds that of each only. A database that has as much as one may have writes it out as a
 * table, and so does the one with most as soon as all together have half of what they may. Safe for
 * use by many threads.
 *
 * <ol>
 *   <li>Tables are written by threads of this, while the database goes on with new memory.
 *   <li>A writer waits, after its write, while its database has filled the new memory, too, or
 *       while all have more than they may. What it waits for is a table being written.
 *   <li>A database is closed when no table of it is being written here.
 * </ol>
 */
final class WriteBuffers implements AutoCloseable {

  /** What a row takes in the engine's memory beside its bytes, about: a skip list's entry. */
  private static final int ROW_BYTES = 200;

  private static final long ONE_BYTES = 6 << 20;
  private static final long ALL_BYTES_LEAST = 16 << 20;
  private static final int HEAP_PART = 8;
  private static final int THREADS = 2;

  private final long oneMax;
  private final long allMax;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("leveldb-flush-", 0).factory());
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition written = lock.newCondition();
  private final Set<Buffer> open = new HashSet<>(); // guarded by lock, as all below is

  /** What the databases have in memory, and what of that is being written out. */
  private long bytes;

  private long leaving;

  /**
   * Bounds what is in memory.
   *
   * @param oneMax bytes of one database, and as many that it is writing out
   * @param allMax bytes of all databases
   */
  WriteBuffers(long oneMax, long allMax) {
    this.oneMax = oneMax;
    this.allMax = allMax;
  }

  /** 6 MB for each database, an eighth of the heap for all. */
  static WriteBuffers ofHeap() {
    long part = Runtime.getRuntime().maxMemory() / HEAP_PART;
    return new WriteBuffers(ONE_BYTES, Math.max(ALL_BYTES_LEAST, part));
  }

  /** What one database has in memory. */
  final class Buffer {
    private final Runnable flush;
    private long own;
    private long ownLeaving;
    private boolean closing;

    private Buffer(Runnable flush) {
      this.flush = flush;
    }

    /** Notes rows that were written, and waits where there is too much of them. */
    void wrote(int rows, long rowBytes) {
      lock.lock();
      try {
        long more = rowBytes + (long) rows * ROW_BYTES;
        own += more;
        bytes += more;
        begin();
        while (!closing && leaving > 0 && (bytes > allMax || ownLeaving > 0 && own >= oneMax)) {
          written.awaitUninterruptibly();
          begin();
        }
      } finally {
        lock.unlock();
      }
    }

    private void begin() {
      if (own >= oneMax) {
        writeOut();
      }
      if (bytes - leaving >= allMax / 2) {
        open.stream()
            .filter(other -> other.ownLeaving == 0)
            .max((one, other) -> Long.compare(one.own, other.own))
            .ifPresent(Buffer::writeOut);
      }
    }

    private void writeOut() {
      if (ownLeaving == 0 && own > 0 && !closing) {
        ownLeaving = own;
        leaving += own;
        own = 0;
        threads.execute(this::run);
      }
    }

    private void run() {
      try {
        flush.run();
      } catch (RuntimeException e) {
        // The database writes no more, and says why to whoever writes next.
        System.getLogger(WriteBuffers.class.getName())
            .log(System.Logger.Level.DEBUG, "A table was not written", e);
      } finally {
        lock.lock();
        try {
          bytes -= ownLeaving;
          leaving -= ownLeaving;
          ownLeaving = 0;
          written.signalAll();
        } finally {
          lock.unlock();
        }
      }
    }

    /** Ends its use: waits for the table that is being written. */
    void close() {
      lock.lock();
      try {
        closing = true;
        written.signalAll();
        while (ownLeaving > 0) {
          written.awaitUninterruptibly();
        }
        if (open.remove(this)) {
          bytes -= own;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * A database that is open.
   *
   * @param flush writes out what is in memory when it is called, and returns when that is done
   */
  Buffer opened(Runnable flush) {
    Buffer buffer = new Buffer(flush);
    lock.lock();
    try {
      open.add(buffer);
    } finally {
      lock.unlock();
    }
    return buffer;
  }

  /** What all databases have in memory. */
  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  /** Databases are closed before. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
