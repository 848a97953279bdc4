package io.divan.storage.redb.autoconfigure;

import io.divan.storage.StorageBackend;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Registers the backend {@code redb}. */
@AutoConfiguration
@EnableConfigurationProperties(RedbProperties.class)
class RedbAutoConfiguration {

  @Bean
  StorageBackend redbBackend(RedbProperties properties) {
    return new RedbBackend(properties);
  }
}
