package io.divan.operations;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The choice of the storage backend. Each backend has its own settings.
 *
 * @param backend the name of the backend; {@code redb} if not set
 * @param directory the directory for backends that store local files
 */
@ConfigurationProperties("divan.storage")
record StorageProperties(@Nullable String backend, @DefaultValue("data") Path directory) {}
