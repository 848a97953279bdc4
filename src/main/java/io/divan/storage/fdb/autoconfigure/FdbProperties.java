package io.divan.storage.fdb.autoconfigure;

import io.divan.storage.StorageBackend;
import io.divan.storage.fdb.FdbAdapter;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the backend {@code fdb}, a FoundationDB cluster.
 *
 * @param clusterFile the cluster file
 * @param directory the path of the directory in the cluster that holds everything
 * @param timeout how long a transaction may take, with all its attempts
 * @param retryLimit how often a transaction is retried
 * @param watchLimit the most keys watched in the cluster at a time; beyond it they are polled
 * @param traceDirectory the directory where the client writes trace files
 * @param tlsCertificateFile the certificate shown to the cluster
 * @param tlsKeyFile its private key
 * @param tlsCaFile the certificates that the cluster's are checked against
 * @param tlsPassword the password of the private key, if it is encrypted
 * @param tlsVerifyPeers what the cluster's certificates must say, in FoundationDB's notation
 * @param externalClientDirectory client libraries of other versions, for upgrades of the cluster
 * @param knobs the client's internal settings
 */
@Validated
@ConfigurationProperties("divan.storage.fdb")
record FdbProperties(
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

  /** Returns the adapter's options; a layer's databases have a directory of their own. */
  FdbAdapter.Options options(StorageBackend.Context context) {
    List<String> path = new ArrayList<>(directory);
    context.layer().ifPresent(path::add);
    FdbAdapter.Options defaults = FdbAdapter.Options.defaults();
    FdbAdapter.Options options =
        defaults
            .directory(path)
            .bounds(timeout, retryLimit)
            .maintenance(watchLimit, defaults.maintenancePeriod(), true);
    return context
        .newestStamp()
        .map(row -> options.newestStamp(new FdbAdapter.StampRow(row.table(), row.key())))
        .orElse(options);
  }

  /** Omits the password: it must not appear in a log. */
  @Override
  public String toString() {
    return "FdbProperties[clusterFile=" + clusterFile + "]";
  }
}
