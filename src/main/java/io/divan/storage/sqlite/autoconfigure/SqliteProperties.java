package io.divan.storage.sqlite.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the backend {@code sqlite}.
 *
 * @param engine {@code file}: each database is an SQLite file; {@code pages}: SQLite's pages are
 *     rows of a base backend
 * @param over the base of {@code pages}; ignored by {@code file}
 */
@ConfigurationProperties("divan.storage.sqlite")
record SqliteProperties(@DefaultValue("file") String engine, @DefaultValue("redb") String over) {}
