package io.divan.storage.leveldb.lsm;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the chunks that all directories of a process hold in memory until a transaction writes
 * them. Beyond a limit, directories write chunks at once that would otherwise wait. Thread-safe.
 */
final class UnwrittenChunks {
  private static final long CHUNKS_LEAST = 256;
  private static final int HEAP_PART = 16;

  private final long max;
  private final AtomicLong chunks = new AtomicLong();

  /**
   * Creates a counter.
   *
   * @param max the limit for all directories
   */
  UnwrittenChunks(long max) {
    this.max = max;
  }

  /** Creates a counter with a limit of one sixteenth of the heap. */
  static UnwrittenChunks ofHeap() {
    long part = Runtime.getRuntime().maxMemory() / HEAP_PART / LsmKeys.CHUNK_BYTES;
    return new UnwrittenChunks(Math.max(CHUNKS_LEAST, part));
  }

  /** The chunks of one directory. Not thread-safe, except for {@link #isOverLimit}. */
  final class Share {
    private long own;

    private Share() {}

    /** Sets the number of chunks of the directory. */
    void set(long now) {
      chunks.addAndGet(now - own);
      own = now;
    }

    /** Returns whether all directories together exceed the limit. */
    boolean isOverLimit() {
      return chunks.get() > max;
    }
  }

  /** Returns the share of a directory, initially 0. */
  Share share() {
    return new Share();
  }

  /** Returns the number of chunks of all directories. */
  long chunks() {
    return chunks.get();
  }
}
