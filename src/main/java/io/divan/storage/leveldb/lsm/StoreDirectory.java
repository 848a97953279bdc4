package io.divan.storage.leveldb.lsm;

import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.lease.Lease;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A directory of files in a store, used by the holder of its lease. {@link LsmKeys} defines the key
 * layout. Thread-safe.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Every write transaction checks the lease first. Only the owner changes the directory, so it
 *       knows all files and their lengths without reading: {@link #files} is read once, when the
 *       lease is acquired.
 *   <li>Chunks, and the row that makes them visible, are written in one transaction of at most
 *       {@link LsmKeys#BATCH_CHUNKS} chunks. A file that needs several grows with each of them.
 *       Every state after a crash therefore has complete files and no orphaned chunks.
 *   <li>A deleted file disappears from {@link #files} at once. The next transaction removes its
 *       rows, whatever else it writes; if {@link #DELETED_MAX} files wait, a transaction is run for
 *       them. If the process ends first, LevelDB finds files that it does not need and deletes them
 *       again. A file with more chunks than one transaction should remove leaves a row until its
 *       last chunks are removed; the next owner continues the removal.
 *   <li>An SST file, and the file that becomes CURRENT, have no meaning until another file names
 *       them. They wait for that file's transaction and are written with it ({@link #waiting}): at
 *       most {@link LsmKeys#BATCH_CHUNKS} chunks together, and none if too many wait in all
 *       directories. Until then they are read from memory. A log never names SST files, so its
 *       transactions do not include them and stay as short as what is put.
 *   <li>After a failed transaction, whose outcome may be unknown, {@link #files} may differ from
 *       the store. Every later write fails until the directory is reopened.
 * </ol>
 */
final class StoreDirectory {

  private static final String TEMPORARY = ".dbtmp";
  private static final String LOG = ".log";

  /** The number of deleted files that may wait for a transaction that writes something else. */
  static final int DELETED_MAX = 64;

  /** The maximum number of chunks read in one transaction: one call returns at most 1 MB. */
  static final int READ_CHUNKS = 14;

  private final Store store;
  private final String path;
  private final Lease lease;
  private final ChunkCache cache;
  private final UnwrittenChunks.Share unwritten;
  private final boolean compress;
  private final AtomicLong numbers = new AtomicLong();

  // Guarded by itself, and guards the three fields below.
  private final Map<String, FileRow> files = new HashMap<>();
  private final Map<String, ChunkWriter> writers = new HashMap<>();
  private final LinkedHashMap<FileRow, String> awaitingRemoval = new LinkedHashMap<>();
  private final WaitingFiles waiting = new WaitingFiles();

  private volatile @Nullable StorageException failure;

  /** Opens a directory for the holder of {@code lease} and reads its files. */
  StoreDirectory(
      Store store,
      String path,
      Lease lease,
      ChunkCache cache,
      UnwrittenChunks unwritten,
      boolean compress) {
    this.store = store;
    this.path = path;
    this.lease = lease;
    this.cache = cache;
    this.unwritten = unwritten.share();
    this.compress = compress;
    files.putAll(FileRow.readAll(store, path));
    for (FileRow deleted : FileRow.readDeleted(store, path)) {
      removeSteps(deleted);
    }
  }

  String path() {
    return path;
  }

  ChunkCache cache() {
    return cache;
  }

  Lease lease() {
    return lease;
  }

  Set<String> names() {
    synchronized (files) {
      Set<String> names = new TreeSet<>(files.keySet());
      names.addAll(writers.keySet());
      return names;
    }
  }

  /** Returns whether a file exists, even if it is not written to the store yet. */
  boolean exists(String name) {
    synchronized (files) {
      return files.containsKey(name) || writers.containsKey(name);
    }
  }

  /** Returns the length of a file, including unwritten bytes; 0 if it does not exist. */
  long length(String name) {
    ChunkWriter writer;
    synchronized (files) {
      writer = writers.get(name);
      if (writer == null) {
        FileRow file = files.get(name);
        return file == null ? 0 : file.length();
      }
    }
    return writer.length();
  }

  /** Writes out a file and returns it for reading; empty if it does not exist. */
  Optional<FileRow> open(String name) {
    ChunkWriter writer;
    synchronized (files) {
      writer = writers.get(name);
    }
    if (writer != null) {
      writer.write();
    }
    synchronized (files) {
      return Optional.ofNullable(files.get(name));
    }
  }

  /** Returns whether the file has an open writer. */
  boolean isOpen(String name) {
    synchronized (files) {
      return writers.containsKey(name);
    }
  }

  /**
   * Creates a file. Its first transaction replaces an existing file of that name.
   *
   * @throws IllegalArgumentException if the name is too long
   */
  ChunkWriter create(String name) {
    if (name.length() > LsmKeys.NAME_MAX) {
      throw new IllegalArgumentException("The file name is too long: " + name);
    }
    FileRow file = new FileRow(lease.token(), numbers.incrementAndGet(), 0);
    return register(new ChunkWriter(this, name, file, new byte[0]));
  }

  /** Returns a writer that appends to a file, or to a new file if it does not exist. */
  ChunkWriter append(String name) {
    Optional<FileRow> found = open(name);
    if (found.isEmpty()) {
      return create(name);
    }
    FileRow file = found.get();
    int tail = (int) (file.length() % LsmKeys.CHUNK_BYTES);
    byte[] last =
        tail == 0 ? new byte[0] : readChunks(name, file, file.chunks() - 1, 1).getFirst();
    return register(new ChunkWriter(this, name, file, last));
  }

  private ChunkWriter register(ChunkWriter writer) {
    synchronized (files) {
      writers.put(writer.name(), writer);
    }
    return writer;
  }

  void closed(ChunkWriter writer) {
    synchronized (files) {
      writers.remove(writer.name(), writer);
    }
    countUnwritten();
  }

  /**
   * Writes chunks of a file together with its row; either now or with the file that names it.
   *
   * @param chunks chunks by number, at most {@link LsmKeys#BATCH_CHUNKS}; not changed later
   */
  void write(ChunkWriter writer, FileRow file, Map<Long, byte[]> chunks) {
    String name = writer.name();
    if (name.endsWith(LsmEnv.TABLE)) {
      chunks.forEach((number, chunk) -> cache.put(this, file, number, chunk)); // is read soon
    }
    boolean withWaiting = !name.endsWith(LOG);
    boolean full;
    synchronized (files) {
      full = withWaiting && waiting.chunks() + chunks.size() > LsmKeys.BATCH_CHUNKS;
    }
    if (full) {
      writeWaiting();
    }
    synchronized (files) {
      FileRow replaced = files.get(name);
      if (replaced != null && !replaced.isSameFile(file)) {
        awaitingRemoval.put(replaced, name);
      }
      boolean waits = name.endsWith(LsmEnv.TABLE) || name.endsWith(TEMPORARY);
      if (waits && !unwritten.isOverLimit() && !writer.isAbandoned()) {
        waiting.add(name, file, chunks);
        files.put(name, file);
        return;
      }
    }
    commit(withWaiting, transaction -> put(transaction, name, file, chunks));
    synchronized (files) {
      if (writer.isAbandoned()) {
        awaitingRemoval.put(file, name);
      } else {
        files.put(name, file);
      }
    }
  }

  private void put(
      WriteTransaction transaction, String name, FileRow file, Map<Long, byte[]> chunks) {
    chunks.forEach(
        (number, chunk) -> transaction.put(
            LsmKeys.CHUNKS,
            LsmKeys.chunk(path, file, number),
            ChunkCodec.encode(chunk, compress)));
    transaction.put(LsmKeys.FILES, LsmKeys.file(path, name), file.toBytes());
  }

  private void writeWaiting() {
    commit(true, transaction -> {});
  }

  /** Updates the number of unwritten chunks. Call it when chunks begin or cease to wait. */
  void countUnwritten() {
    synchronized (files) {
      long writing = writers.values().stream().mapToLong(ChunkWriter::fullChunks).sum();
      unwritten.set(waiting.chunks() + writing);
    }
  }

  /** Returns whether too many chunks wait, so that new ones should be written at once. */
  boolean isOverUnwrittenLimit() {
    return unwritten.isOverLimit();
  }

  /** Deletes a file. Returns whether it existed. */
  boolean delete(String name) {
    boolean many;
    FileRow file;
    synchronized (files) {
      ChunkWriter writer = writers.remove(name);
      if (writer != null) {
        writer.abandon();
      }
      file = files.remove(name);
      waiting.remove(name);
      if (file == null) {
        return writer != null;
      }
      awaitingRemoval.put(file, name);
      many = awaitingRemoval.size() >= DELETED_MAX;
    }
    cache.remove(this, file);
    countUnwritten();
    if (many) {
      writeWaiting();
    }
    return true;
  }

  /** Renames a file and replaces a file of the new name. Returns whether the file existed. */
  boolean rename(String from, String to) {
    Optional<FileRow> found = open(from);
    if (found.isEmpty()) {
      return false;
    }
    FileRow file = found.get();
    FileRow replaced = open(to).orElse(null);
    commit(
        true,
        transaction -> {
          if (replaced != null) { // not via awaitingRemoval: an earlier transaction would remove it
            removeChunks(transaction, replaced);
          }
          transaction.delete(LsmKeys.FILES, LsmKeys.file(path, from));
          transaction.put(LsmKeys.FILES, LsmKeys.file(path, to), file.toBytes());
        });
    synchronized (files) {
      files.remove(from);
      files.put(to, file);
    }
    if (replaced != null) {
      cache.remove(this, replaced);
      removeLong(replaced);
    }
    return true;
  }

  /**
   * Runs one fenced transaction, which also removes deleted files.
   *
   * @param withWaiting whether to write the waiting files too
   */
  private void commit(boolean withWaiting, Consumer<WriteTransaction> work) {
    requireIntact();
    Map<FileRow, String> removed;
    Map<String, WaitingFiles.Waiting> taken;
    synchronized (files) {
      removed = new LinkedHashMap<>(awaitingRemoval);
      taken = withWaiting ? waiting.all() : Map.of();
    }
    try {
      store.write(
          transaction -> {
            lease.check(transaction);
            remove(transaction, removed);
            taken.forEach((name, file) -> put(transaction, name, file.file(), file.chunks()));
            work.accept(transaction);
            return true;
          });
    } catch (StorageException e) {
      failure = e;
      throw e;
    }
    synchronized (files) {
      removed.keySet().forEach(awaitingRemoval::remove);
      waiting.written(taken);
    }
    countUnwritten();
    removed.keySet().forEach(this::removeLong);
  }

  /** Removes the chunks of a long file. If this fails, the next owner continues it. */
  private void removeLong(FileRow file) {
    if (file.chunks() <= LsmKeys.BATCH_CHUNKS) {
      return; // already removed
    }
    try {
      removeSteps(file);
    } catch (StorageException e) {
      System.getLogger(StoreDirectory.class.getName())
          .log(System.Logger.Level.DEBUG, "Chunks of a deleted file remain in " + path, e);
    }
  }

  /** Removes the rows of files, unless a new file has taken the name, and their chunks. */
  private void remove(WriteTransaction transaction, Map<FileRow, String> removed) {
    if (removed.isEmpty()) {
      return;
    }
    List<byte[]> keys = removed.values().stream().map(name -> LsmKeys.file(path, name)).toList();
    Iterator<Optional<byte[]>> rows = transaction.getAll(LsmKeys.FILES, keys).iterator();
    removed.forEach(
        (file, name) -> {
          if (rows.next().map(FileRow::of).filter(file::isSameFile).isPresent()) {
            transaction.delete(LsmKeys.FILES, LsmKeys.file(path, name));
          }
          removeChunks(transaction, file);
        });
  }

  private void removeChunks(WriteTransaction transaction, FileRow file) {
    if (file.chunks() <= LsmKeys.BATCH_CHUNKS) {
      transaction.deleteRange(LsmKeys.chunks(path, file));
    } else {
      transaction.put(LsmKeys.FILES, LsmKeys.deleted(path, file), file.toBytes());
    }
  }

  /** Removes the chunks of a long file in several transactions, then the row that remembers it. */
  private void removeSteps(FileRow file) {
    for (long first = 0; first < file.chunks(); first += LsmKeys.BATCH_CHUNKS) {
      byte[] begin = LsmKeys.chunk(path, file, first);
      byte[] end = LsmKeys.chunk(path, file, first + LsmKeys.BATCH_CHUNKS);
      boolean last = first + LsmKeys.BATCH_CHUNKS >= file.chunks();
      store.write(
          transaction -> {
            lease.check(transaction);
            transaction.deleteRange(Range.of(LsmKeys.CHUNKS, begin, end));
            if (last) {
              transaction.delete(LsmKeys.FILES, LsmKeys.deleted(path, file));
            }
            return true;
          });
    }
  }

  private void requireIntact() {
    StorageException before = failure;
    if (before instanceof StorageException.StoreFull) {
      throw new StorageException.StoreFull(before.getMessage(), before);
    }
    if (before != null) {
      throw new StorageException.StoreUnavailable(
          "A write to " + path + " failed; reopen it: " + before.getMessage(), before);
    }
  }

  /**
   * Reads at least one chunk from {@code first} on.
   *
   * @param count the maximum number of chunks, at most {@link #READ_CHUNKS}; fewer are returned at
   *     the end of the file, and where waiting chunks and stored chunks meet
   * @throws StorageException.StoreCorrupt if a chunk is missing or has the wrong length
   */
  List<byte[]> readChunks(String name, FileRow file, long first, int count) {
    Map<Long, byte[]> unwritten;
    synchronized (files) {
      unwritten = waiting.chunks(name, file);
    }
    boolean waits = unwritten.containsKey(first);
    int present = 1;
    while (present < Math.min(count, file.chunks() - first)
        && unwritten.containsKey(first + present) == waits) {
      present++;
    }
    if (waits) {
      return LongStream.range(first, first + present).mapToObj(unwritten::get).toList();
    }
    List<Optional<byte[]>> values = readChunks(store, path, file, first, present);
    List<byte[]> chunks = new ArrayList<>(present);
    for (int i = 0; i < present; i++) {
      long chunk = first + i;
      if (values.get(i).isEmpty()) {
        lease.renew(); // a new owner may have removed it
        throw corrupt(name, "chunk " + chunk + " is missing");
      }
      byte[] value = values.get(i).get();
      int length = file.chunkBytes(chunk);
      chunks.add(
          ChunkCodec.decode(value, length)
              .orElseThrow(
                  () -> corrupt(
                      name,
                      "chunk " + chunk + " does not have " + length
                          + " bytes; its stored value has " + value.length)));
    }
    return chunks;
  }

  private static List<Optional<byte[]>> readChunks(
      Store store, String path, FileRow file, long first, int count) {
    List<byte[]> keys = new ArrayList<>(count);
    for (long chunk = first; chunk < first + count; chunk++) {
      keys.add(LsmKeys.chunk(path, file, chunk));
    }
    return store.read((ReadTransaction reads) -> reads.getAll(LsmKeys.CHUNKS, keys));
  }

  private StorageException corrupt(String name, String what) {
    return new StorageException.StoreCorrupt(path + "/" + name, what, new EOFException(what));
  }

  private boolean hasRest() {
    synchronized (files) {
      return !awaitingRemoval.isEmpty() || !waiting.isEmpty();
    }
  }

  /** Writes the waiting files, removes the deleted ones and releases the lease. */
  void close() {
    try {
      if (failure == null && lease.isHeld() && hasRest()) {
        writeWaiting();
      }
    } catch (StorageException e) {
      // The next owner deletes the files again.
    } finally {
      cache.removeAll(this);
      synchronized (files) {
        unwritten.set(0);
      }
      lease.close();
    }
  }
}
