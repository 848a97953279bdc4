package io.divan.storage.sqlite.autoconfigure;

import io.divan.storage.StorageBackend;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Registers the backend {@code sqlite}. */
@AutoConfiguration
@EnableConfigurationProperties(SqliteProperties.class)
class SqliteAutoConfiguration {

  @Bean
  StorageBackend sqliteBackend(SqliteProperties properties) {
    return new SqliteBackend(properties);
  }
}
