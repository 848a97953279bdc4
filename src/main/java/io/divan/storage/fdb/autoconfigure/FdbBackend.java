package io.divan.storage.fdb.autoconfigure;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.StorageException;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.FdbClient;
import java.util.Optional;

/** The backend {@code fdb}: databases in a FoundationDB cluster. */
record FdbBackend(FdbProperties properties) implements StorageBackend {

  @Override
  public String name() {
    return "fdb";
  }

  @Override
  public boolean isShared(Context context) {
    return true;
  }

  @Override
  public StorageAdapter open(Context context) {
    FdbClient.Tls tls =
        new FdbClient.Tls(
            Optional.ofNullable(properties.tlsCertificateFile()),
            Optional.ofNullable(properties.tlsKeyFile()),
            Optional.ofNullable(properties.tlsCaFile()),
            Optional.ofNullable(properties.tlsPassword()),
            Optional.ofNullable(properties.tlsVerifyPeers()));
    TlsFiles.check(tls, System.getenv());
    FdbClient.Settings settings =
        new FdbClient.Settings(
            properties.clusterFile(),
            Optional.ofNullable(properties.traceDirectory()),
            tls,
            Optional.ofNullable(properties.externalClientDirectory()),
            properties.knobs());
    try {
      return new FdbAdapter(
          FdbClient.open(settings, context.closeWait()), properties.options(context), context
              .listener());
    } catch (FdbClient.Unusable e) {
      throw new InvalidSettings(e.getMessage(), e.action());
    } catch (StorageException.StoreUnusable e) {
      throw new InvalidSettings(
          "The FoundationDB cluster of " + properties.clusterFile() + " cannot be used.",
          e.getMessage() + "."); // the message names the remedy
    } catch (StorageException.StoreUnavailable e) {
      throw new InvalidSettings(
          "The FoundationDB cluster of " + properties.clusterFile() + " cannot be used: "
              + e.getMessage() + ".",
          "Check that the cluster is available: fdbcli -C " + properties.clusterFile()
              + " --exec status. If it is another cluster, correct"
              + " divan.storage.fdb.cluster-file. Either both sides use TLS, with certificates that"
              + " each other trusts, or neither does.");
    }
  }
}
