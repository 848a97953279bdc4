package io.divan.operations;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which storage the service uses.
 *
 * @param backend the storage backend: {@code sqlite}
 * @param directory where engines that keep files here put them
 * @param sqlite settings of the backend {@code sqlite}
 */
@ConfigurationProperties("divan.storage")
record StorageProperties(
    @DefaultValue("sqlite") String backend,
    @DefaultValue("data") Path directory,
    @DefaultValue Sqlite sqlite) {

  /**
   * Settings of the backend {@code sqlite}.
   *
   * @param engine {@code file}: each database is an SQLite file
   */
  record Sqlite(@DefaultValue("file") String engine) {}
}
