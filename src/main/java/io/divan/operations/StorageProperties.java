package io.divan.operations;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Which storage the service uses.
 *
 * @param backend the storage backend: {@code redb}, which it is where none is set, {@code
 *     sqlite}, {@code fdb}, {@code leveldb} or {@code memory}
 * @param directory where engines that keep files here put them
 * @param sqlite settings of the backend {@code sqlite}
 * @param redb settings of the backend {@code redb}
 * @param leveldb settings of the backend {@code leveldb}
 * @param fdb settings of the backend {@code fdb}
 */
@Validated
@ConfigurationProperties("divan.storage")
record StorageProperties(
    @Nullable String backend,
    @DefaultValue("data") Path directory,
    @DefaultValue Sqlite sqlite,
    @DefaultValue Redb redb,
    @DefaultValue LevelDb leveldb,
    @Valid @DefaultValue Fdb fdb) {

  /**
   * Settings of the backend {@code sqlite}.
   *
   * @param engine {@code file}: each database is an SQLite file; {@code pages}: its pages lie in a
   *     base
   * @param over the base of {@code pages}: {@code redb}, {@code fdb} or {@code memory}; ignored by
   *     {@code file}
   */
  record Sqlite(@DefaultValue("file") String engine, @DefaultValue("redb") String over) {}

  /**
   * Settings of the backend {@code redb}.
   *
   * @param cacheSize how much all databases together keep in memory of their pages, at least
   *     1MB; an eighth of the heap, at most 256MB, where it is not set
   */
  record Redb(@Nullable DataSize cacheSize) {}

  /**
   * Settings of the backend {@code leveldb}.
   *
   * @param engine {@code api}: LevelDB's interface straight over a base; {@code lsm}: the LevelDB
   *     engine with its files in a base
   * @param over the base: {@code redb}, {@code fdb}, {@code memory}; for {@code lsm} also {@code
   *     file}, plain directories
   */
  record LevelDb(@DefaultValue("api") String engine, @DefaultValue("redb") String over) {}

  /**
   * Settings of the backend {@code fdb}, a FoundationDB cluster.
   *
   * @param clusterFile the cluster file
   * @param directory the path of the directory in the cluster that holds everything
   * @param timeout how long a transaction may take, with all its attempts
   * @param retryLimit how often a transaction is tried again
   * @param watchLimit the most keys watched in the cluster at a time; beyond it they are polled
   * @param traceDirectory where the client writes trace files
   * @param tlsCertificateFile the certificate shown to the cluster
   * @param tlsKeyFile its private key
   * @param tlsCaFile the certificates that the cluster's are checked against
   * @param tlsPassword what opens the private key, where it is encrypted
   * @param tlsVerifyPeers what the cluster's certificates must say, in FoundationDB's notation
   * @param externalClientDirectory client libraries of other versions, for upgrades of the cluster
   * @param knobs the client's inner settings
   */
  record Fdb(
      @DefaultValue("/etc/foundationdb/fdb.cluster") Path clusterFile,
      @NotEmpty @DefaultValue("divan") List<String> directory,
      @DurationMin(millis = 100) @DurationMax(minutes = 5) @DefaultValue("10s") Duration timeout,
      @Min(0) @Max(10_000) @DefaultValue("100") int retryLimit,
      @Min(0) @Max(9_000) @DefaultValue("5000") int watchLimit,
      @Nullable Path traceDirectory,
      @Nullable Path tlsCertificateFile,
      @Nullable Path tlsKeyFile,
      @Nullable Path tlsCaFile,
      @Nullable String tlsPassword,
      @Nullable String tlsVerifyPeers,
      @Nullable Path externalClientDirectory,
      @DefaultValue Map<String, String> knobs) {

    @Override
    public String toString() {
      return "Fdb[clusterFile=" + clusterFile + "]"; // a password belongs into no log
    }
  }
}
