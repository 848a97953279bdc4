package io.divan.storage.redb.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the backend {@code redb}.
 *
 * @param cacheSize the memory for pages of all databases together, at least 1MB; by default an
 *     eighth of the heap, at most 256MB
 */
@ConfigurationProperties("divan.storage.redb")
record RedbProperties(@Nullable DataSize cacheSize) {}
