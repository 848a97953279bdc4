package io.divan.storage.leveldb.lsm;

import io.divan.storage.StorageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.iq80.leveldb.env.WritableFile;
import org.iq80.leveldb.util.Slice;

/**
 * Appends to a file. Appended bytes stay in memory until {@link #force}, or until as many chunks
 * are full as one transaction may write. A chunk that is complete when the file is forced is thus
 * written once; the last, incomplete chunk is written again at each force.
 *
 * <p>Thread-safe although LevelDB does not require it: one thread may append while another reads or
 * asks for the length.
 */
final class ChunkWriter implements WritableFile {

  private final StoreDirectory directory;
  private final String name;

  /** Full chunks that are not yet written, by number. */
  private final LinkedHashMap<Long, byte[]> full = new LinkedHashMap<>();

  private FileRow file;

  /** The last chunk, of which {@code tailBytes} bytes are used; it is never full. */
  private byte[] tail;

  private int tailBytes;

  private volatile long length;
  private volatile int fullChunks;
  private boolean written;
  private volatile boolean abandoned;
  private boolean closed;

  /**
   * Creates a writer that appends to a file.
   *
   * @param file the file in the store; length 0 for a new file
   * @param last the bytes of the last chunk if it is incomplete
   */
  ChunkWriter(StoreDirectory directory, String name, FileRow file, byte[] last) {
    this.directory = directory;
    this.name = name;
    this.file = file;
    tail = Arrays.copyOf(last, LsmKeys.CHUNK_BYTES);
    tailBytes = last.length;
    length = file.length();
    written = file.length() > 0;
  }

  String name() {
    return name;
  }

  long length() {
    return length;
  }

  /** Returns the number of full chunks that are not yet written. */
  int fullChunks() {
    return fullChunks;
  }

  /** Marks the file as deleted: nothing more of it is written. */
  void abandon() {
    abandoned = true;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  @Override
  public synchronized void append(Slice data) throws IOException {
    requireOpen();
    byte[] source = data.getRawArray();
    int from = data.getRawOffset();
    int end = from + data.length();
    while (from < end) {
      int count = Math.min(end - from, LsmKeys.CHUNK_BYTES - tailBytes);
      System.arraycopy(source, from, tail, tailBytes, count);
      from += count;
      tailBytes += count;
      length += count;
      if (tailBytes == LsmKeys.CHUNK_BYTES) {
        full.put(length / LsmKeys.CHUNK_BYTES - 1, tail);
        tail = new byte[LsmKeys.CHUNK_BYTES];
        tailBytes = 0;
        fullChunks = full.size();
        directory.countUnwritten();
        if (full.size() == LsmKeys.BATCH_CHUNKS || directory.isOverUnwrittenLimit()) {
          writeOrThrow(length);
        }
      }
    }
  }

  @Override
  public synchronized void force() throws IOException {
    requireOpen();
    writeOrThrow(length);
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException(name + " is closed");
    }
  }

  private void writeOrThrow(long bytes) throws IOException {
    try {
      write(bytes);
    } catch (StorageException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Writes all bytes that are not yet written. */
  synchronized void write() {
    write(length);
  }

  private void write(long bytes) {
    if (abandoned || (written && bytes == file.length())) {
      return;
    }
    FileRow longer = file.length(bytes);
    Map<Long, byte[]> chunks = new LinkedHashMap<>(full);
    if (tailBytes > 0) {
      long last = bytes / LsmKeys.CHUNK_BYTES;
      if (chunks.size() == LsmKeys.BATCH_CHUNKS) {
        throw new IllegalStateException("A full batch was not written");
      }
      chunks.put(last, Arrays.copyOf(tail, tailBytes));
    }
    directory.write(this, longer, chunks);
    full.clear();
    fullChunks = 0;
    directory.countUnwritten();
    file = longer;
    written = true;
  }

  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      writeOrThrow(length);
    } finally {
      directory.closed(this);
    }
  }
}
