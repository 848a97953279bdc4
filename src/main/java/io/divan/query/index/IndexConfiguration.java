package io.divan.query.index;

import io.divan.background.BackgroundTasks;
import io.divan.document.EditHooks;
import java.util.List;
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
  EditHooks indexHooks(IndexBuilds builds) {
    return new EditHooks(List.of(), List.of(), List.of(builds.observers()));
  }
}
