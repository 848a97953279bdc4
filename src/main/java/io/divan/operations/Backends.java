package io.divan.operations;

import io.divan.document.Databases;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.FdbClient;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.ApiEngine;
import io.divan.storage.leveldb.LevelDbAdapter;
import io.divan.storage.leveldb.LevelDbEngine;
import io.divan.storage.leveldb.lsm.LsmEngine;
import io.divan.storage.leveldb.lsm.LsmLevelDb;
import io.divan.storage.redb.RedbAdapter;
import io.divan.storage.sqlite.SqliteFileAdapter;
import io.divan.storage.sqlite.SqlitePagesAdapter;
import io.divan.storage.sqlite.pages.PageOptions;
import io.divan.storage.sqlite.pages.SqlitePages;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.unit.DataSize;

/** The storage backends by name, as they are configured. The only place that names an adapter. */
final class Backends {

  /** Those whose databases outlive the process. */
  static final List<String> LASTING = List.of("sqlite", "redb", "fdb", "leveldb");

  private static final DataSize CACHE_MIN = DataSize.ofMegabytes(1);

  /** How long pages stay readable after they were overwritten, where the base forgets sooner. */
  private static final Duration OLD_PAGES = Duration.ofMinutes(1);

  private static final Duration LEASE_IDLE = Duration.ofSeconds(1);

  /** Somewhat longer than a lease lasts that nobody renews. */
  private static final Duration LEASE_OF_THE_DEAD = Duration.ofSeconds(12);

  /** What layers are put over. */
  private static final List<String> BASES = List.of("redb", "fdb", "memory");

  private static final String ALL = "sqlite, redb, fdb, leveldb or memory";

  private final StorageProperties properties;
  private final TransactionListener listener;
  private final ObjectProvider<SimulatedFoundationDb> memory;
  private volatile Duration ownerWait = Duration.ZERO;

  Backends(
      StorageProperties properties,
      TransactionListener listener,
      ObjectProvider<SimulatedFoundationDb> memory) {
    this.properties = properties;
    this.listener = listener;
    this.memory = memory;
  }

  /**
   * Has what is opened from now on wait for a database that another process owns: so long that one
   * which was killed is known to be gone.
   */
  void waitForOwners() {
    ownerWait = LEASE_OF_THE_DEAD;
  }

  /**
   * Opens the backend that is configured, {@code redb} where none is.
   *
   * @throws StartRefused when it cannot be used as it is configured; and where none is, and the
   *     directory holds databases of what was the default before, and no others: nobody shall find
   *     an empty service in the place of the former one
   */
  StorageAdapter open() {
    String backend = properties.backend();
    if (backend == null) {
      Path directory = properties.directory();
      if (holds(directory, "*~*.sqlite") && !holds(directory, "*~*.redb")) {
        throw new StartRefused(
            directory + " holds databases of SQLite, and divan.storage.backend is not set.",
            "Set divan.storage.backend to sqlite to go on with them, or to redb, the default now,"
                + " to begin without them; or bring them there with the command: copy --from"
                + " sqlite --to redb");
      }
      return open("redb");
    }
    return open(backend);
  }

