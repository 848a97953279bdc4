package io.divan.storage.leveldb.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the backend {@code leveldb}.
 *
 * @param engine {@code api}: LevelDB's interface straight over a base backend; {@code lsm}: the
 *     LevelDB engine with its files in a base backend
 * @param over the base; for {@code lsm} also {@code file}, plain directories
 */
@ConfigurationProperties("divan.storage.leveldb")
record LevelDbProperties(@DefaultValue("api") String engine, @DefaultValue("redb") String over) {}
