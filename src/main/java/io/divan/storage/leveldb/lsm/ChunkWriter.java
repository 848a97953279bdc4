package io.divan.storage.leveldb.lsm;

import io.divan.storage.StorageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.iq80.leveldb.env.WritableFile;
import org.iq80.leveldb.util.Slice;

/**
 * Writes a file at its end. What is appended is kept here until {@link #force}, or until so many
 * chunks are full as one transaction may write; so a chunk is written once where the file is forced
 * when it is complete, and the last one again at each force where it is forced before.
 *
 * <p>Safe for use by many threads, as LevelDB does not need it: one appends while another asks for
 * the length, or reads.
 */
final class ChunkWriter implements WritableFile {

  private final StoreDirectory directory;
  private final String name;

  /** Full chunks that are not written yet, by their numbers. */
  private final LinkedHashMap<Long, byte[]> full = new LinkedHashMap<>();

  private FileRow file;

  /** The chunk at the end, and how much of it is used: less than a chunk. */
  private byte[] tail;

  private int tailBytes;

  private volatile long length;
  private volatile int fullChunks;
  private boolean written;
  private volatile boolean abandoned;
  private boolean closed;

  /**
   * Writes at the end of a file.
   *
   * @param file the file as the store has it, or of no length where it is new
   * @param last the bytes of its last chunk, where that is not full
   */
  ChunkWriter(StoreDirectory directory, String name, FileRow file, byte[] last) {
    this.directory = directory;
    this.name = name;
    this.file = file;
    tail = Arrays.copyOf(last, Layout.CHUNK_BYTES);
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

  /** How many chunks wait to be written. */
  int fullChunks() {
    return fullChunks;
  }

  /** Ends the use of a file that was deleted: nothing of it is written any more. */
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
      int count = Math.min(end - from, Layout.CHUNK_BYTES - tailBytes);
      System.arraycopy(source, from, tail, tailBytes, count);
      from += count;
      tailBytes += count;
      length += count;
      if (tailBytes == Layout.CHUNK_BYTES) {
        full.put(length / Layout.CHUNK_BYTES - 1, tail);
        tail = new byte[Layout.CHUNK_BYTES];
        tailBytes = 0;
        fullChunks = full.size();
        directory.countUnwritten();
        if (full.size() == Layout.BATCH_CHUNKS || directory.hasManyUnwritten()) {
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

  /** Writes what was not yet. */
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
      long last = bytes / Layout.CHUNK_BYTES;
      if (chunks.size() == Layout.BATCH_CHUNKS) {
        throw new IllegalStateException("A batch is written when it is full");
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
