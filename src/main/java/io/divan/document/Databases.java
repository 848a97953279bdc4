package io.divan.document;

import io.divan.document.rows.Tables;
import io.divan.storage.Capability;
import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The databases of the service. Safe for use by many threads. */
public final class Databases {

  /** In the system store: facts about the server, such as its uuid. */
  public static final Table SERVER = new Table(16, "metadata");

  private static final int OPEN_MAX = 1_000;

  private final StorageAdapter adapter;
  private final Optional<Capability.UnverifiedHandles> unverified;
  private final Clock clock;
  private final EditHooks hooks;
  private final CommitListener.Factory listeners;
  private final AccessPolicy policy;
  private final DatabaseEvents events;
  private final Format format;
  private final Map<String, Database> open = new ConcurrentHashMap<>();

  /** The databases of an adapter, without rules and observers. */
  public Databases(StorageAdapter adapter, Clock clock) {
    this(adapter, clock, store -> commit -> {}, EditHooks.NONE);
  }

  /** The databases of an adapter, which everybody may use. */
  public Databases(
      StorageAdapter adapter, Clock clock, CommitListener.Factory listeners, EditHooks hooks) {
    this(adapter, clock, listeners, hooks, AccessPolicy.OPEN);
  }

  /**
   * The databases of an adapter.
   *
   * @param listeners hear of committed edits
   */
  public Databases(
      StorageAdapter adapter,
      Clock clock,
      CommitListener.Factory listeners,
      EditHooks hooks,
      AccessPolicy policy) {
    this(adapter, clock, listeners, hooks, policy, Format.CURRENT);
  }

  /** The databases of an adapter as another version of this service would use them. */
  Databases(StorageAdapter adapter, Clock clock, Format format) {
    this(adapter, clock, store -> commit -> {}, EditHooks.NONE, AccessPolicy.OPEN, format);
  }

  private Databases(
      StorageAdapter adapter,
      Clock clock,
      CommitListener.Factory listeners,
      EditHooks hooks,
      AccessPolicy policy,
      Format format) {
    this.format = format;
    this.policy = policy;
    this.adapter = adapter;
    this.unverified = adapter.capability(Capability.UnverifiedHandles.class);
    this.clock = clock;
    this.listeners = listeners;
    this.events = new DatabaseEvents(adapter);
    this.hooks =
        new EditHooks(List.of(), List.of(), List.of(DesignDocuments.BUMP)).and(hooks);
  }

  /** The table that holds a database's newest versionstamp, for backends that check it. */
  public static Table newestStampTable() {
    return Tables.STATS;
  }

  /** The key in {@link #newestStampTable()}. */
  public static byte[] newestStampKey() {
    return Tables.LAST_CHANGE.clone();
  }

  /** The names of the databases in a range, in order. */
  public List<String> list(NameRange range) {
    return adapter.list(range);
  }

  /**
   * Creates an empty database.
   *
   * @throws StorageException.DatabaseExists when the name is taken
   * @throws StorageException.LimitExceeded when the name is too long
   */
  public void create(String name) {
    events.create(
        name,
        transaction -> {
          format.write(transaction);
          transaction.put(
              Tables.METADATA, Tables.UUID, new TupleWriter().add(uuid()).toBytes());
          transaction.put(
              Tables.METADATA,
              Tables.CREATED,
              new TupleWriter().add(clock.instant().getEpochSecond()).toBytes());
          transaction.put(Tables.METADATA, Tables.OLD_BYTES_KNOWN, new byte[0]);
          if (policy.letsEverybodyIntoNew(name)) {
            byte[] security = SecurityObject.everyone().json();
            transaction.put(Tables.METADATA, Tables.SECURITY, security);
          }
          transaction.put(Tables.STATS, Tables.UPDATE_COUNT, new byte[Long.BYTES]);
        });
  }

  /**
   * A database.
   *
   * @param principal on whose behalf it is read and edited
   * @throws StorageException.DatabaseNotFound when it does not exist
   */
  public Database open(String name, Principal principal) {
    return open(name).as(principal);
  }

