package io.divan.storage.leveldb.lsm;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.iq80.leveldb.util.Slice;

/** Plain directories on a disk that becomes full on request, reported in German. */
final class FullDisk extends DirectoryEnv {
  private static final long ENOUGH = Long.MAX_VALUE / 2;

  private final AtomicLong bytesLeft = new AtomicLong(ENOUGH);

  /** Limits the number of bytes that can still be written. */
  void leave(long bytes) {
    bytesLeft.set(bytes);
  }

  /** Removes the limit. */
  void makeSpace() {
    bytesLeft.set(ENOUGH);
  }

  @Override
  void write(RandomAccessFile file, Slice data) throws IOException {
    long left = bytesLeft.addAndGet(-data.length());
    if (left < 0) {
      int fits = (int) Math.max(0, data.length() + left);
      super.write(file, data.slice(0, fits));
      throw new IOException("Auf dem Gerät ist kein Speicherplatz mehr verfügbar");
    }
    super.write(file, data);
  }

  @Override
  long usableBytes(Path file) {
    return Math.max(0, bytesLeft.get());
  }
}
