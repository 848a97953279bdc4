package io.divan.example.mvstore;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the backend {@code mvstore}.
 *
 * @param cacheSize the memory for pages of the file
 */
@ConfigurationProperties("divan.storage.mvstore")
record MvStoreProperties(@DefaultValue("16MB") DataSize cacheSize) {}
