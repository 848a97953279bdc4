package io.divan.operations;

import io.divan.document.ActiveTasks;
import io.divan.document.Databases;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.TransactionListener;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The configured storage, and the databases in it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StorageProperties.class)
class StorageConfiguration {

  @Bean
  TransactionListener transactionListener(MeterRegistry meters) {
    return new TransactionTraces(new TransactionMeters(meters));
  }

  @Bean
  Backends backends(
      StorageProperties properties,
      TransactionListener listener,
      ObjectProvider<StorageBackend> backends) {
    return new Backends(properties, listener, backends.stream().toList());
  }

  @Bean(destroyMethod = "close")
  StorageAdapter storageAdapter(Backends backends) {
    return backends.open();
  }

  @Bean(destroyMethod = "close")
  Databases databases(StorageAdapter adapter, ActiveTasks tasks) {
    return new Databases(adapter, Clock.systemUTC(), tasks);
  }

  @Bean
  ActiveTasks activeTasks() {
    return new ActiveTasks(Clock.systemUTC());
  }
}
