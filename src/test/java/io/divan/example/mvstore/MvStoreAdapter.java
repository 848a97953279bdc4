package io.divan.example.mvstore;

import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.TransactionListener;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WorkerThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.ByteArrayDataType;

/**
 * Databases in one file of H2's MVStore: a map for the rows of each, and a catalogue of their
 * names.
 *
 * <ol>
 *   <li>Each database has a writer, but only one commits at a time, under {@link #commits}. The
 *       maps change in between only, so what MVStore commits is whole.
 *   <li>The catalogue changes in the commit that creates or deletes a database.
 *   <li>One clock makes the versionstamps of all databases, so they grow across a deletion too.
 * </ol>
 */
final class MvStoreAdapter implements StorageAdapter {
  private static final byte[] CEILING = "ceiling".getBytes(StandardCharsets.UTF_8);
  private static final Duration WAIT_MAX = Duration.ofSeconds(30);
  private static final int WRITERS = 2;
  private static final int WAITING_MAX = 10_000;

  final StampClock stamps = new StampClock(InstantSource.system());
  final WorkerThreads writers =
      new WorkerThreads("mvstore-writer", WRITERS, WAITING_MAX, WAIT_MAX);
  final TransactionListener listener;

  final ReentrantLock commits = new ReentrantLock();
  final MVStore store;
  private final MVMap<byte[], byte[]> catalogue;
  private final MVMap<byte[], byte[]> meta;
  private final MvStoreDatabase system;
  private final ConcurrentNavigableMap<String, MvStoreDatabase> databases =
      new ConcurrentSkipListMap<>(
          Comparator.comparing(MvStoreAdapter::utf8, Arrays::compareUnsigned));
  private volatile boolean closed;

  MvStoreAdapter(Path directory, int cacheMegabytes, TransactionListener listener) {
    this.listener = listener;
    try {
      Files.createDirectories(directory);
      store =
          new MVStore.Builder()
              .fileName(directory.resolve("divan.mv").toString())
              .cacheSize(cacheMegabytes)
              .autoCommitDisabled()
              .open();
    } catch (IOException | MVStoreException e) {
      throw new StorageException.StoreUnavailable(directory + ": " + e.getMessage(), e);
    }
    catalogue = map("catalogue");
    meta = map("meta");
    system = new MvStoreDatabase(this, "system", map("system"));
    Iterator<byte[]> names = catalogue.keyIterator(null);
    while (names.hasNext()) {
      byte[] key = names.next();
      String name = text(key);
      databases.put(name, new MvStoreDatabase(this, name, map(text(catalogue.get(key)))));
    }
    byte[] ceiling = meta.get(CEILING);
    if (ceiling != null) {
      stamps.raise(ByteBuffer.wrap(ceiling).getLong());
    }
  }

  private static byte[] utf8(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private MVMap<byte[], byte[]> map(String name) {
    return store.openMap(
        name,
        new MVMap.Builder<byte[], byte[]>()
            .keyType(ByteArrayDataType.INSTANCE)
            .valueType(ByteArrayDataType.INSTANCE));
  }

  @Override
  public List<String> list(NameRange range) {
    checkOpen();
    ConcurrentNavigableMap<String, MvStoreDatabase> from = databases.tailMap(range.begin(), true);
    return (range.reverse() ? from.descendingMap() : from)
        .keySet().stream()
        .filter(name -> range.end().isEmpty() || isBefore(name, range.end().get()))
        .limit(range.limit())
        .toList();
  }

  private static boolean isBefore(String name, String other) {
    return Arrays.compareUnsigned(utf8(name), utf8(other)) < 0;
  }

  @Override
  public Store create(String name, Consumer<WriteTransaction> initialWork) {
    checkAbsent(name);
    String id = "database/" + stamps.next();
    MVMap<byte[], byte[]> rows = locked(() -> map(id));
    MvStoreDatabase created = new MvStoreDatabase(this, name, rows);
    created.writeFirst(
        initialWork,
        () -> checkAbsent(name),
        () -> catalogue.put(utf8(name), utf8(id)),
        () -> databases.put(name, created));
    return created;
  }

  private void checkAbsent(String name) {
    checkOpen();
    if (databases.containsKey(name)) {
      throw new StorageException.DatabaseExists(name);
    }
  }

  @Override
  public Store open(String name) {
    checkOpen();
    MvStoreDatabase found = databases.get(name);
    if (found == null) {
      throw new StorageException.DatabaseNotFound(name);
    }
    return found;
  }

  @Override
  public void delete(String name) {
    checkOpen();
    MvStoreDatabase deleted =
        locked(
            () -> {
              MvStoreDatabase found = databases.remove(name);
              if (found == null) {
                throw new StorageException.DatabaseNotFound(name);
              }
              found.deleted = true;
              commit(
                  () -> {
                    catalogue.remove(utf8(name));
                    store.removeMap(found.rows);
                  });
              return found;
            });
    deleted.watches.close();
  }

  @Override
  public Store system() {
    checkOpen();
    return system;
  }

  @Override
  public void checkHealth() {
    checkOpen();
    system.read(transaction -> transaction.configVersion());
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    databases.values().forEach(MvStoreDatabase::close);
    system.close();
    writers.close();
    locked(
        () -> {
          store.close();
          return true;
        });
  }

  void checkOpen() {
    if (closed || store.isClosed()) {
      throw new StorageException.StoreUnavailable("The storage is closed");
    }
  }

  private <T> T locked(Supplier<T> work) {
    commits.lock();
    try {
      return work.get();
    } finally {
      commits.unlock();
    }
  }

  /** Notes that no versionstamp exceeds this, in the commit under way. */
  void noteCeiling(long ceiling) {
    byte[] noted = meta.get(CEILING);
    if (noted == null || ByteBuffer.wrap(noted).getLong() < ceiling) {
      meta.put(CEILING, ByteBuffer.allocate(Long.BYTES).putLong(ceiling).array());
    }
  }

  /** Changes maps, and makes that durable. Called under the lock. */
  void commit(Runnable changes) {
    try {
      changes.run();
      store.commit();
      store.sync();
    } catch (MVStoreException e) {
      if (!store.isClosed()) {
        store.rollback();
      }
      throw unavailable(e);
    }
  }

  /** Keeps the pages of the newest version from being reused while {@code work} runs. */
  <T> T pinned(Supplier<T> work) {
    checkOpen();
    MVStore.TxCounter usage = store.registerVersionUsage();
    try {
      return work.get();
    } catch (MVStoreException e) {
      throw unavailable(e);
    } finally {
      store.deregisterVersionUsage(usage);
    }
  }

  /** The rows of a map as they are now. Called while no commit is under way. */
  MVMap<byte[], byte[]> frozen(MVMap<byte[], byte[]> rows) {
    return rows.openVersion(store.getCurrentVersion());
  }

  private static StorageException unavailable(MVStoreException cause) {
    return new StorageException.StoreUnavailable("MVStore failed: " + cause.getMessage(), cause);
  }
}
