package io.divan.storage;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The databases of an adapter that has a file for each, and what is the same for all such adapters:
 * which there are, how they come and go, and that versionstamps grow over deletion and creation.
 * Used by one process at a time; databases do not wait for one another. Safe for use by many
 * threads.
 */
public abstract class FileDatabases implements StorageAdapter {

  /** What an adapter's engine does for its databases. */
  public interface Engine {

    /** The store of a file, which is not opened yet. */
    SingleWriterStore store(String name, Path file, StampClock stamps);

    /**
     * Makes a file with its first transaction, without making it durable.
     *
     * @return the bytes that the work wrote, by {@link Limits}' formula
     */
    long make(Path file, StampClock stamps, Consumer<WriteTransaction> initialWork);

    /** In the system's store: a number that no versionstamp of a deleted database exceeds. */
    long stampFloor(ReadTransaction transaction);

    /** Sets what {@link #stampFloor} answers. */
    void stampFloor(WriteTransaction transaction, long floor);

    /** Ends what the stores share. Called once they are closed; also after a failed start. */
    void close();
  }

  /** How long closing waits for work under way. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(30);

  /** How long a deletion waits for reads under way, which may then go on to their end. */
  private static final Duration DELETE_WAIT_MAX = Duration.ofMillis(200);

  private static final int STRIPES = 64;

  private record Kept(Path file, SingleWriterStore store) {}

