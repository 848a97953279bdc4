package io.divan.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The storage contract in its simplest form, in memory: the model for tests of other adapters, and
 * the base for tests of layers. A write transaction holds the only lock of its store from beginning
 * to end. It copies each table that it writes, so its time is proportional to the number of rows,
 * which is acceptable up to about 10,000.
 *
 * <p>Committed data survives {@link #close()}, like a file; {@link #reopened()} returns it.
 */
public final class ReferenceAdapter implements StorageAdapter {

  /** The data that survives closing the adapter. */
  private static final class Disk {
    final NavigableMap<String, ReferenceStore.Data> databases =
        new TreeMap<>(
            Comparator.comparing(
                name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
    final ReferenceStore.Data system = new ReferenceStore.Data();
    final AtomicLong commitVersion = new AtomicLong();
  }

  private final Disk disk;
  private volatile boolean closed;

  /** Creates an adapter without databases. */
  public ReferenceAdapter() {
    this(new Disk());
  }

  private ReferenceAdapter(Disk disk) {
    this.disk = disk;
  }

  /** Returns a new adapter with the committed data of this one, which must be closed. */
  public ReferenceAdapter reopened() {
    if (!closed) {
      throw new IllegalStateException("Still open");
    }
    return new ReferenceAdapter(disk);
  }

  @Override
  public List<String> list(NameRange range) {
    checkOpen();
    synchronized (disk) {
      NavigableMap<String, ReferenceStore.Data> names =
          disk.databases.tailMap(range.begin(), true);
      return (range.reverse() ? names.descendingMap() : names)
          .keySet().stream()
          .filter(name -> range.end().isEmpty() || isBefore(name, range.end().get()))
          .limit(range.limit())
          .toList();
    }
  }

  private boolean isBefore(String name, String other) {
    return disk.databases.comparator().compare(name, other) < 0;
  }

  @Override
  public Store create(String name, Consumer<WriteTransaction> initialWork) {
    checkOpen();
    synchronized (disk) {
      checkAbsent(name);
    }
    ReferenceStore store = new ReferenceStore(this, name, new ReferenceStore.Data());
    store.write(
        transaction -> {
          initialWork.accept(transaction);
          return true;
        });
    synchronized (disk) {
      checkAbsent(name);
      disk.databases.put(name, store.data());
    }
    return store;
  }

  private void checkAbsent(String name) {
    if (disk.databases.containsKey(name)) {
      throw new StorageException.DatabaseExists(name);
    }
  }

  @Override
  public Store open(String name) {
    checkOpen();
    synchronized (disk) {
      ReferenceStore.Data data = disk.databases.get(name);
      if (data == null) {
        throw new StorageException.DatabaseNotFound(name);
      }
      return new ReferenceStore(this, name, data);
    }
  }

  @Override
  public void delete(String name) {
    checkOpen();
    synchronized (disk) {
      ReferenceStore.Data data = disk.databases.remove(name);
      if (data == null) {
        throw new StorageException.DatabaseNotFound(name);
      }
      data.delete();
    }
  }

  @Override
  public Store system() {
    checkOpen();
    return new ReferenceStore(this, "system", disk.system);
  }

  @Override
  public void checkHealth() {
    checkOpen();
  }

  @Override
  public void close() {
    closed = true;
    synchronized (disk) {
      disk.databases.values().forEach(ReferenceStore.Data::wake);
    }
    disk.system.wake();
  }

  void checkOpen() {
    if (closed) {
      throw new StorageException.StoreUnavailable("The storage is closed");
    }
  }

  boolean isClosed() {
    return closed;
  }

  long nextCommitVersion() {
    return disk.commitVersion.incrementAndGet();
  }
}
