package io.divan.storage.layer;

import io.divan.storage.Capability;
import io.divan.storage.Measurement;
import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.EmbeddedDatabases;
import io.divan.storage.embedded.SingleWriterStore;
import io.divan.storage.embedded.StampClock;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An adapter whose engine keeps each database in a store of another adapter, its base. Databases
 * are listed, created and deleted in the base, and the system store is the base's. Safe for use by
 * many threads.
 *
 * <ol>
 *   <li>The transaction that creates a database writes its first rows into the base store. The
 *       engine gets them when the database is first opened, before anything else.
 *   <li>A handle belongs to one incarnation of the base store. Unused handles are dropped.
 *   <li>Versionstamps come from the clock. None exceeds the ceiling in the database's base store,
 *       and those of a new database begin above the ceilings of all deleted ones. If a process
 *       deletes a database that another process owns, their clocks must not differ by more than one
 *       second, which a ceiling lies ahead.
 * </ol>
 */
public abstract class LayeredDatabases extends EmbeddedDatabases {

  /** Creates the stores of a layer. */
  public interface StoreFactory {

    /** The layer's name, which marks its databases. Other layers refuse them. */
    String layer();

    /** Returns the database in a base store, without opening it. */
    SingleWriterStore store(Store base, StampClock stamps);

    /** The listener for transactions that create databases. */
    default TransactionListener listener() {
      return TransactionListener.NONE;
    }

    /** Removes files outside the base after a database and its base store were deleted. */
    default void deleted(Store base) {}

    /** Removes files outside the base that deleted databases have left. Called at the start. */
    default void sweep(Supplier<List<String>> databases) {}

    /** Closes what the stores share. Called after them, also if the adapter failed to start. */
    void close();
  }

  /**
   * A weak reference to the handle of a database. The handle stays reachable while a caller holds
   * it or one of its watches, or the database is open, so an incarnation never has two handles.
   */
  private static final class Handle extends WeakReference<SingleWriterStore> {
    private final String name;
    private final Store base;

    Handle(
        String name,
        Store base,
        SingleWriterStore store,
        ReferenceQueue<SingleWriterStore> unused) {
      super(store, unused);
      this.name = name;
      this.base = base;
    }

    /** Returns the handle if it belongs to this incarnation and is still reachable. */
    Optional<SingleWriterStore> of(Store incarnation) {
      return base.equals(incarnation) ? Optional.ofNullable(get()) : Optional.empty();
    }
  }

  private final StorageAdapter base;
  private final StoreFactory factory;
  private final Map<String, Handle> stores = new ConcurrentHashMap<>();
  private final ReferenceQueue<SingleWriterStore> unused = new ReferenceQueue<>();

  /**
   * Finds the databases of a base.
   *
   * @param base the base; closed with this, also if this constructor throws
   * @param clock the clock of versionstamps
   * @throws StorageException.StoreUnusable if the base holds databases of another layer
   */
  protected LayeredDatabases(StorageAdapter base, StoreFactory factory, InstantSource clock) {
    super(clock);
    this.base = base;
    this.factory = factory;
    try {
      claim();
      floor.raise(base.system().read(LayerRows::floor));
      factory.sweep(() -> base.list(NameRange.all()));
    } catch (RuntimeException | Error e) {
      factory.close();
      base.close();
      throw e;
    }
  }

  private void claim() {
    Optional<String> found = base.system().read(t -> LayerRows.layer(t, "The base"));
    String layer =
        found.orElseGet(
            () -> base.system()
                .write(
                    transaction -> {
                      Optional<String> other = LayerRows.layer(transaction, "The base");
                      if (other.isEmpty()) {
                        LayerRows.mark(transaction, factory.layer());
                      }
                      return other.orElse(factory.layer());
                    })
                .result());
    if (!layer.equals(factory.layer())) {
      throw new StorageException.StoreUnusable(
          "The base holds databases of the layer " + layer + ", not of " + factory.layer());
    }
  }

  @Override
  public final List<String> list(NameRange range) {
    checkOpen();
    return base.list(range);
  }

  @Override
  public final Store create(String name, Consumer<WriteTransaction> initialWork) {
    checkOpen();
    return locked(
        name,
        () -> {
          StampClock stamps = newStamps();
          Store made = make(name, stamps, initialWork);
          SingleWriterStore store = factory.store(made, stamps);
          keep(name, made, store);
          return store;
        });
  }

  private void keep(String name, Store made, SingleWriterStore store) {
    stores.put(name, new Handle(name, made, store, unused));
    dropUnused();
  }

  private void dropUnused() {
    while (unused.poll() instanceof Handle dropped) {
      stores.remove(dropped.name, dropped);
    }
  }

  /** Returns the number of handles in use. */
  final int handleCount() {
    dropUnused();
    return stores.size();
  }

  private Store make(String name, StampClock stamps, Consumer<WriteTransaction> initialWork) {
    Creation creation = new Creation(stamps, initialWork);
    try {
      Store made = base.create(name, creation);
      creation.outcome = TransactionListener.Outcome.DONE;
      return made;
    } finally {
      factory.listener().finished(creation.report());
    }
  }

  /** The work of the base's transaction that creates a database, and its report. */
  private final class Creation implements Consumer<WriteTransaction> {
    private final Optional<Trace.Transaction> trace = Trace.nextTransaction();
    private final long queuedNanos = System.nanoTime();
    private final StampClock stamps;
    private final Consumer<WriteTransaction> initialWork;
    private TransactionListener.Outcome outcome = TransactionListener.Outcome.FAILED;
    private int attempts;
    private long begunNanos = queuedNanos;
    private long workedNanos = queuedNanos;
    private long bytes;

