package io.divan.operations;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskLeases;
import io.divan.document.AccessPolicy;
import io.divan.document.CommitListener;
import io.divan.document.Databases;
import io.divan.document.EditHooks;
import io.divan.document.maintenance.Compactions;
import io.divan.document.maintenance.ContentSweeps;
import io.divan.document.maintenance.EventTasks;
import io.divan.logging.LogContext;
import io.divan.logging.LogSettings;
import io.divan.storage.Capability;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.TransactionListener;
import io.divan.storage.lease.Leases;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The beans of the configured storage and its databases. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StorageProperties.class)
class StorageConfiguration {

  @Bean
  TransactionTraces transactionListener(MeterRegistry meters, StorageProperties properties) {
    return new TransactionTraces(new TransactionMeters(meters, Backends.name(properties)));
  }

  /**
   * The settings are kept in the storage, so its first transactions precede them. Terminal commands
   * have none.
   */
  @Bean
  SmartInitializingSingleton slowTransactions(
      TransactionTraces traces, ObjectProvider<LogSettings> settings) {
    return () -> settings.ifAvailable(log -> traces.slowAfter(log::slowTransaction));
  }

  @Bean
  Backends backends(
      StorageProperties properties,
      TransactionListener listener,
      Environment environment,
      ObjectProvider<StorageBackend> backends) {
    return new Backends(
        properties, listener, StopDeadline.of(environment), backends.stream().toList());
  }

  @Bean(destroyMethod = "close")
  StorageAdapter storageAdapter(Backends backends) {
    return backends.open();
  }

  /** Spring closes this bean before the storage, so tasks end while the storage is open. */
  @Bean(destroyMethod = "close")
  BackgroundTasks backgroundTasks(
      StorageAdapter adapter, ActiveTasks active, MeterRegistry meters) {
    String holder = ManagementFactory.getRuntimeMXBean().getName();
    TaskLeases leases =
        adapter.capability(Capability.SharedStorage.class).isPresent()
            ? TaskLeases.shared(adapter::system, Leases.Options.shared(holder))
            : TaskLeases.exclusive();
    return new BackgroundTasks(
        leases, active, new TaskMeters(meters), LogContext::carrying);
  }

  @Bean
  Compactions compactions(BackgroundTasks tasks, ContentSweeps sweeps) {
    return new Compactions(tasks, Clock.systemUTC(), sweeps::leavesBlobs);
  }

  @Bean(destroyMethod = "close")
  ContentSweeps contentSweeps(BackgroundTasks tasks) {
    return new ContentSweeps(tasks, Clock.systemUTC());
  }

  @Bean
  Databases databases(
      StorageAdapter adapter,
      ObjectProvider<CommitListener.Factory> listeners,
      ObjectProvider<EditHooks> hooks,
      ObjectProvider<AccessPolicy> policy) {
    EditHooks all = hooks.orderedStream().reduce(EditHooks.NONE, EditHooks::and);
    return new Databases(
        adapter,
        Clock.systemUTC(),
        CommitListener.Factory.of(listeners.stream().toList()),
        all,
        policy.getIfAvailable(() -> AccessPolicy.OPEN));
  }

  @Bean(destroyMethod = "close")
  EventTasks eventTasks(Databases databases, BackgroundTasks tasks) {
    return new EventTasks(databases.events(), tasks);
  }

  @Bean
  ActiveTasks activeTasks() {
    return new ActiveTasks(Clock.systemUTC());
  }
}
