package io.divan.operations;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * What terminal commands start: storage as the service would use it, and nothing else. It is no
 * {@code Configuration}, so that the service does not find it.
 */
@Import(StorageConfiguration.class)
final class CommandConfiguration {

  private CommandConfiguration() {}

  @Bean
  static MeterRegistry meters() {
    return new SimpleMeterRegistry();
  }
}
