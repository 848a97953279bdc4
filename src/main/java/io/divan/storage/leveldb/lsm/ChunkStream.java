package io.divan.storage.leveldb.lsm;

import java.util.List;
import org.iq80.leveldb.env.SequentialFile;
import org.iq80.leveldb.util.SliceOutput;

/**
 * Reads a file sequentially, many chunks per transaction, and keeps only those. Used by one thread.
 */
final class ChunkStream implements SequentialFile {

  private final StoreDirectory directory;
  private final String name;
  private final FileRow file;
  private long position;
  private long firstRead;
  private List<byte[]> read = List.of();

  ChunkStream(StoreDirectory directory, String name, FileRow file) {
    this.directory = directory;
    this.name = name;
    this.file = file;
  }

  @Override
  public void skip(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("Cannot skip backwards");
    }
    position = Math.min(file.length(), position + bytes);
  }

  @Override
  public int read(int atMost, SliceOutput destination) {
    if (position == file.length()) {
      return -1;
    }
    long chunk = position / LsmKeys.CHUNK_BYTES;
    if (chunk < firstRead || chunk >= firstRead + read.size()) {
      read = directory.readChunks(name, file, chunk, StoreDirectory.READ_CHUNKS);
      firstRead = chunk;
    }
    byte[] bytes = read.get((int) (chunk - firstRead));
    int begin = (int) (position % LsmKeys.CHUNK_BYTES);
    int count = Math.min(atMost, bytes.length - begin);
    destination.writeBytes(bytes, begin, count);
    position += count;
    return count;
  }

  @Override
  public void close() {}
}
