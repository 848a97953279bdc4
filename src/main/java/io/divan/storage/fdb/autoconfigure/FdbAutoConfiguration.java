package io.divan.storage.fdb.autoconfigure;

import io.divan.storage.StorageBackend;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** Registers the backends {@code fdb} and {@code memory}, the simulation of a cluster. */
@AutoConfiguration
@EnableConfigurationProperties(FdbProperties.class)
class FdbAutoConfiguration {

  @Bean
  StorageBackend fdbBackend(FdbProperties properties) {
    return new FdbBackend(properties);
  }

  @Bean
  StorageBackend memoryBackend(
      FdbProperties properties, ObjectProvider<SimulatedFoundationDb> cluster) {
    return new MemoryBackend(properties, cluster::getObject);
  }

  /** The simulated cluster that holds the databases of {@code memory}. */
  @Bean
  @Lazy
  SimulatedFoundationDb memoryCluster() {
    return new SimulatedFoundationDb();
  }
}
