package io.divan.operations;

import io.divan.document.Databases;
import io.divan.storage.CheckedAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.FdbClient;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.sqlite.SqliteFileAdapter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Chooses the storage. The only place that names an adapter. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StorageProperties.class)
class StorageConfiguration {

  @Bean
  TransactionListener transactionListener(MeterRegistry meters) {
    return new TransactionTraces(new TransactionMeters(meters));
  }

  /** What the backend {@code memory} keeps its databases in. */
  @Bean
  @ConditionalOnProperty(name = "divan.storage.backend", havingValue = "memory")
  SimulatedFoundationDb memoryCluster() {
    return new SimulatedFoundationDb();
  }

  @Bean(destroyMethod = "close")
  StorageAdapter storageAdapter(
      StorageProperties properties,
      TransactionListener listener,
      ObjectProvider<SimulatedFoundationDb> memory) {
    return new CheckedAdapter(adapter(properties, listener, memory));
  }

  private static StorageAdapter adapter(
      StorageProperties properties,
      TransactionListener listener,
      ObjectProvider<SimulatedFoundationDb> memory) {
    return switch (properties.backend()) {
      case "sqlite" -> sqlite(properties, listener);
      case "fdb" -> fdb(properties.fdb(), listener);
      case "memory" ->
          new FdbAdapter(
              memory.getObject().open(), fdbOptions(properties.fdb()), listener);
      default ->
          throw new StartRefused(
              "divan.storage.backend is \"" + properties.backend() + "\", which is unknown.",
              "Set divan.storage.backend to sqlite, fdb or memory.");
    };
  }

  private static StorageAdapter sqlite(
      StorageProperties properties, TransactionListener listener) {
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

  @Bean
  Databases databases(StorageAdapter adapter) {
    return new Databases(adapter, Clock.systemUTC());
  }
}
