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
 * A directory of files in a store, for the one who holds its lease. Laid out as {@link Layout}
 * says. Safe for use by many threads.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Every transaction that writes checks the lease first. So nobody but the owner changes what
 *       is here, and the owner knows all files and their lengths without asking: {@link #files} is
 *       read once, when the lease is taken.
 *   <li>Chunks and the row that makes them visible are written in one transaction, at most {@link
 *       Layout#BATCH_CHUNKS} chunks at a time; a file that is written in several becomes longer
 *       from one to the next. So each state that a crash can leave has whole files, and no chunk
 *       that belongs to none.
 *   <li>A file that is deleted is gone from {@link #files} at once. Its rows go with the next
 *       transaction, whatever that writes, or when {@link #LEAVING_MAX} files wait: if the process
 *       ends before, the engine finds a file that it does not need, and deletes it again. What has
 *       more chunks than one transaction should remove leaves a row that names it until the last
 *       are removed, which the next owner goes on with.
 *   <li>A table, and the file that becomes CURRENT, mean nothing before another file names them. So
 *       they wait for the transaction of that one and go with it ({@link #waiting}), at most {@link
 *       Layout#BATCH_CHUNKS} chunks together, and none where many of all directories wait; until
 *       then they are read from memory. A log names no table, so its transactions take none along,
 *       and stay as short as what is put.
 *   <li>After a transaction failed, whose outcome may not be known, nothing is written any more:
 *       {@link #files} may differ from the store. Whoever wants to go on opens it anew.
 * </ol>
 */
final class StoreDirectory {

  private static final String TABLE = ".ldb";
  private static final String TEMPORARY = ".dbtmp";
  private static final String LOG = ".log";

  /** Files that wait to be removed with a transaction that writes something else. */
  static final int LEAVING_MAX = 64;

  /** The most chunks read in one transaction: a call answers 1 MB at most. */
  static final int READ_CHUNKS = 14;

  private final Store store;
  private final String path;
  private final Lease lease;
  private final ChunkCache cache;
  private final UnwrittenChunks.Share unwritten;
  private final boolean compress;
  private final AtomicLong numbers = new AtomicLong();

  private final Map<String, FileRow> files = new HashMap<>(); // guarded by itself
  private final Map<String, ChunkWriter> writers = new HashMap<>(); // guarded by files
  private final LinkedHashMap<FileRow, String> leaving = new LinkedHashMap<>(); // guarded by files
  private final WaitingFiles waiting = new WaitingFiles(); // guarded by files

  private volatile @Nullable StorageException failure;

  /** The directory of who holds {@code lease} now. Reads what files there are. */
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

  /** The names of its files. */
  Set<String> names() {
    synchronized (files) {
      Set<String> names = new TreeSet<>(files.keySet());
      names.addAll(writers.keySet());
      return names;
    }
  }

  /** Whether there is such a file, written out or not. */
  boolean exists(String name) {
    synchronized (files) {
      return files.containsKey(name) || writers.containsKey(name);
    }
  }

  /** The length of a file as its writer sees it; 0 where there is none. */
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

  /** The file to be read, everything of it written out; nothing where there is none. */
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

  /** Whether somebody writes the file. */
  boolean isOpen(String name) {
    synchronized (files) {
      return writers.containsKey(name);
    }
  }

  /**
   * A writer of a file that takes the place of one of that name with its first transaction.
   *
   * @throws IllegalArgumentException when the name is too long
   */
  ChunkWriter create(String name) {
    if (name.length() > Layout.NAME_MAX) {
      throw new IllegalArgumentException("A file's name is too long: " + name);
    }
    FileRow file = new FileRow(lease.token(), numbers.incrementAndGet(), 0);
    return register(new ChunkWriter(this, name, file, new byte[0]));
  }

  /** A writer at the end of a file, of a new one where there is none. */
  ChunkWriter append(String name) {
    Optional<FileRow> found = open(name);
    if (found.isEmpty()) {
      return create(name);
    }
    FileRow file = found.get();
    int tail = (int) (file.length() % Layout.CHUNK_BYTES);
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
   * Writes chunks of a file together with its row; now, or with what names it.
   *
   * @param chunks by their numbers, at most {@link Layout#BATCH_CHUNKS}; they change no more
   */
  void write(ChunkWriter writer, FileRow file, Map<Long, byte[]> chunks) {
    String name = writer.name();
    if (name.endsWith(TABLE)) {
      chunks.forEach((number, chunk) -> cache.put(this, file, number, chunk)); // is read soon
    }
    boolean takes = !name.endsWith(LOG);
    boolean full;
    synchronized (files) {
      full = takes && waiting.chunks() + chunks.size() > Layout.BATCH_CHUNKS;
    }
    if (full) {
      writeWaiting();
    }
    synchronized (files) {
      FileRow replaced = files.get(name);
      if (replaced != null && !replaced.isSameFile(file)) {
        leaving.put(replaced, name);
      }
      boolean waits = name.endsWith(TABLE) || name.endsWith(TEMPORARY);
      if (waits && !unwritten.areMany() && !writer.isAbandoned()) {
        waiting.add(name, file, chunks);
        files.put(name, file);
        return;
      }
    }
    commit(takes, transaction -> put(transaction, name, file, chunks));
    synchronized (files) {
      if (writer.isAbandoned()) {
        leaving.put(file, name);
      } else {
        files.put(name, file);
      }
    }
  }

  private void put(
      WriteTransaction transaction, String name, FileRow file, Map<Long, byte[]> chunks) {
    chunks.forEach(
        (number, chunk) ->
            transaction.put(
                Layout.CHUNKS,
                Layout.chunk(path, file, number),
                ChunkCodec.encode(chunk, compress)));
    transaction.put(Layout.FILES, Layout.file(path, name), file.toBytes());
  }

  private void writeWaiting() {
    commit(true, transaction -> {});
  }

  /** To be called where chunks come to wait for a transaction, or do no more. */
  void countUnwritten() {
    synchronized (files) {
      long writing = writers.values().stream().mapToLong(ChunkWriter::fullChunks).sum();
      unwritten.are(waiting.chunks() + writing);
    }
  }

  /** Whether chunks wait that had better be written at once. */
  boolean hasManyUnwritten() {
    return unwritten.areMany();
  }

  /** Deletes a file; whether there was one. */
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
      leaving.put(file, name);
      many = leaving.size() >= LEAVING_MAX;
    }
    cache.remove(this, file);
    countUnwritten();
    if (many) {
      writeWaiting();
    }
    return true;
  }

  /** Renames a file, in place of one that has the name; whether there was one. */
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
          if (replaced != null) { // not in leaving: another transaction would remove it before
            removeChunks(transaction, replaced);
          }
          transaction.delete(Layout.FILES, Layout.file(path, from));
          transaction.put(Layout.FILES, Layout.file(path, to), file.toBytes());
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
   * One fenced transaction, which removes what was deleted, too.
   *
   * @param takes whether it takes along what waits
   */
  private void commit(boolean takes, Consumer<WriteTransaction> work) {
    requireIntact();
    Map<FileRow, String> removed;
    Map<String, WaitingFiles.Waiting> taken;
    synchronized (files) {
      removed = new LinkedHashMap<>(leaving);
      taken = takes ? waiting.all() : Map.of();
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
      removed.keySet().forEach(leaving::remove);
      waiting.written(taken);
    }
    countUnwritten();
    removed.keySet().forEach(this::removeLong);
  }

  /** What is written is written: where this fails, the next owner goes on with the removal. */
  private void removeLong(FileRow file) {
    if (file.chunks() <= Layout.BATCH_CHUNKS) {
      return; // is gone already
    }
    try {
      removeSteps(file);
    } catch (StorageException e) {
      System.getLogger(StoreDirectory.class.getName())
          .log(System.Logger.Level.DEBUG, "A deleted file of " + path + " is still there", e);
    }
  }

  /** Removes the rows of files, where these are still their own, and their chunks. */
  private void remove(WriteTransaction transaction, Map<FileRow, String> removed) {
    if (removed.isEmpty()) {
      return;
    }
    List<byte[]> keys = removed.values().stream().map(name -> Layout.file(path, name)).toList();
    Iterator<Optional<byte[]>> rows = transaction.getAll(Layout.FILES, keys).iterator();
    removed.forEach(
        (file, name) -> {
          if (rows.next().map(FileRow::of).filter(file::isSameFile).isPresent()) {
            transaction.delete(Layout.FILES, Layout.file(path, name));
          }
          removeChunks(transaction, file);
        });
  }

  private void removeChunks(WriteTransaction transaction, FileRow file) {
    if (file.chunks() <= Layout.BATCH_CHUNKS) {
      transaction.deleteRange(Layout.chunks(path, file));
    } else {
      transaction.put(Layout.FILES, Layout.deleted(path, file), file.toBytes());
    }
  }

  /** Removes the chunks of a long file, some at a time, and then the row that remembers it. */
  private void removeSteps(FileRow file) {
    for (long first = 0; first < file.chunks(); first += Layout.BATCH_CHUNKS) {
      byte[] begin = Layout.chunk(path, file, first);
      byte[] end = Layout.chunk(path, file, first + Layout.BATCH_CHUNKS);
      boolean last = first + Layout.BATCH_CHUNKS >= file.chunks();
      store.write(
          transaction -> {
            lease.check(transaction);
            transaction.deleteRange(Range.of(Layout.CHUNKS, begin, end));
            if (last) {
              transaction.delete(Layout.FILES, Layout.deleted(path, file));
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
          path + " must be opened anew, since a write failed: " + before.getMessage(), before);
    }
  }

  /**
   * Reads chunks that follow one another, one at least.
   *
   * @param count at most {@link #READ_CHUNKS}; where there are so many, and all of them wait to be
   *     written or none does
   * @throws StorageException.StoreCorrupt when one is missing, or is not as long as it should be
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
        lease.renew(); // whoever took the lease may have removed it
        throw corrupt(name, "chunk " + chunk + " is missing");
      }
      byte[] value = values.get(i).get();
      int length = file.chunkBytes(chunk);
      chunks.add(
          ChunkCodec.decode(value, length)
              .orElseThrow(
                  () ->
                      corrupt(
                          name,
                          "chunk " + chunk + " does not hold " + length + " bytes but a value of "
                              + value.length)));
    }
    return chunks;
  }

  private static List<Optional<byte[]>> readChunks(
      Store store, String path, FileRow file, long first, int count) {
    List<byte[]> keys = new ArrayList<>(count);
    for (long chunk = first; chunk < first + count; chunk++) {
      keys.add(Layout.chunk(path, file, chunk));
    }
    return store.read((ReadTransaction reads) -> reads.getAll(Layout.CHUNKS, keys));
  }

  private StorageException corrupt(String name, String what) {
    return new StorageException.StoreCorrupt(path + "/" + name, what, new EOFException(what));
  }

  private boolean hasRest() {
    synchronized (files) {
      return !leaving.isEmpty() || !waiting.isEmpty();
    }
  }

  /** Ends its use: what waits is written, what was deleted is removed, and the lease given back. */
  void close() {
    try {
      if (failure == null && lease.isHeld() && hasRest()) {
        writeWaiting();
      }
    } catch (StorageException e) {
      // The next owner deletes it again.
    } finally {
      cache.removeAll(this);
      synchronized (files) {
        unwritten.are(0);
      }
      lease.close();
    }
  }
}
