package io.divan.query.index;

import io.divan.background.BackgroundTasks;
import io.divan.document.EditHooks;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans that keep the indexes of databases. */
@Configuration(proxyBeanMethods = false)
class IndexConfiguration {

  /** Spring closes this bean before the background tasks. */
  @Bean(destroyMethod = "close")
  IndexBuilds indexBuilds(BackgroundTasks tasks) {
    return new IndexBuilds(tasks);
  }

  @Bean
  MeterBinder indexMeters(IndexBuilds builds) {
    IndexCounts counts = builds.counts();
    return registry -> {
      FunctionCounter.builder(
          "divan.indexes.rows.written", counts, counted -> counted.rowsWritten())
          .description("Rows that edits added to indexes and removed from them")
          .register(registry);
      FunctionCounter.builder(
          "divan.indexes.documents.built", counts, counted -> counted.documentsIndexed())
          .description("Documents that builds of indexes have read")
          .register(registry);
      Gauge.builder("divan.indexes.building", counts::building)
          .description("Databases whose indexes this instance builds now")
          .register(registry);
      Gauge.builder("divan.indexes.documents.left", counts::documentsLeft)
          .description("Documents that these builds have yet to read")
          .register(registry);
    };
  }

  @Bean
  EditHooks indexHooks(IndexBuilds builds) {
    return builds.hooks();
  }
}
