package io.divan.redb;

import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file of the file system, for one handle at a time. Safe for many threads.
 *
 * <ol>
 *   <li>Reads and writes say where, so they do not disturb each other; they go on until all bytes
 *       are there.
 *   <li>An interrupt does not end them. A {@code FileChannel} is closed for everybody when one of
 *       the threads in it is interrupted, at any moment of a read; an {@code
 *       AsynchronousFileChannel} is not. Its work is done here on the caller's thread.
 *   <li>Nobody else has it open. The lock of the operating system belongs to the process, and is
 *       lost when the process closes any other handle of the file: so a second opening within the
 *       process is found by a list, before it gets a handle. Other code of the process must not
 *       open the file either. redb itself locks in another way, which this one does not see.
 *   <li>{@link #sync} is {@code fdatasync} on Linux: it writes all that is needed to read the data
 *       again, the length too, and leaves the time of the change behind.
 *   <li>Files of some size are mapped for reading, which takes a tenth of the time of a system call
 *       and its copies (docs/performance.md). What the map cannot give (it has just made way for a
 *       longer one; the disk fails; somebody has cut the file) is read by a call, which gives the
 *       bytes or says why not. A map ends before its part of the file is cut off, and with {@link
 *       #close}: until then the blocks of a deleted file are not free.
 *   <li>{@link SyncBehind} lets the disk begin with a large commit before its sync.
 *   <li>Extending leaves a hole, which gets its blocks when it is written. That there is space for
 *       it is checked before; somebody else may take it in the meantime.
 * </ol>
 */
final class ChannelFile implements BlockFile {
  private static final Set<Object> OPEN = new HashSet<>();

  // More at once would need as much memory outside of the heap.
  private static final int PIECE_BYTES = 1 << 20;

  // Small files are in the cache of pages anyhow; to end a map costs a millisecond.
  private static final long MAPPED_LEAST_BYTES = 8 << 20;

  private static final boolean WINDOWS = File.separatorChar == '\\';

  private static final ExecutorService CALLER = new CallersThread();

  /**
   * Syncs that the caller's thread does not do itself. A file has one at a time, so no more wait
   * here than files are open.
   */
  private static final ExecutorService SYNCS = syncs();

  private final Path path;
  private final Object key;
  private final AsynchronousFileChannel channel;
  private final SyncBehind syncs;
  private @Nullable FileChannel mapper;
  private @Nullable Arena arena;
  private volatile MemorySegment mapped = MemorySegment.NULL;
  private boolean closed;

  private ChannelFile(Path path, Object key, AsynchronousFileChannel channel) {
    this.path = path;
    this.key = key;
    this.channel = channel;
    this.syncs = new SyncBehind(SYNCS, () -> channel.force(false));
  }

  private static ExecutorService syncs() {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            8,
            8,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), // one task for each file that waits here, no more
            Thread.ofPlatform().daemon().name("redb-sync-", 0).factory());
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  /**
   * Opens a file.
   *
   * @param create whether to make it where there is none; its name is durable then
   * @throws RedbException.InUse when somebody has it open
   * @throws RedbException.Failed when it is not there, or cannot be opened
   */
  static ChannelFile open(Path path, boolean create) {
    synchronized (OPEN) {
      try {
        if (create) {
          make(path);
        }
        Object key = keyOf(path);
        if (!OPEN.add(key)) {
          throw inUse(path);
        }
        ChannelFile file = null;
        try {
          file = open(path, key);
          if (create && file.length() == 0) {
            syncDirectory(path);
          }
          file.map(file.length());
          return file;
        } catch (IOException | RuntimeException e) {
          OPEN.remove(key);
          if (file != null) {
            file.closeChannels();
          }
          throw e;
        }
      } catch (NoSuchFileException e) {
        throw new RedbException.Failed(path + " is not there", e);
      } catch (IOException e) {
        throw new RedbException.Failed(path + " cannot be opened: " + e.getMessage(), e);
      }
    }
  }

  private static ChannelFile open(Path path, Object key) throws IOException {
    AsynchronousFileChannel channel =
        channel(path, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      throw inUse(path);
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw inUse(path);
    }
    return new ChannelFile(path, key, channel);
  }

  private static AsynchronousFileChannel channel(Path path, Set<StandardOpenOption> options)
      throws IOException {
    // On Windows the channel's own threads wait for the system's answers, and must not be ours.
    return AsynchronousFileChannel.open(path, options, WINDOWS ? null : CALLER);
  }

  private static RedbException.InUse inUse(Path path) {
    return new RedbException.InUse(
        path + " is open already, here or in another process; close it there first");
  }

  private static void make(Path path) throws IOException {
    try {
      Files.createFile(path);
    } catch (FileAlreadyExistsException e) {
      // Perhaps somebody has it open: then it must not be opened to find out.
    }
  }

  private static Object keyOf(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    return key != null ? key : path.toRealPath();
  }

  private static void syncDirectory(Path path) throws IOException {
    if (WINDOWS) {
      // Directories cannot be opened there, and need not be.
      return;
    }
    Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent());
    try (AsynchronousFileChannel channel = channel(directory, Set.of(StandardOpenOption.READ))) {
      channel.force(true);
    }
  }

  /** Maps the file's beginning, as much as is given, in the place of what was mapped. */
  private void map(long length) throws IOException {
    Arena before = arena;
    arena = null;
    MemorySegment next = MemorySegment.NULL;
    if (length >= MAPPED_LEAST_BYTES && !WINDOWS) {
      Arena shared = Arena.ofShared();
      arena = shared;
      next = SyncBehind.await(SYNCS.submit(() -> map(length, shared)));
    }
    mapped = next;
    if (before != null) {
      before.close();
    }
  }

  /** On a thread that nobody interrupts: an interrupt closes the channel, and so ends the lock. */
  private MemorySegment map(long length, Arena shared) throws IOException {
    FileChannel mapping = mapper;
    if (mapping == null) {
      mapping = FileChannel.open(path, StandardOpenOption.READ);
      mapper = mapping;
    }
    try {
      return mapping.map(FileChannel.MapMode.READ_ONLY, 0, length, shared);
    } catch (IOException e) {
      // The process has no addresses left: without a map it is slower, that is all.
      return MemorySegment.NULL;
    }
  }

  @Override
  public long length() throws IOException {
    return channel.size();
  }

  @Override
  public void read(long position, byte[] target, int offset, int count) throws IOException {
    MemorySegment now = mapped;
    if (position + count <= now.byteSize()) {
      try {
        MemorySegment.copy(now, ValueLayout.JAVA_BYTE, position, target, offset, count);
        // Compiled code learns of a failed access when it next calls into the JVM: let it be here.
        Thread.holdsLock(this);
        return;
      } catch (IllegalStateException | InternalError e) {
        // Ended, or the system cannot read that part of the file: a call tells.
      }
    }
    readByCall(position, target, offset, count);
  }

  private void readByCall(long position, byte[] target, int offset, int count)
      throws IOException {
    int done = 0;
    while (done < count) {
      int piece = Math.min(count - done, PIECE_BYTES);
      int read =
          SyncBehind.await(
              channel.read(ByteBuffer.wrap(target, offset + done, piece), position + done));
      if (read < 0) {
        throw new EOFException("the file ends before " + (position + count));
      }
      done += read;
    }
  }

  @Override
  public void write(long position, byte[] source, int offset, int count) throws IOException {
    int done = 0;
    while (done < count) {
      int piece = Math.min(count - done, PIECE_BYTES);
      done +=
          SyncBehind.await(
              channel.write(ByteBuffer.wrap(source, offset + done, piece), position + done));
    }
    syncs.written(count);
  }

  @Override
  public void setLength(long length) throws IOException {
    long before = channel.size();
    if (length < before) {
      map(length);
      channel.truncate(length);
    } else if (length > before) {
      long space = Files.getFileStore(path).getUsableSpace();
      if (length - before > space) {
        throw new IOException(
            "No space left on device: " + (length - before) + " bytes are needed, "
                + space + " are left");
      }
      write(length - 1, new byte[1], 0, 1);
      map(length);
    }
  }

  @Override
  public void sync() throws IOException {
    syncs.sync();
  }

  @Override
  public void close() throws IOException {
    synchronized (OPEN) {
      if (!closed) {
        closed = true;
        try {
          closeChannels();
        } finally {
          OPEN.remove(key);
        }
      }
    }
  }

  private void closeChannels() throws IOException {
    map(0);
    try {
      syncs.finish();
    } catch (IOException e) {
      // What was to last was synced since then, or has failed.
    }
    try {
      channel.close();
    } finally {
      FileChannel mapping = mapper;
      if (mapping != null) {
        mapping.close();
      }
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /** Runs everything at once where it is given. */
  private static final class CallersThread extends AbstractExecutorService {
    @Override
    public void execute(Runnable command) {
      command.run();
    }

    @Override
    public void shutdown() {
      // There is nothing to stop.
    }

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return false;
    }
  }
}
