package io.divan.storage.leveldb.lsm;

import io.divan.storage.embedded.DiskErrors;
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
 * LevelDB's file system in a plain directory. The port's own does not sync the directory after it
 * creates a file or renames CURRENT, and it writes through memory maps, where a full disk ends the
 * process.
 *
 * <p>Appends go to the file at once, so bytes that were not forced survive the end of the process,
 * though not of the machine. Interrupts do not abort reads or writes.
 */
class DirectoryEnv extends LsmEnv {

  private static final boolean WINDOWS = java.io.File.separatorChar == '\\';

  private static final int BUFFER_BYTES = 65_536;

  DirectoryEnv() {
    super(new LsmMeters());
  }

  @Override
  final long bytes(String directory) {
    return new DirectoryFile(this, Path.of(directory)).bytes();
  }

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

  /** Makes the entries of a directory durable. */
  void syncDirectory(Path directory) {
    if (WINDOWS) {
      return; // Windows cannot open directories, and does not need this sync
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
          throw new UncheckedIOException(e); // the port treats an IOException as the end of a log
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

  /** Serializes reads, because they share the file position. */
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
          throw new EOFException(path + " ends before " + length + " bytes at " + offset);
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
  final WritableFile create(File file) throws IOException {
    Files.deleteIfExists(path(file));
    return new Writer(path(file));
  }

  @Override
  public final WritableFile newAppendableFile(File file) throws IOException {
    return new Writer(path(file));
  }

  void write(RandomAccessFile file, Slice data) throws IOException {
    file.write(data.getRawArray(), data.getRawOffset(), data.length());
  }

  /** Returns the free bytes on the disk of an open file. */
  long usableBytes(Path file) {
    return DiskErrors.usableBytes(file);
  }

  /** Returns the exception for a failed write; its cause reports whether the disk is full. */
  IOException failed(Path file, IOException error, long neededBytes) {
    return new IOException(
        error.getMessage(),
        DiskErrors.of(file, error, neededBytes, () -> usableBytes(file)));
  }

  private final class Writer implements WritableFile {
    private final Path path;
    private final RandomAccessFile file;
    private boolean named;

    Writer(Path path) throws IOException {
      this.path = path;
      named = Files.exists(path);
      try {
        file = new RandomAccessFile(path.toFile(), "rw");
      } catch (IOException e) {
        throw failed(path, e, 0);
      }
      file.seek(file.length());
    }

    @Override
    public void append(Slice data) throws IOException {
      try {
        write(file, data);
      } catch (IOException e) {
        throw failed(path, e, data.length());
      }
    }

    @Override
    public void force() throws IOException {
      try {
        file.getFD().sync();
      } catch (IOException e) {
        throw failed(path, e, 0);
      }
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
