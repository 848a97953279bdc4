package io.divan.storage.redb;

import io.divan.redb.BlockFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file that is never changed. The engine's writes, for a repair or at closing, stay in memory, up
 * to {@link #WRITTEN_BYTES_MAX} bytes, and are lost when it is closed.
 */
final class OverlayFile implements BlockFile {
  private static final int PAGE_BYTES = 4_096;

  /** A repair writes the allocator's state, about two bits for each page of the file. */
  private static final long WRITTEN_BYTES_MAX = 256_000_000;

  private final FileChannel channel;
  private final Map<Long, byte[]> pages = new ConcurrentHashMap<>();
  private volatile long fileLength;
  private volatile long length;

  OverlayFile(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.READ);
    fileLength = channel.size();
    length = fileLength;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void read(long position, byte[] target, int offset, int count) throws IOException {
    if (position + count > length) {
      throw new EOFException();
    }
    if (pages.isEmpty()) {
      readFile(position, target, offset, count);
      return;
    }
    int done = 0;
    while (done < count) {
      long at = position + done;
      int within = (int) (at % PAGE_BYTES);
      int some = Math.min(count - done, PAGE_BYTES - within);
      byte[] page = pages.get(at / PAGE_BYTES);
      if (page == null) {
        readFile(at, target, offset + done, some);
      } else {
        System.arraycopy(page, within, target, offset + done, some);
      }
      done += some;
    }
  }

  /** Reads from the file itself, zeros beyond its end. */
  private void readFile(long position, byte[] target, int offset, int count) throws IOException {
    int there = Math.clamp(fileLength - position, 0, count);
    ByteBuffer bytes = ByteBuffer.wrap(target, offset, there);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + there - bytes.remaining()) < 0) {
        throw new EOFException();
      }
    }
    Arrays.fill(target, offset + there, offset + count, (byte) 0);
  }

  @Override
  public void write(long position, byte[] source, int offset, int count) throws IOException {
    int done = 0;
    while (done < count) {
      long at = position + done;
      int within = (int) (at % PAGE_BYTES);
      int some = Math.min(count - done, PAGE_BYTES - within);
      System.arraycopy(source, offset + done, page(at / PAGE_BYTES), within, some);
      done += some;
    }
  }

  private byte[] page(long number) throws IOException {
    byte[] page = pages.get(number);
    if (page == null) {
      if ((pages.size() + 1L) * PAGE_BYTES > WRITTEN_BYTES_MAX) {
        throw new IOException("A repair of this file needs more memory than the limit allows");
      }
      page = new byte[PAGE_BYTES];
      readFile(number * PAGE_BYTES, page, 0, PAGE_BYTES);
      pages.put(number, page);
    }
    return page;
  }

  @Override
  public void setLength(long newLength) {
    if (newLength < length) {
      pages.keySet().removeIf(number -> number * PAGE_BYTES >= newLength);
      fileLength = Math.min(fileLength, newLength);
    }
    length = newLength;
  }

  @Override
  public void sync() {}

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
