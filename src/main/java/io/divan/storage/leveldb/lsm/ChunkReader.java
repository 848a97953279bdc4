package io.divan.storage.leveldb.lsm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.iq80.leveldb.env.RandomInputFile;

/**
 * Reads a file at any position, through the cache. Consecutive misses read ahead: twice as many
 * chunks each time, up to {@link StoreDirectory#READ_CHUNKS}. Thread-safe.
 */
final class ChunkReader implements RandomInputFile {

  private final StoreDirectory directory;
  private final String name;
  private final FileRow file;
  private final boolean cached;

  /** The chunk after the last read, and the number of chunks of that read. */
  private volatile Ahead ahead = new Ahead(-1, 0);

  private record Ahead(long next, int chunks) {}

  ChunkReader(StoreDirectory directory, String name, FileRow file, boolean cached) {
    this.directory = directory;
    this.name = name;
    this.file = file;
    this.cached = cached;
  }

  @Override
  public long size() {
    return file.length();
  }

  @Override
  public ByteBuffer read(long offset, int length) {
    if (offset < 0 || length < 0 || offset + length > file.length()) {
      throw new IndexOutOfBoundsException(
          "Cannot read " + length + " bytes at " + offset + " of " + name + ", which has "
              + file.length());
    }
    byte[] bytes = new byte[length];
    int done = 0;
    while (done < length) {
      for (byte[] chunk : chunks(offset + done, length - done)) {
        int begin = (int) ((offset + done) % LsmKeys.CHUNK_BYTES);
        int count = Math.min(length - done, chunk.length - begin);
        System.arraycopy(chunk, begin, bytes, done, count);
        done += count;
        if (done == length) {
          break;
        }
      }
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns one or more chunks, beginning with the chunk of a position. */
  private List<byte[]> chunks(long position, int length) {
    long first = position / LsmKeys.CHUNK_BYTES;
    byte[] found = cached ? directory.cache().get(directory, file, first) : null;
    if (found != null) {
      return List.of(found);
    }
    int wanted = (int) ((position + length - 1) / LsmKeys.CHUNK_BYTES - first) + 1;
    Ahead last = ahead;
    int more = last.next() == first ? 2 * last.chunks() : 1;
    int count = Math.min(Math.max(wanted, more), StoreDirectory.READ_CHUNKS);
    List<byte[]> chunks = directory.readChunks(name, file, first, count);
    ahead = new Ahead(first + chunks.size(), chunks.size());
    if (cached) {
      for (int i = 0; i < chunks.size(); i++) {
        directory.cache().put(directory, file, first + i, chunks.get(i));
      }
    }
    return chunks;
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return directory.path() + "/" + name;
  }
}
