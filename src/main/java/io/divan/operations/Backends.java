package io.divan.operations;

import io.divan.document.Databases;
import io.divan.storage.CheckedAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.FdbClient;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.redb.RedbAdapter;
import io.divan.storage.sqlite.SqliteFileAdapter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.unit.DataSize;

/** The storage backends by name, as they are configured. The only place that names an adapter. */
final class Backends {

  /** Those whose databases outlive the process. */
  static final List<String> LASTING = List.of("sqlite", "redb", "fdb");

  private static final DataSize CACHE_MIN = DataSize.ofMegabytes(1);

  private static final String ALL = "sqlite, redb, fdb or memory";

  private final StorageProperties properties;
  private final TransactionListener listener;
  private final ObjectProvider<SimulatedFoundationDb> memory;

  Backends(
      StorageProperties properties,
      TransactionListener listener,
      ObjectProvider<SimulatedFoundationDb> memory) {
    this.properties = properties;
    this.listener = listener;
    this.memory = memory;
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
          case "redb" -> redb();
          case "fdb" -> fdb(properties.fdb(), listener);
          case "memory" ->
              new FdbAdapter(
                  memory.getObject().open(), fdbOptions(properties.fdb()), listener);
          default ->
              throw new StartRefused(
                  "divan.storage.backend is \"" + backend + "\", which is unknown.",
                  "Set divan.storage.backend to " + ALL + ".");
        });
  }

  private StorageAdapter redb() {
    RedbAdapter.Options options = RedbAdapter.Options.of(properties.directory());
    DataSize cache = properties.redb().cacheSize();
    if (cache == null) {
      return new RedbAdapter(options, listener);
    }
    if (cache.compareTo(CACHE_MIN) < 0) {
      throw new StartRefused(
          "divan.storage.redb.cache-size is " + cache + ", which is too small.",
          "Set divan.storage.redb.cache-size to 1MB at least, or remove it.");
    }
    return new RedbAdapter(options.cacheBytes(cache.toBytes()), listener);
  }

  private StorageAdapter sqlite() {
    if (!properties.sqlite().engine().equals("file")) {
      throw new StartRefused(
          "divan.storage.sqlite.engine is \""
              + properties.sqlite().engine()
              + "\", which is unknown.",
          "Set divan.storage.sqlite.engine to file.");
    }
    return new SqliteFileAdapter(
        SqliteFileAdapter.Options.of(properties.directory()), listener);
  }

  private static StorageAdapter fdb(
      StorageProperties.Fdb properties, TransactionListener listener) {
    FdbClient.Tls tls =
        new FdbClient.Tls(
            Optional.ofNullable(properties.tlsCertificateFile()),
            Optional.ofNullable(properties.tlsKeyFile()),
            Optional.ofNullable(properties.tlsCaFile()),
            Optional.ofNullable(properties.tlsPassword()),
            Optional.ofNullable(properties.tlsVerifyPeers()));
    TlsFiles.check(tls, System.getenv());
    FdbClient.Settings settings =
        new FdbClient.Settings(
            properties.clusterFile(),
            Optional.ofNullable(properties.traceDirectory()),
            tls,
            Optional.ofNullable(properties.externalClientDirectory()),
            properties.knobs());
    try {
      return new FdbAdapter(FdbClient.open(settings), fdbOptions(properties), listener);
    } catch (FdbClient.Unusable e) {
      throw new StartRefused(e.getMessage(), e.action());
    } catch (StorageException.StoreUnavailable e) {
      throw new StartRefused(
          "The FoundationDB cluster of " + properties.clusterFile() + " cannot be used: "
              + e.getMessage() + ".",
          "See whether it is available: fdbcli -C " + properties.clusterFile()
              + " --exec status; correct divan.storage.fdb.cluster-file where it is another one;"
              + " see whether both sides use TLS, with certificates that each other trusts, or"
              + " neither.");
    }
  }

  private static FdbAdapter.Options fdbOptions(StorageProperties.Fdb properties) {
    FdbAdapter.Options defaults = FdbAdapter.Options.defaults();
    return defaults
        .directory(properties.directory())
        .bounds(properties.timeout(), properties.retryLimit())
        .maintenance(properties.watchLimit(), defaults.maintenancePeriod(), true)
        .newestStamp(
            new FdbAdapter.StampRow(
                Databases.newestStampTable(), Databases.newestStampKey()));
  }
}