    Creation(StampClock stamps, Consumer<WriteTransaction> initialWork) {
      this.stamps = stamps;
      this.initialWork = initialWork;
    }

    @Override
    public void accept(WriteTransaction transaction) {
      attempts++;
      begunNanos = System.nanoTime();
      outcome = TransactionListener.Outcome.ROLLED_BACK;
      LayerRows.mark(transaction, factory.layer());
      bytes = InitialRows.write(transaction, stamps, initialWork);
      outcome = TransactionListener.Outcome.FAILED;
      workedNanos = System.nanoTime();
    }

    TransactionListener.Report report() {
      long worked = Math.max(begunNanos, workedNanos);
      return new TransactionListener.Report(
          trace,
          TransactionListener.Kind.WRITE,
          outcome,
          attempts,
          Math.max(0, attempts - 1),
          bytes,
          1,
          Duration.ofNanos(begunNanos - queuedNanos),
          Duration.ofNanos(worked - begunNanos),
          Duration.ofNanos(System.nanoTime() - worked));
    }
  }

  private StampClock newStamps() {
    floor.raise(base.system().read(LayerRows::floor));
    return floor.above();
  }

  /**
   * Makes the floor durable, unless the disk is full: a deletion that frees space must not fail.
   * Until the floor is durable, versionstamps can get smaller only if the clock is set back and the
   * process restarts.
   */
  private void writeFloor(long ceiling) {
    floor.raise(ceiling);
    try {
      base.system()
          .write(
              transaction -> {
                LayerRows.raiseFloor(transaction, floor.last());
                return ceiling;
              });
    } catch (StorageException.StoreFull e) {
      return; // the next deletion writes it
    }
  }

  @Override
  public final Store open(String name) {
    checkOpen();
    Store found;
    try {
      found = base.open(name);
    } catch (StorageException.DatabaseNotFound e) {
      forget(stores.get(name), name);
      throw e;
    }
    return used(name, found).orElseGet(() -> locked(name, () -> storeOf(name, found)));
  }

  /** Returns the handle of a base store, and ends the handle of an earlier incarnation. */
  private SingleWriterStore storeOf(String name, Store found) {
    Optional<SingleWriterStore> used = used(name, found);
    if (used.isPresent()) {
      return used.get();
    }
    forget(stores.get(name), name);
    found.read(
        transaction -> {
          LayerRows.require(transaction, name, factory.layer());
          return name;
        });
    SingleWriterStore store = factory.store(found, newStamps());
    keep(name, found, store);
    checkOpen();
    return store;
  }

  private Optional<SingleWriterStore> used(String name, Store incarnation) {
    Handle known = stores.get(name);
    return known == null ? Optional.empty() : known.of(incarnation);
  }

  private void forget(@Nullable Handle known, String name) {
    if (known != null && stores.remove(name, known)) {
      SingleWriterStore gone = known.get();
      if (gone != null) {
        end(gone, name);
      }
    }
  }

  private static void end(SingleWriterStore gone, String name) {
    gone.retire(() -> new StorageException.DatabaseNotFound(name), DELETE_WAIT_MAX);
    gone.closeFiles();
  }

  /** Returns capabilities of the base that hold for the layer, too. */
  @Override
  public final <C extends Capability> Optional<C> capability(Class<C> type) {
    if (type != Capability.UnverifiedHandles.class) {
      boolean ofBase =
          type == Capability.Status.class
              || type == Capability.SharedStorage.class
              || type == Capability.LocalFiles.class;
      return ofBase ? base.capability(type) : super.capability(type);
    }
    return base.capability(Capability.UnverifiedHandles.class)
        .map(handles -> type.cast(unverified(handles)));
  }

  /** Returns the numbers of the layer, followed by those of the base that have other names. */
  protected final List<Measurement> withBase(List<Measurement> own) {
    Set<String> names = own.stream().map(Measurement::name).collect(Collectors.toSet());
    return Stream.concat(
        own.stream(),
        base.capability(Capability.Measured.class).stream()
            .flatMap(measured -> measured.measure().stream())
            .filter(measurement -> !names.contains(measurement.name())))
        .toList();
  }

  private Capability.UnverifiedHandles unverified(Capability.UnverifiedHandles handles) {
    return name -> handles.openUnverified(name).flatMap(found -> used(name, found));
  }

  @Override
  public final void delete(String name) {
    checkOpen();
    locked(
        name,
        () -> {
          Store doomed = base.open(name);
          Handle known = stores.remove(name); // after a failed deletion, open creates another one
          SingleWriterStore gone = known == null ? null : known.get();
          if (gone != null) {
            end(gone, name);
            floor.raise(gone.lastStamp());
          }
          writeFloor(doomed.read(transaction -> LayerRows.ceiling(transaction)));
          base.delete(name);
          factory.deleted(doomed);
          return name;
        });
  }

  @Override
  public final Store system() {
    checkOpen();
    return base.system();
  }

  @Override
  public final void checkHealth() {
    checkOpen();
    base.checkHealth();
  }

  @Override
  protected final List<SingleWriterStore> handles() {
    return stores.values().stream().map(Handle::get).filter(Objects::nonNull).toList();
  }

  @Override
  protected final void closeShared() {
    factory.close();
    base.close();
  }
}
