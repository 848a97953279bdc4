package io.divan.example.mvstore;

import io.divan.storage.StorageBackend;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Registers the backend {@code mvstore}. */
@AutoConfiguration
@EnableConfigurationProperties(MvStoreProperties.class)
class MvStoreAutoConfiguration {

  @Bean
  StorageBackend mvstoreBackend(MvStoreProperties properties) {
    return new MvStoreBackend(properties);
  }
}
