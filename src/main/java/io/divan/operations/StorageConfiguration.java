package io.divan.operations;

import io.divan.document.Databases;
import io.divan.storage.CheckedAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.sqlite.SqliteFileAdapter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Chooses the storage. The only place that names an adapter. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StorageProperties.class)
class StorageConfiguration {

  @Bean
  TransactionListener transactionListener(MeterRegistry meters) {
    return new TransactionMeters(meters);
  }

  @Bean(destroyMethod = "close")
  StorageAdapter storageAdapter(StorageProperties properties, TransactionListener listener) {
    return new CheckedAdapter(adapter(properties, listener));
  }

  private static StorageAdapter adapter(
      StorageProperties properties, TransactionListener listener) {
    if (!properties.backend().equals("sqlite")) {
      throw new StartRefused(
          "divan.storage.backend is \"" + properties.backend() + "\", which is unknown.",
          "Set divan.storage.backend to sqlite.");
    }
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

  @Bean
  Databases databases(StorageAdapter adapter) {
    return new Databases(adapter, Clock.systemUTC());
  }
}
