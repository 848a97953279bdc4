package io.divan.document;

import io.divan.document.rows.Tables;
import io.divan.storage.Capability;
import io.divan.storage.KeyValue;
import io.divan.storage.NameRange;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Stamp;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The events of databases: which were created, deleted and updated, in one order. They are rows of
 * the system store, one for each name: the newest event of a database replaces the older one. Safe
 * for use by many threads.
 *
 * <pre>
 * database_events        (versionstamp)   tuple (kind, name); the key is the event's sequence
 *                        ("last")         12 bytes: the highest sequence
 *                        ("complete")     empty; exists once all databases have had an event
 * database_event_names   (name)           1 byte: the kind, then 12 bytes: the sequence
 * database_intents       (name)           1 byte: the kind; exists until the event is written
 * </pre>
 *
 * <p>A kind is a number: {@link Kind#code}.
 *
 * <ol>
 *   <li>Where the adapter has {@link Capability.SystemRows}, an event commits with the creation or
 *       deletion that it reports.
 *   <li>Elsewhere an intent is written first, and replaced by the event afterwards. A crash in
 *       between leaves the intent, or a database without its event; {@link #reconcile} compares
 *       events with databases and writes what is missing. Creations and deletions of one name take
 *       turns within a process, so that their events have their order.
 *   <li>Edits only note the name of their database in memory. {@link #flush}, called once a second,
 *       writes one event for each such database. A crash loses at most the updates noted since.
 *   <li>An update never follows the deletion of its database.
 * </ol>
 */
public final class DatabaseEvents {

  /** The events by sequence. */
  public static final Table EVENTS = new Table(33, "database_events");

  /** The newest event of each name. */
  public static final Table NAMES = new Table(34, "database_event_names");

  /** The names of databases that are being created or deleted. */
  public static final Table INTENTS = new Table(35, "database_intents");

  /** What happened to a database. */
  public enum Kind {
    CREATED(0),
    UPDATED(1),
    DELETED(2);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }

    static Kind of(long code) {
      return Stream.of(values())
          .filter(kind -> kind.code == code)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("Unknown kind of event: " + code));
    }
  }

  /**
   * The newest event of a database.
   *
   * @param sequence the key of the event, which orders all events
   * @param database the database's name
   * @param kind what happened
   */
  public record Event(Versionstamp sequence, String database, Kind kind) {}

  /**
   * Records that a handle's database was updated. The flag keeps all edits but the first from
   * accessing the map.
   */
  private final class Updates implements CommitListener {
    private final String name;
    private volatile boolean noted;

    Updates(String name) {
      this.name = name;
    }

    @Override
    public void committed(Commit commit) {
      note();
    }

    void note() {
      if (!noted) {
        noted = true;
        Updates other = updated.put(name, this);
        if (other != null && other != this) {
          other.noted = false; // another handle of the same name
        }
      }
    }
  }

  private static final System.Logger LOG = System.getLogger(DatabaseEvents.class.getName());
  private static final byte[] LAST = Tables.key("last");
  private static final byte[] COMPLETE = Tables.key("complete");
  private static final int LOCKS = 64;
  private static final int NAMES_A_WRITE = 500;

  private final StorageAdapter adapter;
  private final Optional<Capability.SystemRows> joint;
  private final ReentrantLock[] locks =
      Stream.generate(ReentrantLock::new).limit(LOCKS).toArray(ReentrantLock[]::new);

  /** The databases updated since the last flush, with the handles that noted it. */
  private final Map<String, Updates> updated = new ConcurrentHashMap<>();

  /** Names whose last creation or deletion could not be reported yet. */
  private final Set<String> unsettled = ConcurrentHashMap.newKeySet();

  DatabaseEvents(StorageAdapter adapter) {
    this.adapter = adapter;
    this.joint = adapter.capability(Capability.SystemRows.class);
  }

  /** The events after a sequence, in their order. */
  public List<Event> list(Versionstamp after, int limit) {
    byte[] afterKey = Tables.changeKey(after);
    byte[] begin = Arrays.copyOf(afterKey, afterKey.length + 1);
    byte[] end = {(byte) (Tables.CHANGE_PREFIX[0] + 1)};
    return adapter
        .system()
        .read(
            transaction -> transaction.scan(Range.of(EVENTS, begin, end).limit(limit)).rows()
                .stream()
                .map(DatabaseEvents::decode)
                .toList());
  }

  private static Event decode(KeyValue row) {
    TupleReader value = new TupleReader(row.value());
    Kind kind = Kind.of(value.nextLong());
    return new Event(
        new TupleReader(row.key()).nextVersionstamp(), value.nextString(), kind);
  }

  /** The sequence of the newest event, or {@link Versionstamp#ZERO}. */
  public Versionstamp last() {
    return adapter.system().read(transaction -> stamp(transaction.get(EVENTS, LAST)));
  }

  private static Versionstamp stamp(Optional<byte[]> value) {
    return value.map(bytes -> Versionstamp.fromBytes(bytes, 0)).orElse(Versionstamp.ZERO);
  }

  /**
   * Waits until there is an event after a sequence.
   *
   * @return whether there may be one; false when the time is over
   */
  public boolean await(Versionstamp after, Duration atMost) throws InterruptedException {
    Optional<Watch> watch =
        adapter
            .system()
            .read(
                transaction -> stamp(transaction.get(EVENTS, LAST)).compareTo(after) > 0
                    ? Optional.empty()
                    : Optional.of(transaction.watch(EVENTS, LAST)));
    if (watch.isEmpty()) {
      return true;
    }
    try (Watch armed = watch.get()) {
      return armed.await(atMost);
    }
  }

  /** Creates a database and reports it. */
  Store create(String name, Consumer<WriteTransaction> initialWork) {
    if (joint.isPresent()) {
      return joint.get().create(name, initialWork, event(name, Kind.CREATED));
    }
    return exists(name)
        ? adapter.create(name, initialWork) // which refuses it
        : withIntent(name, Kind.CREATED, () -> adapter.create(name, initialWork));
  }

  /** Deletes a database and reports it. */
  void delete(String name) {
    if (joint.isPresent()) {
      joint.get().delete(name, event(name, Kind.DELETED));
    } else if (!exists(name)) {
      adapter.delete(name); // which reports that it is missing
    } else {
      withIntent(
          name,
          Kind.DELETED,
          () -> {
            adapter.delete(name);
            return name;
          });
    }
  }

  private static Consumer<WriteTransaction> event(String name, Kind kind) {
    return transaction -> put(transaction, Map.of(name, kind));
  }

  private boolean exists(String name) {
    return !adapter
        .list(new NameRange(name, Optional.of(name + '\0'), false, 1))
        .isEmpty();
  }

  private <T> T withIntent(String name, Kind kind, Supplier<T> change) {
    ReentrantLock lock = lock(name);
    lock.lock();
    try {
      intend(name, kind);
      boolean done = false;
      try {
        T result = change.get();
        done = true;
        return result;
      } finally {
        report(name, done ? Optional.of(kind) : Optional.empty());
      }
    } finally {
      lock.unlock();
    }
  }

  private void intend(String name, Kind kind) {
    try {
      byte[] value = {kind.code};
      system(transaction -> transaction.put(INTENTS, Tables.key(name), value));
    } catch (StorageException.StoreFull e) {
      if (kind != Kind.DELETED) {
        throw e;
      }
      // A deletion gives space back. After a crash, reconcile finds that the database is gone.
    }
  }

  /** Replaces an intent by the event, if the change was made. A failure is retried by flush. */
  private void report(String name, Optional<Kind> kind) {
    try {
      system(
          transaction -> {
            transaction.delete(INTENTS, Tables.key(name));
            kind.ifPresent(of -> put(transaction, Map.of(name, of)));
          });
    } catch (StorageException e) {
      unsettled.add(name);
      LOG.log(
          System.Logger.Level.WARNING,
          "The creation or deletion of the database " + name + " could not be"
              + " recorded yet and will be retried",
          e);
    }
  }

  private ReentrantLock lock(String name) {
    return locks[Math.floorMod(name.hashCode(), LOCKS)];
  }

  private void system(Consumer<WriteTransaction> work) {
    adapter
        .system()
        .write(
            transaction -> {
              work.accept(transaction);
              return true;
            });
  }

  /** Writes the newest events of these names, in place of their older ones. */
  private static void put(WriteTransaction transaction, Map<String, Kind> events) {
    List<String> names = List.copyOf(events.keySet());
    List<Optional<byte[]>> before =
        transaction.getAll(NAMES, names.stream().map(Tables::key).toList());
    Map<String, Kind> news = new HashMap<>(events);
    for (int i = 0; i < names.size(); i++) {
      Optional<byte[]> row = before.get(i);
      boolean gone = row.isPresent() && row.get()[0] == Kind.DELETED.code;
      if (gone && events.get(names.get(i)) == Kind.UPDATED) {
        news.remove(names.get(i)); // it was deleted after the update
      } else {
        row.ifPresent(
            value -> transaction.delete(EVENTS, Tables.changeKey(Versionstamp.fromBytes(value,
                1))));
      }
    }
    Optional<Stamp> last = Optional.empty();
    for (Map.Entry<String, Kind> event : news.entrySet()) {
      byte code = event.getValue().code;
      Stamp stamp = transaction.stamp();
      transaction.putStampedKey(
          EVENTS,
          Tables.CHANGE_PREFIX,
          stamp,
          new byte[0],
          new TupleWriter().add(code).add(event.getKey()).toBytes());
      transaction.putStampedValue(
          NAMES, Tables.key(event.getKey()), new byte[] {code}, stamp, new byte[0]);
      last = Optional.of(stamp);
    }
    last.ifPresent(
        stamp -> transaction.putStampedValue(EVENTS, LAST, new byte[0], stamp, new byte[0]));
  }

  /** The listener that notes the updates of a database. */
  CommitListener listenerOf(Store store) {
    return new Updates(store.name());
  }

  /**
   * Writes the events of the databases that were updated since the last call. Where that fails, the
   * next call writes them.
   */
  public void flush() {
    for (String name : List.copyOf(unsettled)) {
      unsettled.remove(name); // first: a report that fails from here on adds it again
      boolean settled = false;
      try {
        settle(name);
        settled = true;
      } finally {
        if (!settled) {
          unsettled.add(name);
        }
      }
    }
    List<Updates> noted = new ArrayList<>();
    for (Map.Entry<String, Updates> entry : List.copyOf(updated.entrySet())) {
      if (updated.remove(entry.getKey(), entry.getValue())) {
        noted.add(entry.getValue());
      }
    }
    noted.forEach(updates -> updates.noted = false); // edits from here on are noted again
    for (int from = 0; from < noted.size(); from += NAMES_A_WRITE) {
      List<Updates> some = noted.subList(from, Math.min(noted.size(), from + NAMES_A_WRITE));
      boolean done = false;
      try {
        Map<String, Kind> events = new HashMap<>();
        some.forEach(updates -> events.put(updates.name, Kind.UPDATED));
        system(transaction -> put(transaction, events));
        done = true;
      } finally {
        if (!done) {
          noted.subList(from, noted.size()).forEach(Updates::note);
        }
      }
    }
  }

  /**
   * Compares the events with the databases, and writes the events that are missing: of databases
   * that an earlier version or another program created, and of creations and deletions that a crash
   * has interrupted. Called once at start; others may create and delete databases meanwhile. Where
   * events commit with what they report, only the first call ever has anything to do.
   */
  public void reconcile() {
    if (joint.isPresent()
        && adapter.system().read(tx -> tx.get(EVENTS, COMPLETE).isPresent())) {
      return;
    }
    Set<String> suspects = new HashSet<>(keys(INTENTS));
    Map<String, Kind> known = new HashMap<>();
    Optional<Range> rest = Optional.of(Range.all(NAMES));
    while (rest.isPresent()) {
      Range range = rest.get();
      Page page = adapter.system().read(transaction -> transaction.scan(range));
      page.rows()
          .forEach(
              row -> known.put(
                  new TupleReader(row.key()).nextString(), Kind.of(row.value()[0])));
      rest = page.rest();
    }
    Set<String> present = new HashSet<>(names());
    present.stream()
        .filter(name -> known.getOrDefault(name, Kind.DELETED) == Kind.DELETED)
        .forEach(suspects::add);
    known.forEach(
        (name, kind) -> {
          if (kind != Kind.DELETED && !present.contains(name)) {
            suspects.add(name);
          }
        });
    suspects.forEach(this::settle);
    system(transaction -> transaction.put(EVENTS, COMPLETE, new byte[0]));
  }

  private Collection<String> keys(Table table) {
    List<String> keys = new ArrayList<>();
    Optional<Range> rest = Optional.of(Range.all(table));
    while (rest.isPresent()) {
      Range range = rest.get();
      Page page = adapter.system().read(transaction -> transaction.scan(range));
      page.rows().forEach(row -> keys.add(new TupleReader(row.key()).nextString()));
      rest = page.rest();
    }
    return keys;
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    List<String> some;
    String begin = "";
    do {
      some = adapter.list(new NameRange(begin, Optional.empty(), false, 1_000));
      names.addAll(some);
      begin = some.isEmpty() ? begin : some.getLast() + '\0';
    } while (some.size() == 1_000);
    return names;
  }

  /** Writes the event that a name lacks, if it still lacks one, and removes its intent. */
  private void settle(String name) {
    ReentrantLock lock = lock(name);
    lock.lock();
    try {
      Kind kind = exists(name) ? Kind.CREATED : Kind.DELETED;
      byte[] key = Tables.key(name);
      system(
          transaction -> {
            boolean created =
                transaction
                    .get(INTENTS, key)
                    .filter(row -> row[0] == Kind.CREATED.code)
                    .isPresent();
            boolean wasThere =
                transaction
                    .get(NAMES, key)
                    .filter(row -> row[0] != Kind.DELETED.code)
                    .isPresent();
            boolean isThere = kind == Kind.CREATED;
            transaction.delete(INTENTS, key);
            if (isThere != wasThere || created && isThere) {
              put(transaction, Map.of(name, kind));
            }
          });
    } finally {
      lock.unlock();
    }
  }
}
