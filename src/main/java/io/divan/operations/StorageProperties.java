package io.divan.operations;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The choice of the storage backend. Each backend has settings of its own.
 *
 * @param backend the name of a backend; {@code redb} if not set
 * @param directory the directory of the backends that keep files on this machine
 */
@ConfigurationProperties("divan.storage")
record StorageProperties(@Nullable String backend, @DefaultValue("data") Path directory) {}
