package io.divan.storage.leveldb.lsm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.lease.Lease;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.iq80.leveldb.env.DbLock;
import org.iq80.leveldb.env.File;
import org.iq80.leveldb.env.RandomInputFile;
import org.iq80.leveldb.env.SequentialFile;
import org.iq80.leveldb.env.WritableFile;

/**
 * LevelDB's file system in a store. Files are accessible while the directory's lock, a lease, is
 * held; without it, files can only be listed. A directory exists from its first file on.
 * Thread-safe.
 *
 * <p>Reads throw {@link StorageException} unchecked, because the port treats an {@link IOException}
 * in a log as the end of the log. Writes throw it as the cause of an {@link IOException}, as the
 * port expects.
 */
final class StoreEnv extends LsmEnv {

  /** The source of directory leases. */
  interface Locks {

    /** Returns the lease of a directory, which may have been requested before. */
    Lease wanted(String directory);

    /** Claims an acquired lease. Returns false if this process has already claimed it. */
    boolean claim(String directory, Lease lease);
  }

  private final Store store;
  private final Locks locks;
  private final ChunkCache cache;
  private final UnwrittenChunks unwritten;
  private final boolean compress;
  private final Duration lockWait;
  private final LongSupplier nanoTime;
  private final Map<String, StoreDirectory> locked = new ConcurrentHashMap<>();
  private final Set<String> made = ConcurrentHashMap.newKeySet();

  /**
   * Creates a file system in a store.
   *
   * @param compress whether chunks are deflated
   * @param lockWait how long to wait for a lock
   * @param nanoTime the port's clock, for its statistics
   * @param meters count the written SST files
   */
  StoreEnv(
      Store store,
      Locks locks,
      ChunkCache cache,
      UnwrittenChunks unwritten,
      boolean compress,
      Duration lockWait,
      LongSupplier nanoTime,
      LsmMeters meters) {
    super(meters);
    this.store = store;
    this.locks = locks;
    this.cache = cache;
    this.unwritten = unwritten;
    this.compress = compress;
    this.lockWait = lockWait;
    this.nanoTime = nanoTime;
  }

  @Override
  public long nowMicros() {
    return TimeUnit.NANOSECONDS.toMicros(nanoTime.getAsLong());
  }

  @Override
  public File toFile(String filename) {
    return new StoreFile(this, filename);
  }

  @Override
  public File createTempDir(String prefix) {
    File directory = toFile(prefix + "-" + nanoTime.getAsLong());
    directory.mkdirs();
    return directory;
  }

  /** Returns the lease of a directory if its lock is held. */
  Optional<Lease> lease(String directory) {
    return Optional.ofNullable(locked.get(directory)).map(StoreDirectory::lease);
  }

  private StoreDirectory locked(StoreFile file) throws IOException {
    StoreDirectory directory = locked.get(file.directory());
    if (directory == null) {
      throw new IOException(file.directory() + " is not locked");
    }
    return directory;
  }

  @Override
  long bytes(String directory) {
    StoreDirectory held = locked.get(directory);
    return held == null ? 0 : held.names().stream().mapToLong(held::length).sum();
  }

  @Override
  public SequentialFile newSequentialFile(File file) throws IOException {
    StoreFile path = (StoreFile) file;
    StoreDirectory directory = locked(path);
    return new ChunkStream(directory, path.getName(), open(directory, path));
  }

  @Override
  public RandomInputFile newRandomAccessFile(File file) throws IOException {
    StoreFile path = (StoreFile) file;
    StoreDirectory directory = locked(path);
    FileRow row = open(directory, path);
    return new ChunkReader(directory, path.getName(), row, !directory.isOpen(path.getName()));
  }

  private static FileRow open(StoreDirectory directory, StoreFile file)
      throws FileNotFoundException {
    return directory
        .open(file.getName())
        .orElseThrow(() -> new FileNotFoundException(file.path()));
  }

  @Override
  WritableFile create(File file) throws IOException {
    return locked((StoreFile) file).create(file.getName());
  }

  @Override
  public WritableFile newAppendableFile(File file) throws IOException {
    return locked((StoreFile) file).append(file.getName());
  }

  @Override
  public String readFileToString(File file) throws IOException {
    StoreFile path = (StoreFile) file;
    StoreDirectory directory = locked(path);
    FileRow row = open(directory, path);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (long chunk = 0; chunk < row.chunks(); chunk++) {
      content.writeBytes(directory.readChunks(path.getName(), row, chunk, 1).getFirst());
    }
    return content.toString(UTF_8);
  }

  /**
   * Acquires the lease of a directory and reads its files.
   *
   * @throws StorageException.StoreUnavailable if another process has it
   */
  @Override
  DbLock lock(File lockFile) throws IOException {
    String path = ((StoreFile) lockFile).directory();
    if (path.length() > LsmKeys.NAME_MAX) {
      throw new IOException("The directory name is too long: " + path);
    }
    Lease lease = locks.wanted(path);
    lease.acquire(lockWait);
    if (!locks.claim(path, lease)) {
      throw new StorageException.StoreUnavailable(
          "The database " + path + " is already in use by this process");
    }
    StoreDirectory directory;
    try {
      directory = new StoreDirectory(store, path, lease, cache, unwritten, compress);
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
    locked.put(path, directory);
    return new DbLock() {
      @Override
      public boolean isValid() {
        return lease.isHeld();
      }

      @Override
      public void release() {
        if (locked.remove(path, directory)) {
          directory.close();
        }
      }
    };
  }

  boolean makeDirectory(String path) {
    return made.add(path);
  }

  boolean isDirectory(String path) {
    return made.contains(path) || locked.containsKey(path) || !names(path).isEmpty();
  }

  Set<String> names(String path) {
    StoreDirectory directory = locked.get(path);
    return directory == null
        ? new TreeSet<>(FileRow.readAll(store, path).keySet())
        : directory.names();
  }

  boolean isFile(StoreFile file) {
    StoreDirectory directory = locked.get(file.directory());
    return directory == null
        ? FileRow.read(store, file.directory(), file.getName()).isPresent()
        : directory.exists(file.getName());
  }

  long length(StoreFile file) {
    StoreDirectory directory = locked.get(file.directory());
    return directory == null
        ? FileRow.read(store, file.directory(), file.getName())
            .map(FileRow::length)
            .orElse(0L)
        : directory.length(file.getName());
  }

  boolean delete(StoreFile file) {
    if (made.remove(file.path())) {
      return true;
    }
    StoreDirectory directory = locked.get(file.directory());
    return directory != null && directory.delete(file.getName());
  }

  boolean deleteFiles(StoreFile directory) {
    if (locked.containsKey(directory.path())) {
      return directory.listFiles().stream().allMatch(File::delete);
    }
    if (names(directory.path()).isEmpty()) {
      return true;
    }
    DbLock lock;
    try {
      lock = tryLock(directory.child("LOCK"));
    } catch (IOException e) {
      return false;
    }
    try {
      return directory.listFiles().stream().allMatch(File::delete);
    } finally {
      lock.release();
    }
  }

  boolean rename(StoreFile from, StoreFile to) {
    StoreDirectory directory = locked.get(from.directory());
    return directory != null
        && from.directory().equals(to.directory())
        && directory.rename(from.getName(), to.getName());
  }
}