  /** A database that acts as the server administrator. */
  Database open(String name) {
    Store store = adapter.open(name);
    Database known = open.get(name);
    if (known != null && known.store().equals(store)) {
      return known;
    }
    format.check(store);
    Database database =
        new Database(
            store,
            new DatabaseSettings.Cache(name, format),
            listener(store),
            hooks,
            policy,
            Principal.SERVER_ADMIN,
            clock);
    if (open.size() >= OPEN_MAX) {
      open.clear(); // bounds the cache; handles are cheap to create
    }
    open.put(name, database);
    return database;
  }

  /**
   * Returns a database for one request that runs at least one transaction. A recently opened
   * database is not looked up, which saves a round trip to a cluster: the first transaction detects
   * that it no longer exists, and opens another one of that name. Until then only one thread may
   * use the handle.
   *
   * @param principal on whose behalf it is read and edited
   * @throws StorageException.DatabaseNotFound when it does not exist; thrown here or by the first
   *     transaction
   */
  public Database openForRequest(String name, Principal principal) {
    Database known = open.get(name);
    return known != null && isHandleOf(known.store(), name)
        ? known.as(principal).revalidated(() -> open(name).store())
        : open(name, principal);
  }

  /**
   * Checks that a principal may do something with a database, before the request is read. Costs
   * nothing where the security object that was last read allows it: the transactions of the request
   * check again, against the present one.
   *
   * @throws DocumentException.Unauthorized when the principal is anonymous and may not
   * @throws DocumentException.Forbidden when another principal may not
   * @throws StorageException.DatabaseNotFound when the database does not exist; not thrown for
   *     server administrators
   */
  public void checkEarly(String name, Principal principal, Action action) {
    if (!principal.isServerAdmin()) {
      openForRequest(name, principal).checkEarly(action);
    }
  }

  private CommitListener listener(Store store) {
    CommitListener notes = events.listenerOf(store);
    CommitListener other = listeners.listenerOf(store);
    return new CommitListener() {
      @Override
      public void committed(Commit commit) {
        notes.committed(commit);
        other.committed(commit);
      }

      @Override
      public void uploading() {
        other.uploading();
      }
    };
  }

  /** Which databases were created, deleted and updated. */
  public DatabaseEvents events() {
    return events;
  }

  /** Whether the adapter still knows a store by its name; asks nothing of a cluster. */
  private boolean isHandleOf(Store store, String name) {
    return unverified
        .flatMap(handles -> handles.openUnverified(name))
        .filter(store::equals)
        .isPresent();
  }

  /** Returns whether a database is an unfinished copy. */
  public static boolean isUnfinishedCopy(Store store) {
    return store.read(
        transaction -> transaction.get(Tables.FORMAT, Tables.COPYING).isPresent());
  }

  /**
   * Refuses a database that this code cannot read.
   *
   * @throws StorageException.StoreUnusable when its format is unknown, or its copy unfinished
   */
  public static void checkFormat(Store store) {
    Format.CURRENT.check(store);
  }

  /**
   * Deletes a database.
   *
   * @throws StorageException.DatabaseNotFound when it does not exist
   */
  public void delete(String name) {
    events.delete(name);
    open.remove(name);
  }

  /**
   * Reads one row, to find out whether the storage works.
   *
   * @throws StorageException when the storage cannot serve
   */
  public void checkHealth() {
    adapter.checkHealth();
  }

  /** The random, permanent id of this service's data: 32 hexadecimal digits. */
  public String serverUuid() {
    byte[] key = Tables.UUID;
    return adapter
        .system()
        .write(
            transaction -> transaction
                .get(SERVER, key)
                .map(value -> new TupleReader(value).nextString())
                .orElseGet(
                    () -> {
                      String uuid = uuid();
                      transaction.put(SERVER, key, new TupleWriter().add(uuid).toBytes());
                      return uuid;
                    }))
        .result();
  }

  private static String uuid() {
    return UUID.randomUUID().toString().replace("-", "");
  }
}
