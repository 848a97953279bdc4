package io.divan.storage.leveldb.lsm;

import io.divan.storage.DatabaseNames;
import io.divan.storage.Measurement;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.LevelDbEngine;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.env.WritableFile;
import org.iq80.leveldb.table.BloomFilterPolicy;
import org.iq80.leveldb.util.Slice;

/**
 * The LSM implementation for a backend: each database has its files in its base store or in a
 * directory of its own. Thread-safe.
 */
public final class LsmEngine implements LevelDbEngine {

  /** The name of a database's directory within its base store. */
  private static final String IN_STORE = "db";

  /** Records the directory of a base store if the files are outside it. */
  private static final Table PLACE = new Table(4, "lsm_place");

  private static final byte[] PLACE_KEY = {0};

  /** Rows that are written to test for free space, and deleted at once. */
  private static final Table SPACE = new Table(5, "lsm_space");

  private static final String SPACE_SUFFIX = ".space";

  /** Names of the directories, and of the files that test for free space. */
  private static final Pattern PLACES =
      Pattern.compile(".+~[0-9a-f-]{36}(" + Pattern.quote(SPACE_SUFFIX) + ")?");

  /**
   * All parts together exceed what opening a database may write: its memory, at most twice 6 MB.
   */
  private static final int SPACE_PARTS = 2;

  private static final int SPACE_ROWS = 90;

  private static final int SPACE_ROW_BYTES = 90_000;

  /** Never reached: {@link WriteBuffers} flushes earlier. */
  private static final int ENGINE_BUFFER_BYTES = 16 << 20;

  private static final int BLOCK_CACHE_BYTES_MAX = 1 << 20;

  /** The share of the heap for one database's block cache, for 200 open databases. */
  private static final int BLOCK_CACHE_HEAP_PART = 16 * 200;

  /** An open SST file holds its index and filter, about 50 KB, and some more. */
  private static final long HEAP_BYTES_PER_TABLE = 4 << 20;

  private static final int OPEN_FILES_MAX = 1_000;
  private static final int OPEN_FILES_LEAST = 74;
  private static final int TABLE_BYTES = 2 << 20;
  private static final int BLOOM_BITS = 10;

  private final LsmLevelDb lsm;
  private final WriteBuffers buffers = WriteBuffers.ofHeap();
  private final Optional<Path> directories;
  private final DirectoryEnv env;

  private LsmEngine(LsmLevelDb lsm, Optional<Path> directories, DirectoryEnv env) {
    this.lsm = lsm;
    this.directories = directories;
    this.env = env;
  }

  /** Creates an engine with files in the base stores. */
  public static LsmEngine inStores(Leases.Options leases, LsmLevelDb.Settings settings) {
    return new LsmEngine(
        new LsmLevelDb(
            leases,
            settings,
            UnwrittenChunks.ofHeap(),
            (store, directory) -> "The LevelDB database " + store.name()),
        Optional.empty(),
        new DirectoryEnv());
  }

  /**
   * Creates an engine with files in directories within {@code parent}, one per database. The base
   * stores record the directories; no other process uses them.
   */
  public static LsmEngine inDirectories(Path parent) {
    return inDirectories(parent, new DirectoryEnv());
  }

  static LsmEngine inDirectories(Path parent, DirectoryEnv env) {
    return new LsmEngine(
        new LsmLevelDb(Leases.Options.exclusive("divan"), LsmLevelDb.Settings.defaults()),
        Optional.of(parent),
        env);
  }

  @Override
  public String name() {
    return directories.isPresent() ? "lsm-file" : "lsm";
  }

  /**
   * Returns the port's options, with small caches because many databases are open. For files in
   * stores, the chunk cache already serves all databases.
   */
  private Options options() {
    long heap = Runtime.getRuntime().maxMemory();
    long blocks = directories.isEmpty() ? 0 : heap / BLOCK_CACHE_HEAP_PART;
    return new Options()
        .writeBufferSize(ENGINE_BUFFER_BYTES)
        .cacheSize(Math.min(blocks, BLOCK_CACHE_BYTES_MAX))
        .maxOpenFiles(
            Math.clamp(heap / HEAP_BYTES_PER_TABLE, OPEN_FILES_LEAST, OPEN_FILES_MAX))
        .maxFileSize(TABLE_BYTES)
        .filterPolicy(new BloomFilterPolicy(BLOOM_BITS));
  }

  @Override
  public Owned open(Store base) {
    if (directories.isEmpty()) {
      removeTried(base);
      LsmDb db = lsm.openDb(base, IN_STORE, options(), Optional.of(buffers));
      return new Owned(db, db.lease());
    }
    Path directory = directories.get().resolve(place(base));
    for (Path other : places(base.name())) {
      if (!other.equals(directory)) {
        remove(other); // of a deleted database of that name, or a space test
      }
    }
    LsmDb db =
        LsmLevelDb.open(directory.toString(), options(), env, null, Optional.of(buffers));
    return new Owned(db, Optional.empty());
  }