  private final StoreFiles files;
  private final Engine engine;
  private final TransactionListener listener;
  private final InstantSource clock;
  private final RandomGenerator random = new SecureRandom();
  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];
  private final ConcurrentNavigableMap<String, Kept> stores =
      new ConcurrentSkipListMap<>(
          Comparator.comparing(
              name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
  private final SingleWriterStore system;

  /** No versionstamp of a deleted database exceeds its last value. */
  private final StampClock floor;

  /** What the system's store says of the floor, durably. */
  private final AtomicLong notedFloor = new AtomicLong();

  private volatile boolean closed;

  /**
   * Finds the databases of a directory.
   *
   * @param files the directory, which is given up when this is closed, or throws
   * @param clock what versionstamps are made of
   * @throws StorageException.StoreUnavailable when it cannot be used; the message says what to do
   */
  protected FileDatabases(
      StoreFiles files, Engine engine, TransactionListener listener, InstantSource clock) {
    this.files = files;
    this.engine = engine;
    this.listener = listener;
    this.clock = clock;
    Arrays.setAll(stripes, i -> new ReentrantLock());
    floor = new StampClock(clock);
    try {
      files
          .sweepAndList()
          .forEach((name, file) -> keep(name, file, newStamps()));
      if (!Files.exists(files.system())) {
        make(files.system(), newStamps(), transaction -> {});
      }
      system = engine.store("system", files.system(), newStamps());
      notedFloor.set(system.read(engine::stampFloor));
      floor.raise(notedFloor.get());
    } catch (RuntimeException | Error e) {
      engine.close();
      files.close();
      throw e;
    }
  }

  @Override
  public final List<String> list(NameRange range) {
    checkOpen();
    ConcurrentNavigableMap<String, Kept> within =
        range.end().isPresent()
            ? range(range.begin(), range.end().get())
            : stores.tailMap(range.begin(), true);
    return (range.reverse() ? within.descendingKeySet() : within.navigableKeySet())
        .stream().limit(range.limit()).toList();
  }

  private ConcurrentNavigableMap<String, Kept> range(String begin, String end) {
    return stores.comparator().compare(begin, end) < 0
        ? stores.subMap(begin, true, end, false)
        : new ConcurrentSkipListMap<>();
  }

  @Override
  public final Store create(String name, Consumer<WriteTransaction> initialWork) {
    WorkerThreads.requireOutside();
    checkOpen();
    Path file = files.incarnation(name, random);
    return locked(
        name,
        () -> {
          if (stores.containsKey(name)) {
            throw new StorageException.DatabaseExists(name);
          }
          StampClock stamps = newStamps();
          make(file, stamps, initialWork);
          return keep(name, file, stamps);
        });
  }

  private SingleWriterStore keep(String name, Path file, StampClock stamps) {
    SingleWriterStore store = engine.store(name, file, stamps);
    stores.put(name, new Kept(file, store));
    return store;
  }

  /**
   * Makes a file under a name that nobody looks for; once complete it is synced as a whole and gets
   * its own name. A crash in between leaves a draft, which the next start removes.
   */
  private void make(Path file, StampClock stamps, Consumer<WriteTransaction> initialWork) {
    Optional<String> trace = Trace.nextTransaction();
    long begun = System.nanoTime();
    long worked = begun;
    long bytes = 0;
    TransactionListener.Outcome outcome = TransactionListener.Outcome.ROLLED_BACK;
    try {
      bytes = engine.make(StoreFiles.draft(file), stamps, initialWork);
      outcome = TransactionListener.Outcome.FAILED;
      worked = System.nanoTime();
      files.publish(file);
      outcome = TransactionListener.Outcome.DONE;
    } finally {
      if (outcome != TransactionListener.Outcome.DONE) {
        files.discard(file);
      }
      listener.finished(
          new TransactionListener.Report(
              trace,
              TransactionListener.Kind.WRITE,
              outcome,
              1,
              0,
              bytes,
              1,
              Duration.ZERO,
              Duration.ofNanos(worked - begun),
              Duration.ofNanos(System.nanoTime() - worked)));
    }
  }

  private StampClock newStamps() {
    StampClock stamps = new StampClock(clock);
    stamps.raise(floor.last());
    return stamps;
  }

  @Override
  public final Store open(String name) {
    checkOpen();
    Kept known = stores.get(name);
    if (known == null) {
      throw missing(name);
    }
    return known.store();
  }

  /** What is told of a database that is not there. */
  protected StorageException missing(String name) {
    return new StorageException.DatabaseNotFound(name);
  }

  @Override
  public final void delete(String name) {
    WorkerThreads.requireOutside();
    checkOpen();
    locked(
        name,
        () -> {
          Kept doomed = stores.get(name);
          if (doomed == null) {
            throw new StorageException.DatabaseNotFound(name);
          }
          SingleWriterStore store = doomed.store();
          store.learnLastStamp();
          store.retire(() -> new StorageException.DatabaseNotFound(name), DELETE_WAIT_MAX);
          floor.raise(store.lastStamp());
          try {
            noteFloor();
            files.delete(doomed.file());
          } catch (StorageException e) {
            // It is there as before; its handle is not, so another one takes its place.
            keep(name, doomed.file(), newStamps());
            store.closeFiles();
            throw e;
          }
          stores.remove(name);
          store.closeFiles();
          try {
            noteFloor(); // where there was no space before
          } catch (StorageException e) {
            // The next deletion does it.
          }
          return name;
        });
  }

  /**
   * Makes the floor durable. A full disk keeps nobody from deleting, which gives space back: then
   * it is left to the next time. Until that only a clock that is set back could make versionstamps
   * smaller, and only for the next process.
   */
  private void noteFloor() {
    if (floor.last() <= notedFloor.get()) {
      return;
    }
    try {
      long noted =
          system
              .write(
                  transaction -> {
                    long last = floor.last();
                    engine.stampFloor(transaction, last);
                    return last;
                  })
              .result();
      notedFloor.accumulateAndGet(noted, Math::max);
    } catch (StorageException.StoreFull e) {
      // It is still greater than what is noted.
    }
  }

  private <T> T locked(String name, Supplier<T> work) {
    ReentrantLock stripe = stripes[Math.floorMod(name.hashCode(), STRIPES)];
    stripe.lock();
    try {
      return work.get();
    } finally {
      stripe.unlock();
    }
  }

  @Override
  public final Store system() {
    checkOpen();
    return system;
  }

  @Override
  public final void checkHealth() {
    system().read(ReadTransaction::configVersion);
  }

  @Override
  public final void close() {
    WorkerThreads.requireOutside();
    if (closed) {
      return;
    }
    closed = true;
    List<SingleWriterStore> all =
        new ArrayList<>(stores.values().stream().map(Kept::store).toList());
    all.add(system);
    all.forEach(SingleWriterStore::closeWriter);
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    for (SingleWriterStore store : all) {
      long left = Math.max(0, deadline - System.nanoTime());
      store.retire(FileDatabases::closedException, Duration.ofNanos(left));
      store.closeFiles();
    }
    engine.close();
    files.close();
  }

  private void checkOpen() {
    if (closed) {
      throw closedException();
    }
  }

  private static StorageException closedException() {
    return new StorageException.StoreUnavailable("The storage is closed");
  }
}
