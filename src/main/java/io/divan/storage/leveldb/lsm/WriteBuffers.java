package io.divan.storage.leveldb.lsm;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Limits the memory that the memtables of all open databases use together; the port limits each
 * database alone. A database that reaches its own limit is flushed to an SST file. The largest one
 * is also flushed as soon as all together reach half of their limit. Thread-safe.
 *
 * <ol>
 *   <li>Threads of this class flush, while the database continues with a new memtable.
 *   <li>After its write, a writer waits while its database has also filled the new memtable, or
 *       while all databases exceed their limit. It always waits for a flush in progress.
 *   <li>A database is closed only when none of its flushes is running here.
 * </ol>
 */
final class WriteBuffers implements AutoCloseable {

  /** Approximate memory of a row in the port's memtable, a skip list, in addition to its bytes. */
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

  /** The size of all memtables, and how much of it is being flushed. */
  private long bytes;

  private long leaving;

  private long flushes;
  private long stalls;
  private long stalledNanos;

  /**
   * The use of the memory.
   *
   * @param bytes the size of all memtables
   * @param bytesMax the size beyond which writers wait
   * @param flushes how many memtables were flushed
   * @param stalls how many writes waited
   * @param stalledNanos how long they waited
   */
  record Totals(long bytes, long bytesMax, long flushes, long stalls, long stalledNanos) {}

  /**
   * Creates the limits.
   *
   * @param oneMax the maximum size of one database's memtable; as much again may be in a flush
   * @param allMax the maximum size of all memtables
   */
  WriteBuffers(long oneMax, long allMax) {
    this.oneMax = oneMax;
    this.allMax = allMax;
  }

  /** Creates the default limits: 6 MB per database, one eighth of the heap in total. */
  static WriteBuffers ofHeap() {
    long part = Runtime.getRuntime().maxMemory() / HEAP_PART;
    return new WriteBuffers(ONE_BYTES, Math.max(ALL_BYTES_LEAST, part));
  }

  /** The memtables of one database. */
  final class Buffer {
    private final Runnable flush;
    private long own;
    private long ownLeaving;
    private boolean closing;

    private Buffer(Runnable flush) {
      this.flush = flush;
    }

    /** Records written rows, and waits if there are too many. */
    void wrote(int rows, long rowBytes) {
      lock.lock();
      try {
        long more = rowBytes + (long) rows * ROW_BYTES;
        own += more;
        bytes += more;
        begin();
        if (mustWait()) {
          stalls++;
          long since = System.nanoTime();
          while (mustWait()) {
            written.awaitUninterruptibly();
            begin();
          }
          stalledNanos += System.nanoTime() - since;
        }
      } finally {
        lock.unlock();
      }
    }

    private boolean mustWait() {
      return !closing && leaving > 0 && (bytes > allMax || ownLeaving > 0 && own >= oneMax);
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
        // The database stops writing and reports the error to the next writer.
        System.getLogger(WriteBuffers.class.getName())
            .log(System.Logger.Level.DEBUG, "A memtable could not be flushed", e);
      } finally {
        lock.lock();
        try {
          bytes -= ownLeaving;
          leaving -= ownLeaving;
          ownLeaving = 0;
          flushes++;
          written.signalAll();
        } finally {
          lock.unlock();
        }
      }
    }

    /** Ends its use; waits for a running flush. */
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
   * Registers an open database.
   *
   * @param flush writes out the current memtable and returns when that is done
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

  /** Returns the size of all memtables in bytes. */
  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  Totals totals() {
    lock.lock();
    try {
      return new Totals(bytes, allMax, flushes, stalls, stalledNanos);
    } finally {
      lock.unlock();
    }
  }

  /** Stops the threads. The databases must already be closed. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
