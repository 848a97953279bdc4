package io.divan.operations;

import io.divan.api.http.Versions;
import io.divan.background.BackgroundTasks;
import io.divan.storage.StorageAdapter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The meters of the service that belong to no other part. */
@Configuration(proxyBeanMethods = false)
class MeterConfiguration {

  /** Spring closes this bean before the storage. */
  @Bean(destroyMethod = "close")
  StorageMeters storageMeters(
      StorageAdapter adapter, MeterRegistry registry, StorageProperties properties) {
    return new StorageMeters(adapter, registry, Backends.name(properties), System::nanoTime)
        .start();
  }

  @Bean
  MeterBinder taskMeters(BackgroundTasks tasks) {
    return registry -> {
      Gauge.builder("divan.tasks.running", () -> tasks.counts().running())
          .description("Background tasks that run")
          .register(registry);
      Gauge.builder("divan.tasks.waiting", () -> tasks.counts().waiting())
          .description("Background tasks that wait, also for another attempt")
          .register(registry);
      FunctionCounter.builder("divan.tasks.refused", tasks, counted -> counted.counts().refused())
          .description("Background tasks that were refused because too many waited")
          .register(registry);
    };
  }

  /** Describes Tomcat's meters, which come without a description, and omits those of no use. */
  @Bean
  MeterFilter tomcatMeters() {
    Set<String> omitted = Set.of("tomcat.cache.", "tomcat.servlet.", "tomcat.sessions.");
    return new MeterFilter() {
      @Override
      public MeterFilterReply accept(Meter.Id id) {
        return omitted.stream().anyMatch(id.getName()::startsWith)
            ? MeterFilterReply.DENY
            : MeterFilterReply.NEUTRAL;
      }

      @Override
      public Meter.Id map(Meter.Id id) {
        return id.getName().startsWith("tomcat.") && id.getDescription() == null
            ? new Meter.Id(
                id.getName(),
                Tags.of(id.getTagsAsIterable()),
                id.getBaseUnit(),
                "Tomcat's " + id.getName().substring("tomcat.".length()).replace('.', ' '),
                id.getType())
            : id;
      }
    };
  }

  @Bean
  MeterBinder infoMeter(StorageProperties properties) {
    return registry -> Gauge.builder("divan.info", () -> 1)
        .description("The version and the storage backend of the service")
        .tag("version", Versions.DIVAN)
        .tag("backend", Backends.name(properties))
        .register(registry);
  }
}
