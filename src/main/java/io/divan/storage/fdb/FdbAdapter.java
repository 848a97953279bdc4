package io.divan.storage.fdb;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.StreamingMode;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.directory.DirectoryLayer;
import io.divan.storage.Capability;
import io.divan.storage.Measurement;
import io.divan.storage.NameRange;
import io.divan.storage.StatusReport;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Databases in one directory of a FoundationDB cluster. Any number of instances share it: no
 * instance owns data, and each sees every commit of the others. Thread-safe.
 *
 * @see <a href="https://apple.github.io/foundationdb/developer-guide.html">FoundationDB's guide</a>
 */
public final class FdbAdapter
    implements StorageAdapter,
    Capability.UnverifiedHandles,
    Capability.Status,
    Capability.Measured,
    Capability.SystemRows,
    Capability.SharedStorage {

  /**
   * A row whose value ends with the newest versionstamp of its database.
   *
   * @param table its table
   * @param key its key
   */
  public record StampRow(Table table, byte[] key) {}

  /**
   * How to use a cluster.
   *
   * @param directory the path of the directory in the directory layer
   * @param timeout the time limit of a transaction including its retries; at least 100 ms
   * @param retriesMax how often a transaction is retried
   * @param watchesMax the maximum number of keys watched in the cluster at a time; FoundationDB
   *     allows 10,000 per connection. Further keys are polled
   * @param maintenancePeriod the interval at which transaction ids are cleared and keys are polled
   * @param maintains whether a thread of this instance does so; otherwise it happens only when the
   *     adapter is closed
   * @param newestStamp the row with the newest versionstamp of a database. A database whose newest
   *     stamp is ahead of the cluster's version is refused, because new stamps would sort before it
   * @param random the source of prefixes and ids; must be thread-safe
   * @param clock the clock that dates transaction ids
   */
  public record Options(
      List<String> directory,
      Duration timeout,
      int retriesMax,
      int watchesMax,
      Duration maintenancePeriod,
      boolean maintains,
      Optional<StampRow> newestStamp,
      RandomGenerator random,
      InstantSource clock) {

    public Options {
      directory = List.copyOf(directory);
      if (directory.isEmpty() || timeout.toMillis() < 100 || retriesMax < 0 || watchesMax < 0) {
        throw new IllegalArgumentException(
            "The directory must not be empty, the timeout must be at least 100 ms,"
                + " and retriesMax and watchesMax must not be negative");
      }
    }

    public static Options defaults() {
      return new Options(
          List.of("divan"),
          Duration.ofSeconds(10),
          100,
          5_000,
          Duration.ofSeconds(1),
          true,
          Optional.empty(),
          new SecureRandom(),
          InstantSource.system());
    }

    /** A copy with another directory. */
    public Options directory(List<String> path) {
      return new Options(
          path, timeout, retriesMax, watchesMax, maintenancePeriod, maintains, newestStamp,
          random, clock);
    }

    /** A copy with another time limit and number of retries. */
    public Options bounds(Duration atMost, int retries) {
      return new Options(
          directory, atMost, retries, watchesMax, maintenancePeriod, maintains, newestStamp,
          random, clock);
    }

    /** A copy with other watch and maintenance settings. */
    public Options maintenance(int watches, Duration period, boolean itself) {
      return new Options(
          directory, timeout, retriesMax, watches, period, itself, newestStamp, random, clock);
    }

    /** A copy that checks the newest versionstamp in this row. */
    public Options newestStamp(StampRow row) {
      return new Options(
          directory, timeout, retriesMax, watchesMax, maintenancePeriod, maintains,
          Optional.of(row), random, clock);
    }

    /** A copy with another source of random numbers and another clock. */
    public Options sources(RandomGenerator numbers, InstantSource time) {
      return new Options(
          directory, timeout, retriesMax, watchesMax, maintenancePeriod, maintains, newestStamp,
          numbers, time);
    }
  }

  private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(2);
  private static final int NAMES_AT_ONCE = 5_000;
  private static final int STORES_KEPT_MAX = 10_000;

  private final Database database;
  private final Options options;
  private final Transactions transactions;
  private final KeySpace keys;
  private final PrefixAllocator prefixes;
  private final Watches watches;
  private final TransactionIds ids;
  private final Maintenance maintenance;
  private final FdbStore system;
  private final ClusterStatus status;

  /** By name. Each handle checks whether its database still exists. */
  private final Map<String, FdbStore> opened = new ConcurrentHashMap<>();

  private volatile boolean closed;

  /**
   * Opens a directory of a cluster, and creates it if it does not exist.
   *
   * @param database the cluster; the adapter closes it
   * @throws StorageException.StoreUnavailable if the cluster does not respond, or a newer version
   *     of Divan wrote the directory
   */
  public FdbAdapter(Database database, Options options, TransactionListener listener) {
    this.database = database;
    this.options = options;
    this.watches = new Watches(options.watchesMax());
    this.transactions =
        new Transactions(
            database, options.timeout(), options.retriesMax(), listener, watches::failed);
    try {
      this.keys = transactions.runUnreported(this::openDirectory);
    } catch (RuntimeException | Error e) {
      FdbClient.close(database);
      throw e;
    }
    this.prefixes = new PrefixAllocator(keys, options.random());
    this.ids = new TransactionIds(keys, options.random(), options.clock());
    this.maintenance = new Maintenance(transactions, ids, watches);
    this.system = store("system", keys.store(KeySpace.SYSTEM_PREFIX));
    this.status = new ClusterStatus(database, options.clock(), System::nanoTime);
    if (options.maintains()) {
      maintenance.start(options.maintenancePeriod());
    }
  }

  private KeySpace openDirectory(Attempt attempt) {
    Transaction transaction = attempt.transaction();
    watches.prototype(transaction.getVersionstamp());
    KeySpace space =
        new KeySpace(
            attempt
                .await(new DirectoryLayer().createOrOpen(transaction, options.directory()))
                .getKey());
    byte[] format = attempt.await(transaction.get(space.format()));
    if (format == null) {
      transaction.set(
          space.format(), new TupleWriter().add(KeySpace.FORMAT_NUMBER).toBytes());
      attempt.setVersionstamp(space.store(KeySpace.SYSTEM_PREFIX).versionKey());
      return space;
    }
    long number = new TupleReader(format).nextLong();
    if (number > KeySpace.FORMAT_NUMBER) {
      throw new StorageException.StoreUnusable(
          "The FoundationDB directory " + String.join("/", options.directory()) + " has format "
              + number + ", but this version of Divan reads formats up to "
              + KeySpace.FORMAT_NUMBER + ": run the version that wrote it, or a newer one");
    }
    return space;
  }

  private FdbStore store(String name, StoreSpace space) {
    return new FdbStore(name, space, transactions, ids, watches);
  }

  @Override
  public List<String> list(NameRange range) {
    transactions.requireOpen();
    byte[] begin = keys.database(range.begin());
    byte[] end =
        range.end().map(keys::database).orElseGet(() -> KeySpace.afterPrefix(keys.allDatabases()));
    List<String> names = new ArrayList<>();
    while (names.size() < range.limit() && Arrays.compareUnsigned(begin, end) < 0) {
      int most = Math.min(range.limit() - names.size(), NAMES_AT_ONCE);
      byte[] from = begin;
      byte[] to = end;
      List<KeyValue> rows =
          transactions.read(
              attempt -> attempt.await(
                  attempt
                      .transaction()
                      .snapshot()
                      .getRange(from, to, most, range.reverse(), StreamingMode.WANT_ALL)
                      .asList()));
      rows.forEach(row -> names.add(keys.databaseName(row.getKey())));
      if (rows.size() < most) {
        break;
      }
      byte[] last = rows.getLast().getKey();
      if (range.reverse()) {
        end = last;
      } else {
        begin = Arrays.copyOf(last, last.length + 1);
      }
    }
    return names;
  }

  @Override
  public Store create(String name, Consumer<WriteTransaction> initialWork) {
    return create(name, initialWork, Optional.empty());
  }

  @Override
  public Store create(
      String name,
      Consumer<WriteTransaction> initialWork,
      Consumer<WriteTransaction> systemWork) {
    return create(name, initialWork, Optional.of(systemWork));
  }

  private Store create(
      String name,
      Consumer<WriteTransaction> initialWork,
      Optional<Consumer<WriteTransaction>> systemWork) {
    return transactions
        .write(
            ids,
            attempt -> {
              Transaction transaction = attempt.transaction();
              byte[] key = keys.database(name);
              if (attempt.await(transaction.get(key)) != null) {
                throw new StorageException.DatabaseExists(name);
              }
              byte[] prefix = prefixes.allocate(attempt);
              FdbStore created = store(name, keys.store(prefix));
              transaction.set(key, new TupleWriter().add(prefix).toBytes());
              attempt.setVersionstamp(created.space().versionKey());
              initialWork.accept(created.initial(attempt));
              systemWork.ifPresent(work -> work.accept(system.writes(attempt)));
              return created;
            })
        .result();
  }

  @Override
  public Store open(String name) {
    return transactions.read(
        attempt -> {
          @Nullable FdbStore known = opened.get(name);
          if (known != null && known.exists(attempt)) {
            return known;
          }
          StoreSpace space = space(attempt, attempt.transaction().snapshot(), name);
          FdbStore store = store(name, space);
          requireStampsGrow(attempt, store);
          if (opened.size() >= STORES_KEPT_MAX) {
            opened.clear(); // bounds the cache; handles are cheap to recreate
          }
          opened.put(name, store);
          return store;
        });
  }

  @Override
  public Optional<Store> openUnverified(String name) {
    return Optional.ofNullable(opened.get(name));
  }

  private StoreSpace space(
      Attempt attempt, com.apple.foundationdb.ReadTransaction transaction, String name) {
    byte[] row = attempt.await(transaction.get(keys.database(name)));
    if (row == null) {
      opened.remove(name);
      throw new StorageException.DatabaseNotFound(name);
    }
    return keys.store(new TupleReader(row).nextBytes());
  }

  /**
   * Refuses a database whose stamps are ahead of the cluster's version, as after its rows were
   * copied into another cluster.
   */
  private void requireStampsGrow(Attempt attempt, FdbStore store) {
    if (options.newestStamp().isEmpty()) {
      return;
    }
    StampRow row = options.newestStamp().get();
    Transaction transaction = attempt.transaction();
    byte[] key = store.space().key(row.table(), row.key());
    byte[] value = attempt.await(transaction.snapshot().get(key));
    if (value == null || value.length < Versionstamp.LENGTH) {
      return;
    }
    long newest =
        Versionstamp.fromBytes(value, value.length - Versionstamp.LENGTH).version();
    long now = attempt.await(transaction.getReadVersion());
    if (Long.compareUnsigned(newest, now) > 0) {
      throw new StorageException.StoreUnusable(
          "The database " + store.name() + " holds changes up to version "
              + Long.toUnsignedString(newest) + ", but the cluster is only at version " + now
              + ", as after a restore, and new changes would sort before old ones: run `fdbcli"
              + " --exec \"advanceversion " + Long.toUnsignedString(newest + 1) + "\"`");
    }
  }

  @Override
  public void delete(String name) {
    delete(name, Optional.empty());
  }

  @Override
  public void delete(String name, Consumer<WriteTransaction> systemWork) {
    delete(name, Optional.of(systemWork));
  }

  private void delete(String name, Optional<Consumer<WriteTransaction>> systemWork) {
    StoreSpace deleted =
        transactions
            .write(
                ids,
                attempt -> {
                  Transaction transaction = attempt.transaction();
                  StoreSpace space = space(attempt, transaction, name);
                  transaction.clear(keys.database(name));
                  transaction.clear(space.begin(), space.end());
                  systemWork.ifPresent(work -> work.accept(system.writes(attempt)));
                  attempt.bumpMetadataVersion();
                  return space;
                })
            .result();
    opened.remove(name);
    watches.fireAll(deleted);
  }

  @Override
  public Store system() {
    transactions.requireOpen();
    return system;
  }

  @Override
  public void checkHealth() {
    try {
      transactions.read(
          HEALTH_TIMEOUT,
          attempt -> {
            if (attempt.await(attempt.transaction().get(keys.format())) == null) {
              throw new StorageException.StoreUnavailable(
                  "The FoundationDB directory " + String.join("/", options.directory())
                      + " no longer exists: restore it, then restart Divan");
            }
            return true;
          });
    } catch (StorageException e) {
      status.expire();
      throw e;
    }
  }

  @Override
  public Optional<StatusReport> status() {
    return closed ? Optional.empty() : status.get();
  }

  @Override
  public List<Measurement> measure() {
    return List.of(
        Measurement.openDatabases(opened.size()),
        Measurement.gauge(
            "fdb.watches", "", "Watches that are armed in the cluster", watches.armed()));
  }

  /** Runs one round of maintenance; for tests. */
  void maintain() {
    maintenance.round();
  }

  /** For tests. */
  Watches watches() {
    return watches;
  }

  /** For tests. */
  KeySpace keys() {
    return keys;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    watches.close();
    maintenance.close();
    maintenance.round();
    transactions.close();
    FdbClient.close(database);
  }
}
