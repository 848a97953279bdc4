package io.divan.storage.redb;

import io.divan.redb.BlockFile;
import io.divan.redb.DiskSpace;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** A file without a lock, for files that no other process uses. */
class RawFile implements BlockFile {
  private final Path path;
  private final FileChannel channel;

  /** Opens a file. */
  RawFile(Path file, OpenOption... options) throws IOException {
    path = file;
    channel = FileChannel.open(file, options);
  }

  @Override
  public long length() throws IOException {
    return channel.size();
  }

  @Override
  public void read(long position, byte[] target, int offset, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(target, offset, count);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + count - bytes.remaining()) < 0) {
        throw new EOFException();
      }
    }
  }

  @Override
  public void write(long position, byte[] source, int offset, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(source, offset, count);
    while (bytes.hasRemaining()) {
      channel.write(bytes, position + count - bytes.remaining());
    }
  }

  @Override
  public void setLength(long length) throws IOException {
    if (length < channel.size()) {
      channel.truncate(length);
    } else if (length > channel.size()) {
      channel.write(ByteBuffer.allocate(1), length - 1);
    }
  }

  @Override
  public long usableBytes() {
    return DiskSpace.usableBytes(path);
  }

  @Override
  public void sync() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
