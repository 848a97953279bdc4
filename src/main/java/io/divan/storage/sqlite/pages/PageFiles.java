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

/** The files of a base store, by name. Safe for use by many threads. */
final class PageFiles implements AutoCloseable {

  /** What SQLite reads in a URI without any escape. */
  private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9_$()+.-]{1,200}");

  private final boolean alone;
  private final PageFile.Shared shared;
  private final ScheduledExecutorService idle;
  private final ConcurrentMap<Integer, PageFile> files = new ConcurrentHashMap<>();

  /** Opens a store's files; removes what is left of deleted ones. */
  PageFiles(Store store, PageOptions options) {
    this(store, options, new PageCache(options.cacheBytes()), new Leases(options.leases()), true);
  }

  /**
   * The same with memory and leases that other stores use, too. Leases are kept until this is
   * closed.
   */
  PageFiles(Store store, PageOptions options, PageCache cache, Leases leases) {
    this(store, options, cache, leases, false);
  }

  private PageFiles(
      Store store, PageOptions options, PageCache cache, Leases leases, boolean alone) {
    this.alone = alone;
    boolean turns = alone && options.leases().shared();
    this.shared =
        new PageFile.Shared(
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
        new ThreadPoolExecutor.DiscardPolicy()); // once this is closed
  }

  private void after(Duration delay, Runnable work) {
    idle.schedule(
        new PeriodicTask("release of wanted SQLite leases", work),
        delay.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /**
   * The file of a name, if there is one.
   *
   * @throws IllegalArgumentException when no file can have the name
   */
  Optional<PageFile> find(String name) {
    byte[] key = Layout.name(checked(name));
    return shared
        .store()
        .read(transaction -> transaction.get(Layout.FILES, key))
        .map(value -> file(name, Layout.file(value)));
  }

  private PageFile file(String name, int number) {
    return files.computeIfAbsent(number, n -> new PageFile(name, n, shared));
  }

  static String checked(String name) {
    if (!NAMES.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "A database's name is 1 to 200 letters, digits and any of _ $ ( ) + . -, not \"" + name
              + "\"");
    }
    return name;
  }

  /**
   * Makes an empty file.
   *
   * @throws StorageException.DatabaseExists when there is one of that name
   */
  PageFile create(String name) {
    checked(name);
    int number =
        shared.store().write(transaction -> create(transaction, name)).result();
    if (number == 0) {
      throw new StorageException.DatabaseExists(name);
    }
    return file(name, number);
  }

  private static int create(WriteTransaction transaction, String name) {
    byte[] key = Layout.name(name);
    if (transaction.get(Layout.FILES, key).isPresent()) {
      return 0;
    }
    int number =
        transaction.get(Layout.FILES, Layout.LAST_FILE).map(Layout::file).orElse(0) + 1;
    transaction.put(Layout.FILES, Layout.LAST_FILE, Layout.file(number));
    transaction.put(Layout.FILES, key, Layout.file(number));
    Header.NEW.write(transaction, number);
    return number;
  }

  /** The file of a name, made where there is none. */
  PageFile findOrCreate(String name) {
    Optional<PageFile> found = find(name);
    while (found.isEmpty()) {
      try {
        found = Optional.of(create(name));
      } catch (StorageException.DatabaseExists e) {
        found = find(name);
      }
    }
    return found.get();
  }

  /** Names of files, in order. */
  List<String> list(NameRange range) {
    List<String> names = new ArrayList<>();
    Optional<Range> rest = Optional.of(names(range));
    while (rest.isPresent() && names.size() < range.limit()) {
      Range next = rest.get().limit(range.limit() - names.size());
      Page page = shared.store().read(transaction -> transaction.scan(next));
      page.rows().forEach(row -> names.add(Layout.name(row.key())));
      rest = page.rest();
    }
    return names;
  }

  private static Range names(NameRange range) {
    Range all = Layout.names();
    Optional<byte[]> end = range.end().map(Layout::name).or(all::end);
    return new Range(
        Layout.FILES, Layout.name(range.begin()), end, range.reverse(), range.limit());
  }

  /**
   * Deletes a file. Handles that have it open fail.
   *
   * @throws StorageException.DatabaseNotFound when there is none of that name
   */
  void delete(String name) {
    byte[] key = Layout.name(checked(name));
    int number =
        shared
            .store()
            .write(
                transaction -> {
                  int deleted =
                      transaction.get(Layout.FILES, key).map(Layout::file).orElse(0);
                  if (deleted != 0) {
                    transaction.delete(Layout.FILES, key);
                    transaction.put(Layout.FILES, Layout.deleted(deleted), new byte[0]);
                    transaction.delete(Layout.SIZE, Layout.file(deleted));
                  }
                  return deleted;
                })
            .result();
    if (number == 0) {
      throw new StorageException.DatabaseNotFound(name);
    }
    PageFile file = files.remove(number);
    if (file != null) {
      shared.cache().forget(file.cached(), file.known());
    }
    clear(number);
  }

  /** Removes the rows of a deleted file, and then what says that they are there. */
  private void clear(int number) {
    for (Range range : Layout.all(number)) {
      Optional<Range> rest = Optional.of(range);
      while (rest.isPresent()) {
        rest = BoundedClear.step(shared.store(), rest.get());
      }
    }
    shared
        .store()
        .write(
            transaction -> {
              transaction.delete(Layout.FILES, Layout.deleted(number));
              return true;
            });
  }

  private void sweep() {
    List<KeyValue> deleted =
        shared.store().read(transaction -> transaction.scan(Layout.deletedFiles()).rows());
    deleted.forEach(row -> clear(Layout.deletedFile(row.key())));
  }

  private void releaseIdle() {
    for (PageFile file : files.values()) {
      try {
        file.releaseLeaseIfIdle(shared.options().leaseIdle().toNanos());
      } catch (StorageException e) {
        // It ends by itself, or is given back the next time.
      }
    }
  }

  /** Whether the leases that were taken are still here, as far as is known. */
  boolean leasesAreHeld() {
    return files.values().stream().allMatch(file -> file.lease().isHeld());
  }

  /** Gives the leases back. Handles that are open cannot write any more. */
  @Override
  public void close() {
    idle.shutdownNow();
    for (PageFile file : files.values()) {
      try {
        file.releaseLeaseIfIdle(0);
      } catch (StorageException e) {
        // It ends by itself.
      }
    }
    if (alone) {
      shared.leases().close();
    }
  }
}