  /** Returns the name of a store's directory, which is generated on first use. */
  private static String place(Store base) {
    Optional<byte[]> known = base.read(reads -> reads.get(PLACE, PLACE_KEY));
    byte[] place =
        known.orElseGet(
            () -> {
              byte[] made =
                  TupleWriter.pack(prefix(base.name()) + UUID.randomUUID().toString());
              return base.write(
                  transaction -> {
                    Optional<byte[]> other = transaction.get(PLACE, PLACE_KEY);
                    if (other.isEmpty()) {
                      transaction.put(PLACE, PLACE_KEY, made);
                    }
                    return other.orElse(made);
                  })
                  .result();
            });
    return new TupleReader(place).nextString();
  }

  private static String prefix(String database) {
    return DatabaseNames.encode(database) + "~";
  }

  /** Returns the directories of all databases of that name, existing or deleted. */
  private List<Path> places(String database) {
    Path parent = directories.orElseThrow();
    if (!Files.isDirectory(parent)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(parent)) {
      return children
          .filter(child -> child.getFileName().toString().startsWith(prefix(database)))
          .toList();
    } catch (IOException e) {
      throw new StorageException.StoreUnavailable(parent + " could not be read", e);
    }
  }

  /**
   * Removes directories that a deletion left behind because they were still being read or the
   * process ended.
   */
  @Override
  public void sweep(Supplier<List<String>> databases) {
    if (directories.isEmpty() || !Files.isDirectory(directories.get())) {
      return;
    }
    Set<String> prefixes =
        databases.get().stream().map(LsmEngine::prefix).collect(Collectors.toSet());
    try (Stream<Path> children = Files.list(directories.get())) {
      children
          .filter(child -> PLACES.matcher(child.getFileName().toString()).matches())
          .filter(child -> !prefixes.contains(prefixOf(child)))
          .toList()
          .forEach(LsmEngine::remove);
    } catch (IOException e) {
      throw new StorageException.StoreUnavailable(directories.get() + " could not be read", e);
    }
  }

  private static String prefixOf(Path place) {
    String name = place.getFileName().toString();
    return name.substring(0, name.lastIndexOf('~') + 1);
  }

  private static void remove(Path directory) {
    try {
      if (Files.isDirectory(directory)) {
        LsmLevelDb.destroy(directory);
      }
      Files.deleteIfExists(directory);
    } catch (IOException | DBException e) {
      System.getLogger(LsmEngine.class.getName())
          .log(
              System.Logger.Level.WARNING,
              directory + " of a deleted database could not be removed",
              e);
    }
  }

  @Override
  public boolean stopsWhenFull() {
    return true;
  }

  /** In a store, the test leaves free pages that the database then uses. */
  @Override
  public boolean hasSpace(Store base) {
    try {
      if (directories.isEmpty()) {
        fillStore(base);
      } else {
        fillFile(directories.get().resolve(place(base) + SPACE_SUFFIX));
      }
      return true;
    } catch (StorageException.StoreFull e) {
      return false;
    } catch (IOException e) {
      if (LsmErrors.of(base.name(), e).getCause() instanceof StorageException.StoreFull) {
        return false;
      }
      throw new StorageException.StoreUnavailable(
          base.name() + " could not be tested for free space", e);
    }
  }

  private static void fillStore(Store base) {
    try {
      for (int part = 0; part < SPACE_PARTS; part++) {
        byte number = (byte) part;
        base.write(
            transaction -> {
              for (int row = 0; row < SPACE_ROWS; row++) {
                transaction.put(SPACE, new byte[] {number, (byte) row}, new byte[SPACE_ROW_BYTES]);
              }
              return number;
            });
      }
    } finally {
      removeTried(base);
    }
  }

  /** Removes the rows of a space test, including those of a process that ended during it. */
  private static void removeTried(Store base) {
    Range tried = Range.all(SPACE);
    if (!base.read(reads -> reads.scan(tried.limit(1))).rows().isEmpty()) {
      base.write(
          transaction -> {
            transaction.deleteRange(tried);
            return true;
          });
    }
  }

  private void fillFile(Path path) throws IOException {
    Slice row = new Slice(SPACE_ROW_BYTES);
    try (WritableFile file = env.newWritableFile(env.toFile(path.toString()))) {
      for (int i = 0; i < SPACE_PARTS * SPACE_ROWS; i++) {
        file.append(row);
      }
      file.force();
    } finally {
      Files.deleteIfExists(path);
    }
  }

  @Override
  public long sizeBytes(Store base) {
    long bytes = base.sizeBytes();
    if (directories.isPresent()) {
      for (Path place : places(base.name())) {
        bytes += new DirectoryFile(env, place).bytes();
      }
    }
    return bytes;
  }

  @Override
  public void deleted(Store base) {
    if (directories.isPresent()) {
      places(base.name()).forEach(LsmEngine::remove);
    } else {
      lsm.deleted(base, IN_STORE);
    }
  }

  @Override
  public List<Measurement> measure() {
    WriteBuffers.Totals memory = buffers.totals();
    if (directories.isPresent()) {
      return LsmMeasurements.of(env.meters(), memory);
    }
    List<Measurement> all = LsmMeasurements.of(lsm.meters(), memory);
    all.addAll(lsm.measureCache());
    return all;
  }

  @Override
  public void close() {
    buffers.close();
    lsm.close();
  }
}
