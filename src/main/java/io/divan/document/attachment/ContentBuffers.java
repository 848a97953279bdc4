package io.divan.document.attachment;

import io.divan.document.rows.ContentRows;
import io.divan.storage.StorageException;
import java.util.concurrent.Semaphore;

/**
 * Bounds the memory of all contents that are sent or received at the same time. A stream has at
 * least {@value #CHUNKS_MIN} chunks, and more while most of the memory is free. Safe for use by
 * many threads.
 */
final class ContentBuffers {

  /** The buffers of this process: an eighth of the heap in each direction. */
  static final ContentBuffers RECEIVING = ofBytes(Runtime.getRuntime().maxMemory() / 8);

  static final ContentBuffers SENDING = ofBytes(Runtime.getRuntime().maxMemory() / 8);

  /** One chunk is in use while the next is prepared. */
  private static final int CHUNKS_MIN = 2;

  /** Twice the chunks that one transaction reads. */
  private static final int CHUNKS_MAX = 20;

  /** An upload with much memory receives one batch, hashes one and writes one; one may wait. */
  private static final int BATCHES = 4;

  private final Semaphore chunks;
  private final int total;

  private ContentBuffers(int total) {
    this.total = total;
    this.chunks = new Semaphore(total);
  }

  static ContentBuffers ofBytes(long bytes) {
    return new ContentBuffers(
        Math.clamp(bytes / ContentRows.CHUNK_BYTES, CHUNKS_MAX, 100_000));
  }

  /** The share of one stream, until it is closed. */
  final class Share implements AutoCloseable {
    private final int size;
    private boolean closed;

    private Share(int size) {
      this.size = size;
    }

    /** Returns how many chunks a transaction reads; as many more are in use meanwhile. */
    int readChunks() {
      return size / 2;
    }

    /** Returns how many chunks a transaction writes. */
    int batchChunks() {
      return Math.max(1, size / BATCHES);
    }

    /** Returns how many batches may wait to be written while another one is received. */
    int waitingBatches() {
      return Math.min(BATCHES, size) - 1;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        chunks.release(size);
      }
    }
  }

  /**
   * Takes a share.
   *
   * @throws StorageException.StoreUnavailable if too many contents are sent or received
   */
  Share take() {
    // A third at most: in a heap of 256 MB, the rest is enough for a hundred streams.
    if (chunks.availablePermits() > total * 2L / 3 && chunks.tryAcquire(CHUNKS_MAX)) {
      return new Share(CHUNKS_MAX);
    }
    if (!chunks.tryAcquire(CHUNKS_MIN)) {
      throw new StorageException.StoreUnavailable(
          "Too many attachments are sent or received at the same time");
    }
    return new Share(CHUNKS_MIN);
  }
}
