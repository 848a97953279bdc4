package io.divan.storage.embedded;

import io.divan.storage.Limits;
import io.divan.storage.NameRange;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import io.divan.storage.WriteTransaction;
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
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The databases of an adapter that has a file for each, and what is the same for all such adapters:
 * which there are, how they come and go, and that versionstamps grow over deletion and creation.
 * Used by one process at a time; databases do not wait for one another. Safe for use by many
 * threads.
 */
public abstract class FileDatabases extends EngineDatabases {

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

  private record Kept(Path file, SingleWriterStore store) {}

  private final StoreFiles files;
  private final Engine engine;
  private final TransactionListener listener;
  private final RandomGenerator random = new SecureRandom();
  private final ConcurrentNavigableMap<String, Kept> stores =
      new ConcurrentSkipListMap<>(
          Comparator.comparing(
              name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
  private final SingleWriterStore system;

  /** What the system's store says of the floor, durably. */
  private final AtomicLong notedFloor = new AtomicLong();

  /**
   * Finds the databases of a directory.
   *
   * @param files the directory, which is given up when this is closed, or throws
   * @param clock what versionstamps are made of
   * @throws StorageException.StoreUnavailable when it cannot be used; the message says what to do
   */
  protected FileDatabases(
      StoreFiles files, Engine engine, TransactionListener listener, InstantSource clock) {
    super(clock);
    this.files = files;
    this.engine = engine;
    this.listener = listener;
    try {
      files.sweepAndList().forEach((name, file) -> keep(name, file, floor.above()));
      if (!Files.exists(files.system())) {
        make(files.system(), floor.above(), transaction -> {});
      }
      system = engine.store("system", files.system(), floor.above());
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
          StampClock stamps = floor.above();
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
            keep(name, doomed.file(), floor.above());
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
    super.close();
  }

  @Override
  protected final List<SingleWriterStore> handles() {
    List<SingleWriterStore> all =
        new ArrayList<>(stores.values().stream().map(Kept::store).toList());
    all.add(system);
    return all;
  }

  @Override
  protected final void closeShared() {
    engine.close();
    files.close();
  }
}
