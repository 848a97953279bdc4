package io.divan.storage.leveldb.lsm;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.iq80.leveldb.env.File;
import org.iq80.leveldb.env.WritableFile;
import org.iq80.leveldb.util.Slice;

/** Plain directories on a disk that becomes full on request. */
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
  public WritableFile newWritableFile(File file) throws IOException {
    WritableFile writer = super.newWritableFile(file);
    return new WritableFile() {
      @Override
      public void append(Slice data) throws IOException {
        long left = bytesLeft.addAndGet(-data.length());
        if (left < 0) {
          int fits = (int) Math.max(0, data.length() + left);
          writer.append(data.slice(0, fits));
          throw new IOException("No space left on device");
        }
        writer.append(data);
      }

      @Override
      public void force() throws IOException {
        writer.force();
      }

      @Override
      public void close() throws IOException {
        writer.close();
      }
    };
  }
}