  private static boolean holds(Path directory, String names) {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, names)) {
      return files.iterator().hasNext();
    } catch (IOException e) {
      return false; // opening it tells what is wrong with it
    }
  }

  /**
   * Opens a backend, whether or not it is the one configured.
   *
   * @throws StartRefused when it cannot be used as it is configured
   */
  StorageAdapter open(String backend) {
    return new CheckedAdapter(
        switch (backend) {
          case "sqlite" -> sqlite();
          case "redb" -> redb(properties.directory(), listener);
          case "fdb" -> fdb(properties.fdb().directory(), listener);
          case "memory" -> memory(properties.fdb().directory(), listener);
          case "leveldb" -> leveldb();
          default ->
              throw new StartRefused(
                  "divan.storage.backend is \"" + backend + "\", which is unknown.",
                  "Set divan.storage.backend to " + ALL + ".");
        });
  }

  private StorageAdapter memory(List<String> directory, TransactionListener told) {
    return new FdbAdapter(memory.getObject().open(), fdbOptions(directory), told);
  }

  private StorageAdapter redb(Path directory, TransactionListener told) {
    RedbAdapter.Options options = RedbAdapter.Options.of(directory);
    DataSize cache = properties.redb().cacheSize();
    if (cache == null) {
      return new RedbAdapter(options, told);
    }
    if (cache.compareTo(CACHE_MIN) < 0) {
      throw new StartRefused(
          "divan.storage.redb.cache-size is " + cache + ", which is too small.",
          "Set divan.storage.redb.cache-size to 1MB at least, or remove it.");
    }
    return new RedbAdapter(options.cacheBytes(cache.toBytes()), told);
  }

  private StorageAdapter sqlite() {
    StorageProperties.Sqlite settings = properties.sqlite();
    return switch (settings.engine()) {
      case "file" ->
          new SqliteFileAdapter(SqliteFileAdapter.Options.of(properties.directory()), listener);
      case "pages" -> sqlitePages(settings.over());
      default ->
          throw new StartRefused(
              "divan.storage.sqlite.engine is \"" + settings.engine() + "\", which is unknown.",
              "Set divan.storage.sqlite.engine to file or pages.");
    };
  }

  private StorageAdapter sqlitePages(String over) {
    requireOver("sqlite", "pages", over, BASES);
    try {
      SqlitePages.requireUsable();
    } catch (StorageException.StoreUnavailable e) {
      throw new StartRefused(
          e.getMessage() + ".", "Set divan.storage.sqlite.engine to file, or change that.");
    }
    PageOptions pages =
        PageOptions.defaults()
            .leases(leases(over), LEASE_IDLE)
            .keepOldPages(over.equals("redb") ? Duration.ZERO : OLD_PAGES);
    return new SqlitePagesAdapter(
        base(over, "sqlite-pages"),
        SqlitePagesAdapter.Options.of(pages).ownerWait(ownerWait),
        listener);
  }

  /**
   * What a layer's databases lie in: apart from those of the backend of that name, and of other
   * layers. Its transactions are not told of: the layer tells of its own.
   *
   * @param layer what its directory is called
   */
  private StorageAdapter base(String over, String layer) {
    List<String> directory = new ArrayList<>(properties.fdb().directory());
    directory.add(layer);
    return switch (over) {
      case "redb" -> redb(properties.directory().resolve(layer), TransactionListener.NONE);
      case "fdb" -> fdb(directory, TransactionListener.NONE);
      case "memory" -> memory(directory, TransactionListener.NONE);
      default -> throw new IllegalStateException(over);
    };
  }

  private StorageAdapter leveldb() {
    StorageProperties.LevelDb settings = properties.leveldb();
    LevelDbEngine engine =
        switch (settings.engine()) {
          case "api" -> apiEngine(settings.over());
          case "lsm" -> lsmEngine(settings.over());
          default ->
              throw new StartRefused(
                  "divan.storage.leveldb.engine is \"" + settings.engine()
                      + "\", which is unknown.",
                  "Set divan.storage.leveldb.engine to api or lsm.");
        };
    return new LevelDbAdapter(
        base(settings.over().equals("file") ? "redb" : settings.over(), "leveldb"),
        engine,
        LevelDbAdapter.Options.defaults(),
        listener);
  }

  private LevelDbEngine apiEngine(String over) {
    requireOver("leveldb", "api", over, BASES);
    return over.equals("fdb")
        ? ApiEngine.shared(leases(over), ownerWait)
        : ApiEngine.exclusive();
  }

  private LevelDbEngine lsmEngine(String over) {
    requireOver("leveldb", "lsm", over, Stream.concat(BASES.stream(), Stream.of("file")).toList());
    if (over.equals("file")) {
      return LsmEngine.inDirectories(properties.directory().resolve("leveldb").resolve("lsm"));
    }
    return LsmEngine.inStores(
        leases(over), LsmLevelDb.Settings.defaults().lockWait(ownerWait));
  }

  private static void requireOver(
      String backend, String engine, String over, List<String> possible) {
    if (!possible.contains(over)) {
      throw new StartRefused(
          "divan.storage." + backend + ".over is \"" + over + "\", which the engine " + engine
              + " cannot be put over.",
          "Set divan.storage." + backend + ".over to "
              + String.join(", ", possible.subList(0, possible.size() - 1)) + " or "
              + possible.getLast() + ".");
    }
  }

  /** Leases of what the processes that share the configured storage do by turns. */
  Leases.Options leases() {
    String backend = Optional.ofNullable(properties.backend()).orElse("redb");
    return leases(
        switch (backend) {
          case "sqlite" -> properties.sqlite().engine().equals("pages")
              ? properties.sqlite().over()
              : backend;
          case "leveldb" -> properties.leveldb().over();
          default -> backend;
        });
  }

  /** How databases over a base are owned: other processes use none but the cluster's. */
  private static Leases.Options leases(String over) {
    String thisProcess = ManagementFactory.getRuntimeMXBean().getName();
    return over.equals("fdb")
        ? Leases.Options.shared(thisProcess)
        : Leases.Options.exclusive(thisProcess);
  }

  private StorageAdapter fdb(List<String> directory, TransactionListener told) {
    StorageProperties.Fdb fdb = properties.fdb();
    FdbClient.Tls tls =
        new FdbClient.Tls(
            Optional.ofNullable(fdb.tlsCertificateFile()),
            Optional.ofNullable(fdb.tlsKeyFile()),
            Optional.ofNullable(fdb.tlsCaFile()),
            Optional.ofNullable(fdb.tlsPassword()),
            Optional.ofNullable(fdb.tlsVerifyPeers()));
    TlsFiles.check(tls, System.getenv());
    FdbClient.Settings settings =
        new FdbClient.Settings(
            fdb.clusterFile(),
            Optional.ofNullable(fdb.traceDirectory()),
            tls,
            Optional.ofNullable(fdb.externalClientDirectory()),
            fdb.knobs());
    try {
      return new FdbAdapter(FdbClient.open(settings), fdbOptions(directory), told);
    } catch (FdbClient.Unusable e) {
      throw new StartRefused(e.getMessage(), e.action());
    } catch (StorageException.StoreUnavailable e) {
      throw new StartRefused(
          "The FoundationDB cluster of " + fdb.clusterFile() + " cannot be used: "
              + e.getMessage() + ".",
          "See whether it is available: fdbcli -C " + fdb.clusterFile()
              + " --exec status; correct divan.storage.fdb.cluster-file where it is another one;"
              + " see whether both sides use TLS, with certificates that each other trusts, or"
              + " neither.");
    }
  }

  private FdbAdapter.Options fdbOptions(List<String> directory) {
    StorageProperties.Fdb fdb = properties.fdb();
    FdbAdapter.Options defaults = FdbAdapter.Options.defaults();
    return defaults
        .directory(directory)
        .bounds(fdb.timeout(), fdb.retryLimit())
        .maintenance(fdb.watchLimit(), defaults.maintenancePeriod(), true)
        .newestStamp(
            new FdbAdapter.StampRow(
                Databases.newestStampTable(), Databases.newestStampKey()));
  }
}
