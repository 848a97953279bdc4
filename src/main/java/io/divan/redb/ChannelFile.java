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
 * A file of the file system, opened by one handle at a time. Thread-safe.
 *
 * <ol>
 *   <li>Reads and writes are positional, so they do not disturb each other. They repeat until all
 *       bytes are transferred.
 *   <li>Interrupts do not abort them. Interrupting a thread inside a {@code FileChannel} closes the
 *       channel for all threads; an {@code AsynchronousFileChannel} stays open. Its operations run
 *       on the caller's thread.
 *   <li>The file is open only once. The operating system's lock belongs to the process and is lost
 *       as soon as the process closes any other handle of the file. A set of open files therefore
 *       rejects a second open in this process before it creates a handle. Other code in the process
 *       must not open the file. redb uses a different kind of lock, which this class does not see.
 *   <li>{@link #sync} is {@code fdatasync} on Linux: it writes everything needed to read the data,
 *       including the length, but not the modification time.
 *   <li>Files of at least {@link #MAPPED_LEAST_BYTES} are mapped for reading, which takes a tenth
 *       of the time of a system call and its copies (docs/performance.md). If the map cannot serve
 *       a read (a longer map is replacing it, the disk fails, another process truncated the file),
 *       a system call returns the bytes or reports the error. A map is released before its part of
 *       the file is truncated, and by {@link #close}: until then the blocks of a deleted file are
 *       not freed.
 *   <li>{@link SyncBehind} makes the disk start writing a large commit before its sync.
 *   <li>Extending a file leaves a hole, whose blocks are allocated when it is written. The free
 *       space is checked first, but other processes may use it up in the meantime.
 * </ol>
 */
final class ChannelFile implements BlockFile {
  private static final Set<Object> OPEN = new HashSet<>();

  // A larger transfer would use as much memory outside the heap.
  private static final int PIECE_BYTES = 1 << 20;

  // A sync of less than this takes the disk more time than it saves.
  private static final long BEHIND_BYTES = 2 << 20;

  // Smaller files fit into the page cache, and releasing a map takes a millisecond.
  private static final long MAPPED_LEAST_BYTES = 8 << 20;

  private static final boolean WINDOWS = File.separatorChar == '\\';

  private static final ExecutorService CALLER = new CallersThread();

  /**
   * Syncs that do not run on the caller's thread. A file has at most one at a time, so the queue is
   * bounded by the number of open files.
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
            new LinkedBlockingQueue<>(), // at most one task per open file
            Thread.ofPlatform().daemon().name("redb-sync-", 0).factory());
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  /**
   * Opens a file.
   *
   * @param create whether to create a missing file; its directory entry is then durable
   * @throws RedbException.InUse if the file is already open
   * @throws RedbException.Failed if the file does not exist or cannot be opened
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
        throw new RedbException.Failed(path + " does not exist", e);
      } catch (IOException e) {
        throw new RedbException.Failed(path + " could not be opened: " + e.getMessage(), e);
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
    // On Windows the channel needs threads of its own, which wait for completions.
    return AsynchronousFileChannel.open(path, options, WINDOWS ? null : CALLER);
  }

  private static RedbException.InUse inUse(Path path) {
    return new RedbException.InUse(
        path + " is already open in this or another process; close it there first");
  }

  private static void make(Path path) throws IOException {
    try {
      Files.createFile(path);
    } catch (FileAlreadyExistsException e) {
      // The file may be open in this process. Opening it here to check would release its lock.
    }
  }

  private static Object keyOf(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    return key != null ? key : path.toRealPath();
  }

  private static void syncDirectory(Path path) throws IOException {
    if (WINDOWS) {
      // Windows cannot open directories, and does not need this sync.
      return;
    }
    Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent());
    try (AsynchronousFileChannel channel = channel(directory, Set.of(StandardOpenOption.READ))) {
      channel.force(true);
    }
  }

  /** Maps the first {@code length} bytes of the file in place of the current map. */
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

  /**
   * Maps on a thread that is never interrupted: an interrupt would close the channel and drop the
   * lock.
   */
  private MemorySegment map(long length, Arena shared) throws IOException {
    FileChannel mapping = mapper;
    if (mapping == null) {
      mapping = FileChannel.open(path, StandardOpenOption.READ);
      mapper = mapping;
    }
    try {
      return mapping.map(FileChannel.MapMode.READ_ONLY, 0, length, shared);
    } catch (IOException e) {
      // The process has run out of address space. Reads still work without a map, only slower.
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
        // Compiled code reports a failed access at its next call into the JVM: make that call here.
        Thread.holdsLock(this);
        return;
      } catch (IllegalStateException | InternalError e) {
        // The map was released, or the system cannot read that part of the file: fall through.
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
        throw new EOFException("the file ends before byte " + (position + count));
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
  public void writeBehind() throws IOException {
    syncs.start(BEHIND_BYTES);
  }

  @Override
  public void setLength(long length) throws IOException {
    long before = channel.size();
    if (length < before) {
      map(length);
      channel.truncate(length);
    } else if (length > before) {
      long space = usableBytes();
      if (length - before > space) {
        throw new IOException(
            "No space left on device: extending the file needs " + (length - before) + " bytes, "
                + space + " are left");
      }
      write(length - 1, new byte[1], 0, 1);
      map(length);
    }
  }

  @Override
  public long usableBytes() {
    return DiskSpace.usableBytes(path);
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
      // All earlier writes were synced since then, or the failure was already reported.
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

  /** Runs every task on the thread that submits it. */
  private static final class CallersThread extends AbstractExecutorService {
    @Override
    public void execute(Runnable command) {
      command.run();
    }

    @Override
    public void shutdown() {
      // Nothing to stop.
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
