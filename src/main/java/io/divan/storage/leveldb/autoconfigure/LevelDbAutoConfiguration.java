package io.divan.storage.leveldb.autoconfigure;

import io.divan.storage.StorageBackend;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Registers the backend {@code leveldb}. */
@AutoConfiguration
@EnableConfigurationProperties(LevelDbProperties.class)
class LevelDbAutoConfiguration {

  @Bean
  StorageBackend leveldbBackend(LevelDbProperties properties) {
    return new LevelDbBackend(properties);
  }
}
