package io.divan.operations;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * The beans of a terminal command: only the storage that the service would use. The class is not a
 * {@code @Configuration}, so that the component scan of the service does not find it.
 */
@Import({StorageConfiguration.class, BackendConfigurations.class})
final class CommandConfiguration {

  private CommandConfiguration() {}

  @Bean
  static MeterRegistry meters() {
    return new SimpleMeterRegistry();
  }
}
