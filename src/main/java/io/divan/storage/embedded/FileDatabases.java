package io.divan.storage.embedded;

import io.divan.storage.Capability;
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
 * An adapter that keeps each database in a file of its own. Lists, creates and deletes databases,
 * and keeps versionstamps increasing when a database is deleted and created again. Used by one
 * process at a time. Safe for use by many threads.
 */
public abstract class FileDatabases extends EmbeddedDatabases implements Capability.LocalFiles {

  /** Creates the stores of one kind of file. */
  public interface StoreFactory {

    /** Returns the store of a file, without opening it. */
    SingleWriterStore store(String name, Path file, StampClock stamps);

    /**
     * Creates a file with its first transaction, without a sync.
     *
     * @return the bytes that the work wrote, by {@link Limits}' formula
     */
    long make(Path file, StampClock stamps, Consumer<WriteTransaction> initialWork);

    /** Reads the durable stamp floor, in the system store. */
    long stampFloor(ReadTransaction transaction);

    /** Writes the stamp floor, in the system store. */
    void stampFloor(WriteTransaction transaction, long floor);

    /** Closes what the stores share. Called after them, also if the adapter failed to start. */
    void close();
  }

  private record Handle(Path file, SingleWriterStore store) {}

  private final StoreFiles files;
  private final StoreFactory factory;
  private final TransactionListener listener;
  private final RandomGenerator random = new SecureRandom();
  private final ConcurrentNavigableMap<String, Handle> stores =
      new ConcurrentSkipListMap<>(
          Comparator.comparing(
              name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
  private final SingleWriterStore system;

  /** The stamp floor that is durable. */
  private final AtomicLong durableFloor = new AtomicLong();

  /**
   * Finds the databases of a directory.
   *
   * @param files the directory; closed with this, also if this constructor throws
   * @param clock the clock of versionstamps
   * @throws StorageException.StoreUnavailable if it is unusable; the message says what to do
   */
  protected FileDatabases(
      StoreFiles files, StoreFactory factory, TransactionListener listener, InstantSource clock) {
    super(clock);
    this.files = files;
    this.factory = factory;
    this.listener = listener;
    try {
      files.sweepAndList().forEach((name, file) -> addHandle(name, file, floor.above()));
      if (!Files.exists(files.system())) {
        make(files.system(), floor.above(), transaction -> {});
      }
      system = factory.store("system", files.system(), floor.above());
      durableFloor.set(system.read(factory::stampFloor));
      floor.raise(durableFloor.get());
    } catch (RuntimeException | Error e) {
      factory.close();
      files.close();
      throw e;
    }
  }

  @Override
  public final Path directory() {
    return files.directory();
  }

  @Override
  public final List<String> list(NameRange range) {
    checkOpen();
    ConcurrentNavigableMap<String, Handle> within =
        range.end().isPresent()
            ? range(range.begin(), range.end().get())
            : stores.tailMap(range.begin(), true);
    return (range.reverse() ? within.descendingKeySet() : within.navigableKeySet())
        .stream().limit(range.limit()).toList();
  }

  private ConcurrentNavigableMap<String, Handle> range(String begin, String end) {
    return stores.comparator().compare(begin, end) < 0
        ? stores.subMap(begin, true, end, false)
        : new ConcurrentSkipListMap<>();
  }

  @Override
  public final Store create(String name, Consumer<WriteTransaction> initialWork) {
    WorkerThreads.requireOutside();
    checkOpen();
    Path file = files.newFile(name, random);
    return locked(
        name,
        () -> {
          if (stores.containsKey(name)) {
            throw new StorageException.DatabaseExists(name);
          }
          StampClock stamps = floor.above();
          make(file, stamps, initialWork);
          return addHandle(name, file, stamps);
        });
  }

  private SingleWriterStore addHandle(String name, Path file, StampClock stamps) {
    SingleWriterStore store = factory.store(name, file, stamps);
    stores.put(name, new Handle(file, store));
    return store;
  }

  /**
   * Creates a file under a temporary name, syncs it as a whole, and renames it. A crash in between
   * leaves a draft, which the next start removes.
   */
  private void make(Path file, StampClock stamps, Consumer<WriteTransaction> initialWork) {
    Optional<Trace.Transaction> trace = Trace.nextTransaction();
    long begun = System.nanoTime();
    long worked = begun;
    long bytes = 0;
    TransactionListener.Outcome outcome = TransactionListener.Outcome.ROLLED_BACK;
    try {
      bytes = factory.make(StoreFiles.draft(file), stamps, initialWork);
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
    Handle known = stores.get(name);
    if (known == null) {
      throw missing(name);
    }
    return known.store();
  }

  /** Returns the exception for a database that does not exist. */
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
          Handle doomed = stores.get(name);
          if (doomed == null) {
            throw new StorageException.DatabaseNotFound(name);
          }
          SingleWriterStore store = doomed.store();
          store.learnLastStamp();
          store.retire(() -> new StorageException.DatabaseNotFound(name), DELETE_WAIT_MAX);
          floor.raise(store.lastStamp());
          try {
            writeFloor();
            files.delete(doomed.file());
          } catch (StorageException e) {
            // The file is as before, but its handle has ended: another handle takes its place.
            addHandle(name, doomed.file(), floor.above());
            store.closeFiles();
            throw e;
          }
          stores.remove(name);
          store.closeFiles();
          try {
            writeFloor(); // the deletion may have made space
          } catch (StorageException e) {
            // The next deletion writes it.
          }
          return name;
        });
  }

  /**
   * Makes the floor durable, unless the disk is full: a deletion that frees space must not fail.
   * Until the floor is durable, versionstamps can get smaller only if the clock is set back and the
   * process restarts.
   */
  private void writeFloor() {
    if (floor.last() <= durableFloor.get()) {
      return;
    }
    try {
      long written =
          system
              .write(
                  transaction -> {
                    long last = floor.last();
                    factory.stampFloor(transaction, last);
                    return last;
                  })
              .result();
      durableFloor.accumulateAndGet(written, Math::max);
    } catch (StorageException.StoreFull e) {
      // The next deletion writes it.
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
        new ArrayList<>(stores.values().stream().map(Handle::store).toList());
    all.add(system);
    return all;
  }

  @Override
  protected final void closeShared() {
    factory.close();
    files.close();
  }
}
