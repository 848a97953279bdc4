package io.divan.storage.leveldb.lsm;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.iq80.leveldb.env.DbLock;
import org.iq80.leveldb.env.File;
import org.iq80.leveldb.env.RandomInputFile;
import org.iq80.leveldb.env.SequentialFile;
import org.iq80.leveldb.env.WritableFile;
import org.iq80.leveldb.util.Slice;
import org.iq80.leveldb.util.SliceOutput;

/**
 * LevelDB's file system in a plain directory. The engine's own does not sync the directory that a
 * new file or CURRENT is named in, and writes through maps, where a full disk ends the process.
 *
 * <p>Appends go to the file at once, so that what was not forced survives the end of the process,
 * if not of the machine. An interrupt ends no read and no write.
 */
class DirectoryEnv extends EngineEnv {

  private static final boolean WINDOWS = java.io.File.separatorChar == '\\';

  private static final int BUFFER_BYTES = 65_536;

  @Override
  public long nowMicros() {
    return TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
  }

  @Override
  public File toFile(String filename) {
    return new DirectoryFile(this, Path.of(filename));
  }

  @Override
  public File createTempDir(String prefix) {
    try {
      return new DirectoryFile(this, Files.createTempDirectory(prefix));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes names in a directory last. */
  void syncDirectory(Path directory) {
    if (WINDOWS) {
      return; // directories cannot be opened there, and need not be synced
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path path(File file) {
    return ((DirectoryFile) file).path();
  }

  @Override
  public SequentialFile newSequentialFile(File file) throws IOException {
    InputStream stream = new BufferedInputStream(Files.newInputStream(path(file)), BUFFER_BYTES);
    return new SequentialFile() {
      @Override
      public void skip(long bytes) throws IOException {
        stream.skipNBytes(bytes);
      }

      @Override
      public int read(int atMost, SliceOutput destination) throws IOException {
        byte[] bytes = new byte[Math.min(atMost, BUFFER_BYTES)];
        int count;
        try {
          count = stream.read(bytes);
        } catch (IOException e) {
          throw new UncheckedIOException(e); // the engine would take it for the end of a log
        }
        if (count > 0) {
          destination.writeBytes(bytes, 0, count);
        }
        return count;
      }

      @Override
      public void close() throws IOException {
        stream.close();
      }
    };
  }

  @Override
  public RandomInputFile newRandomAccessFile(File file) throws IOException {
    return new Reader(path(file));
  }

  /** One read at a time: the file's position is shared. */
  private static final class Reader implements RandomInputFile {
    private final Path path;
    private final RandomAccessFile file;
    private final long size;

    Reader(Path path) throws IOException {
      this.path = path;
      file = new RandomAccessFile(path.toFile(), "r");
      size = file.length();
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public ByteBuffer read(long offset, int length) throws IOException {
      byte[] bytes = new byte[length];
      synchronized (this) {
        file.seek(offset);
        try {
          file.readFully(bytes);
        } catch (EOFException e) {
          throw new EOFException(path + " has no " + length + " bytes at " + offset);
        }
      }
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Override
  public WritableFile newWritableFile(File file) throws IOException {
    Files.deleteIfExists(path(file));
    return new Writer(path(file));
  }

  @Override
  public WritableFile newAppendableFile(File file) throws IOException {
    return new Writer(path(file));
  }

  private final class Writer implements WritableFile {
    private final Path path;
    private final RandomAccessFile file;
    private boolean named;

    Writer(Path path) throws IOException {
      this.path = path;
      named = Files.exists(path);
      file = new RandomAccessFile(path.toFile(), "rw");
      file.seek(file.length());
    }

    @Override
    public void append(Slice data) throws IOException {
      file.write(data.getRawArray(), data.getRawOffset(), data.length());
    }

    @Override
    public void force() throws IOException {
      file.getFD().sync();
      if (!named) {
        syncDirectory(Objects.requireNonNull(path.toAbsolutePath().getParent()));
        named = true;
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Override
  public String readFileToString(File file) throws IOException {
    return Files.readString(path(file));
  }

  @Override
  DbLock lock(File lockFile) throws IOException {
    Path path = path(lockFile);
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    if (lock == null) {
      channel.close();
      throw new IOException(path + " is locked: another process or database object uses it");
    }
    return new DbLock() {
      @Override
      public boolean isValid() {
        return channel.isOpen();
      }

      @Override
      public void release() {
        try {
          channel.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}
