package io.divan.storage.layer;

import io.divan.storage.Capability;
import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.EngineDatabases;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The databases of an engine that keeps each in a store of another adapter, its base, and what is
 * the same for all such layers: databases are listed, made and deleted there, and the server's own
 * store is the base's. Safe for use by many threads.
 *
 * <ol>
 *   <li>A database's first rows are written into its base store by the transaction that makes it;
 *       its engine is given them when it is first opened, before anything else.
 *   <li>A handle belongs to one incarnation of the base store. Unused handles are dropped.
 *   <li>Versionstamps are made here, from the clock: no database gives one above the number that
 *       its base store holds, and none made later begins below what any that was deleted held.
 *       Where another process owns a database that is deleted here, that rests on their clocks
 *       being no further apart than the second that the number lies ahead.
 * </ol>
 */
public abstract class LayeredDatabases extends EngineDatabases {

  /** What a layer's engine does for its databases. */
  public interface Engine {

    /** What databases are marked with, so that no other layer takes them for its own. */
    String layer();

    /** The database in a base store, which is not opened yet. */
    SingleWriterStore store(Store base, StampClock stamps);

    /** Who is told of transactions that make databases. */
    default TransactionListener listener() {
      return TransactionListener.NONE;
    }

    /** A database and its base store are gone: removes what it had elsewhere. */
    default void deleted(Store base) {}

    /** Called at the start: removes what databases have left elsewhere that are none any more. */
    default void sweep(Supplier<List<String>> databases) {}

    /** Ends what the stores share. Called once they are closed; also after a failed start. */
    void close();
  }

  /**
   * The handle of a database, kept while somebody can use it: a caller holds it or one of its
   * watches, or the database is open. So there is never a second one of the same incarnation.
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

    /** The handle if it is of this incarnation and still used. */
    Optional<SingleWriterStore> of(Store incarnation) {
      return base.equals(incarnation) ? Optional.ofNullable(get()) : Optional.empty();
    }
  }

  private final StorageAdapter base;
  private final Engine engine;
  private final Map<String, Handle> stores = new ConcurrentHashMap<>();
  private final ReferenceQueue<SingleWriterStore> unused = new ReferenceQueue<>();

  /**
   * Finds the databases of a base.
   *
   * @param base closed with this, also when this throws
   * @param clock what versionstamps are made of
   * @throws StorageException.StoreUnusable when the base holds another layer's databases
   */
  protected LayeredDatabases(StorageAdapter base, Engine engine, InstantSource clock) {
    super(clock);
    this.base = base;
    this.engine = engine;
    try {
      claim();
      floor.raise(base.system().read(LayerRows::floor));
      engine.sweep(() -> base.list(NameRange.all()));
    } catch (RuntimeException | Error e) {
      engine.close();
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
                        LayerRows.mark(transaction, engine.layer());
                      }
                      return other.orElse(engine.layer());
                    })
                .result());
    if (!layer.equals(engine.layer())) {
      throw new StorageException.StoreUnusable(
          "The base holds databases of the layer " + layer + ", not of " + engine.layer());
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
          SingleWriterStore store = engine.store(made, stamps);
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

  /** How many handles are kept. */
  final int handleCount() {
    dropUnused();
    return stores.size();
  }

  private Store make(String name, StampClock stamps, Consumer<WriteTransaction> initialWork) {
    Making making = new Making(stamps, initialWork);
    try {
      Store made = base.create(name, making);
      making.outcome = TransactionListener.Outcome.DONE;
      return made;
    } finally {
      engine.listener().finished(making.report());
    }
  }

  /** The transaction of the base that makes a database, and what is told of it. */
  private final class Making implements Consumer<WriteTransaction> {
    private final Optional<String> trace = Trace.nextTransaction();
    private final long queuedNanos = System.nanoTime();
    private final StampClock stamps;
    private final Consumer<WriteTransaction> initialWork;
    private TransactionListener.Outcome outcome = TransactionListener.Outcome.FAILED;
    private int attempts;
    private long begunNanos = queuedNanos;
    private long workedNanos = queuedNanos;
    private long bytes;

    Making(StampClock stamps, Consumer<WriteTransaction> initialWork) {
      this.stamps = stamps;
      this.initialWork = initialWork;
    }

    @Override
    public void accept(WriteTransaction transaction) {
      attempts++;
      begunNanos = System.nanoTime();
      outcome = TransactionListener.Outcome.ROLLED_BACK;
      LayerRows.mark(transaction, engine.layer());
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
   * Makes the floor durable. A full disk keeps nobody from deleting: until the next time only a
   * clock that is set back could make versionstamps smaller, and only for the next process.
   */
  private void noteFloor(long ceiling) {
    floor.raise(ceiling);
    try {
      base.system()
          .write(
              transaction -> {
                LayerRows.raiseFloor(transaction, floor.last());
                return ceiling;
              });
    } catch (StorageException.StoreFull e) {
      return; // it is still greater than what is noted
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

  /** The handle of a base store; the one of an incarnation before it ends. */
  private SingleWriterStore storeOf(String name, Store found) {
    Optional<SingleWriterStore> used = used(name, found);
    if (used.isPresent()) {
      return used.get();
    }
    forget(stores.get(name), name);
    found.read(
        transaction -> {
          LayerRows.require(transaction, name, engine.layer());
          return name;
        });
    SingleWriterStore store = engine.store(found, newStamps());
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

  /** The base's capabilities of adapters are the layer's. */
  @Override
  public final <C extends Capability> Optional<C> capability(Class<C> type) {
    if (type != Capability.UnverifiedHandles.class) {
      boolean ofBase =
          type == Capability.Status.class || type == Capability.SharedStorage.class;
      return ofBase ? base.capability(type) : super.capability(type);
    }
    return base.capability(Capability.UnverifiedHandles.class)
        .map(handles -> type.cast(unverified(handles)));
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
          Handle known = stores.remove(name); // a failed deletion leaves the next handle to open
          SingleWriterStore gone = known == null ? null : known.get();
          if (gone != null) {
            end(gone, name);
            floor.raise(gone.lastStamp());
          }
          noteFloor(doomed.read(transaction -> LayerRows.ceiling(transaction)));
          base.delete(name);
          engine.deleted(doomed);
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
    engine.close();
    base.close();
  }
}
