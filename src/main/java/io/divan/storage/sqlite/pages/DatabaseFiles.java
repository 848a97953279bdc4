package io.divan.storage.sqlite.pages;

import io.divan.storage.Capability;
import io.divan.storage.KeyValue;
import io.divan.storage.NameRange;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.layer.BoundedClear;
import io.divan.storage.layer.Needs;
import io.divan.storage.lease.Leases;
import io.divan.storage.task.PeriodicTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The files of a base store, by name. Thread-safe. */
final class DatabaseFiles implements AutoCloseable {

  /** Names that need no escapes in a URI of SQLite. */
  private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9_$()+.-]{1,200}");

  private final boolean alone;
  private final DatabaseFile.Shared shared;
  private final ScheduledExecutorService idle;
  private final ConcurrentMap<Integer, DatabaseFile> files = new ConcurrentHashMap<>();

  /** Opens the files of a store, and removes the remaining rows of deleted files. */
  DatabaseFiles(Store store, PageOptions options) {
    this(
        store,
        options,
        new VersionedPageCache(options.cacheBytes()),
        new Leases(options.leases()),
        true);
  }

  /**
   * As above, with a cache and leases shared with other stores. Leases are kept until this object
   * is closed.
   */
  DatabaseFiles(Store store, PageOptions options, VersionedPageCache cache, Leases leases) {
    this(store, options, cache, leases, false);
  }

  private DatabaseFiles(
      Store store, PageOptions options, VersionedPageCache cache, Leases leases, boolean alone) {
    this.alone = alone;
    boolean turns = alone && options.leases().shared();
    this.shared =
        new DatabaseFile.Shared(
            store,
            Needs.capability(store, Capability.Snapshots.class, "SQLite's pages in a store"),
            cache,
            options,
            leases,
            turns ? Optional.of(this::after) : Optional.empty());
    idle = timer();
    if (turns) {
      long period = Math.max(1, options.leaseIdle().toMillis() / 2);
      idle.scheduleWithFixedDelay(
          new PeriodicTask("release of idle SQLite leases", this::releaseIdle),
          period,
          period,
          TimeUnit.MILLISECONDS);
    }
    try {
      sweep();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static ScheduledExecutorService timer() {
    return new ScheduledThreadPoolExecutor(
        1,
        target -> {
          Thread thread = new Thread(target, "sqlite-pages-leases");
          thread.setDaemon(true);
          return thread;
        },
        new ThreadPoolExecutor.DiscardPolicy()); // after close()
  }

  private void after(Duration delay, Runnable work) {
    idle.schedule(
        new PeriodicTask("release of wanted SQLite leases", work),
        delay.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /**
   * Finds a file by its name.
   *
   * @throws IllegalArgumentException if the name is invalid
   */
  Optional<DatabaseFile> find(String name) {
    byte[] key = StoreLayout.name(checked(name));
    return shared
        .store()
        .read(transaction -> transaction.get(StoreLayout.FILES, key))
        .map(value -> file(name, StoreLayout.file(value)));
  }

  private DatabaseFile file(String name, int number) {
    return files.computeIfAbsent(number, n -> new DatabaseFile(name, n, shared));
  }

  static String checked(String name) {
    if (!NAMES.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "The name of a database must have 1 to 200 letters, digits or any of _ $ ( ) + . -, not"
              + " \"" + name + "\"");
    }
    return name;
  }

  /**
   * Creates an empty file.
   *
   * @throws StorageException.DatabaseExists if the name is in use
   */
  DatabaseFile create(String name) {
    checked(name);
    int number =
        shared.store().write(transaction -> create(transaction, name)).result();
    if (number == 0) {
      throw new StorageException.DatabaseExists(name);
    }
    return file(name, number);
  }

  private static int create(WriteTransaction transaction, String name) {
    byte[] key = StoreLayout.name(name);
    if (transaction.get(StoreLayout.FILES, key).isPresent()) {
      return 0;
    }
    int number =
        transaction
            .get(StoreLayout.FILES, StoreLayout.LAST_FILE)
            .map(StoreLayout::file)
            .orElse(0)
            + 1;
    transaction.put(StoreLayout.FILES, StoreLayout.LAST_FILE, StoreLayout.file(number));
    transaction.put(StoreLayout.FILES, key, StoreLayout.file(number));
    FileHeader.NEW.write(transaction, number);
    return number;
  }

  /** Finds a file by its name, and creates it if it does not exist. */
  DatabaseFile findOrCreate(String name) {
    Optional<DatabaseFile> found = find(name);
    while (found.isEmpty()) {
      try {
        found = Optional.of(create(name));
      } catch (StorageException.DatabaseExists e) {
        found = find(name);
      }
    }
    return found.get();
  }

  /** The names of the files, in order. */
  List<String> list(NameRange range) {
    List<String> names = new ArrayList<>();
    Optional<Range> rest = Optional.of(names(range));
    while (rest.isPresent() && names.size() < range.limit()) {
      Range next = rest.get().limit(range.limit() - names.size());
      Page page = shared.store().read(transaction -> transaction.scan(next));
      page.rows().forEach(row -> names.add(StoreLayout.name(row.key())));
      rest = page.rest();
    }
    return names;
  }

  private static Range names(NameRange range) {
    Range all = StoreLayout.names();
    Optional<byte[]> end = range.end().map(StoreLayout::name).or(all::end);
    return new Range(
        StoreLayout.FILES, StoreLayout.name(range.begin()), end, range.reverse(), range.limit());
  }

  /**
   * Deletes a file. Handles that have it open fail from then on.
   *
   * @throws StorageException.DatabaseNotFound if there is no file of that name
   */
  void delete(String name) {
    byte[] key = StoreLayout.name(checked(name));
    int number =
        shared
            .store()
            .write(
                transaction -> {
                  int deleted =
                      transaction.get(StoreLayout.FILES, key).map(StoreLayout::file).orElse(0);
                  if (deleted != 0) {
                    transaction.delete(StoreLayout.FILES, key);
                    transaction.put(StoreLayout.FILES, StoreLayout.deleted(deleted), new byte[0]);
                    transaction.delete(StoreLayout.SIZE, StoreLayout.file(deleted));
                  }
                  return deleted;
                })
            .result();
    if (number == 0) {
      throw new StorageException.DatabaseNotFound(name);
    }
    DatabaseFile file = files.remove(number);
    if (file != null) {
      shared.cache().forget(file.cached(), file.known());
    }
    clear(number);
  }

  /** Removes the rows of a deleted file, and then its deletion marker. */
  private void clear(int number) {
    for (Range range : StoreLayout.all(number)) {
      Optional<Range> rest = Optional.of(range);
      while (rest.isPresent()) {
        rest = BoundedClear.step(shared.store(), rest.get());
      }
    }
    shared
        .store()
        .write(
            transaction -> {
              transaction.delete(StoreLayout.FILES, StoreLayout.deleted(number));
              return true;
            });
  }

  private void sweep() {
    List<KeyValue> deleted =
        shared.store().read(transaction -> transaction.scan(StoreLayout.deletedFiles()).rows());
    deleted.forEach(row -> clear(StoreLayout.deletedFile(row.key())));
  }

  private void releaseIdle() {
    for (DatabaseFile file : files.values()) {
      try {
        file.releaseLeaseIfIdle(shared.options().leaseIdle().toNanos());
      } catch (StorageException e) {
        // The next round tries again, or the lease expires.
      }
    }
  }

  /** Whether all leases taken are still held, as far as this process knows. */
  boolean leasesAreHeld() {
    return files.values().stream().allMatch(file -> file.lease().isHeld());
  }

  /** Releases the leases. Open handles can no longer write. */
  @Override
  public void close() {
    idle.shutdownNow();
    for (DatabaseFile file : files.values()) {
      try {
        file.releaseLeaseIfIdle(0);
      } catch (StorageException e) {
        // The lease expires.
      }
    }
    if (alone) {
      shared.leases().close();
    }
  }
}
