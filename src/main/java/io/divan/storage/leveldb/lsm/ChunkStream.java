package io.divan.storage.leveldb.lsm;

import java.util.List;
import org.iq80.leveldb.env.SequentialFile;
import org.iq80.leveldb.util.SliceOutput;

/**
 * Reads a file from its beginning, many chunks in one transaction, and keeps no others. For one
 * thread.
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
      throw new IllegalArgumentException("Nothing can be read again");
    }
    position = Math.min(file.length(), position + bytes);
  }

  @Override
  public int read(int atMost, SliceOutput destination) {
    if (position == file.length()) {
      return -1;
    }
    long chunk = position / Layout.CHUNK_BYTES;
    if (chunk < firstRead || chunk >= firstRead + read.size()) {
      read = directory.readChunks(name, file, chunk, StoreDirectory.READ_CHUNKS);
      firstRead = chunk;
    }
    byte[] bytes = read.get((int) (chunk - firstRead));
    int begin = (int) (position % Layout.CHUNK_BYTES);
    int count = Math.min(atMost, bytes.length - begin);
    destination.writeBytes(bytes, begin, count);
    position += count;
    return count;
  }

  @Override
  public void close() {}
}
