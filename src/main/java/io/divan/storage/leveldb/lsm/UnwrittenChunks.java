package io.divan.storage.leveldb.lsm;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the chunks that all directories of a process have in memory until a transaction writes
 * them. Where there are many, directories write at once what otherwise would wait for more. Safe
 * for use by many threads.
 */
final class UnwrittenChunks {
  private static final long CHUNKS_LEAST = 256;
  private static final int HEAP_PART = 16;

  private final long max;
  private final AtomicLong chunks = new AtomicLong();

  /**
   * Counts from none.
   *
   * @param max from how many on there are many
   */
  UnwrittenChunks(long max) {
    this.max = max;
  }

  /** A sixteenth of the heap. */
  static UnwrittenChunks ofHeap() {
    long part = Runtime.getRuntime().maxMemory() / HEAP_PART / Layout.CHUNK_BYTES;
    return new UnwrittenChunks(Math.max(CHUNKS_LEAST, part));
  }

  /** What one directory has of them. Not safe for use by many threads, but {@link #areMany}. */
  final class Share {
    private long own;

    private Share() {}

    /** Says how many the directory has now. */
    void are(long now) {
      chunks.addAndGet(now - own);
      own = now;
    }

    /** Whether all directories together have many. */
    boolean areMany() {
      return chunks.get() > max;
    }
  }

  /** For a directory that has none yet. */
  Share share() {
    return new Share();
  }

  /** How many there are. */
  long chunks() {
    return chunks.get();
  }
}
