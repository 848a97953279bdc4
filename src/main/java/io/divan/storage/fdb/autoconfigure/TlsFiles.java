package io.divan.storage.fdb.autoconfigure;

import io.divan.storage.StorageBackend;
import io.divan.storage.fdb.FdbClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.ssl.pem.PemContent;

/**
 * Looks at the files for TLS to a FoundationDB cluster before its client library does: that one
 * ends the process where it cannot make sense of a certificate or a key.
 */
final class TlsFiles {
  private static final String SETTINGS = "divan.storage.fdb.";

  private TlsFiles() {}

  /**
   * Refuses files that hold something else. Those that are not there are for others to find.
   *
   * @param environment what the client library looks for where settings are silent
   * @throws StorageBackend.InvalidSettings naming the file
   */
  static void check(FdbClient.Tls tls, Map<String, String> environment) {
    Optional<Path> certificate =
        file(tls.certificateFile(), environment, "FDB_TLS_CERTIFICATE_FILE");
    Optional<Path> key = file(tls.keyFile(), environment, "FDB_TLS_KEY_FILE");
    Optional<Path> ca = file(tls.caFile(), environment, "FDB_TLS_CA_FILE");
    if (certificate.isPresent() != key.isPresent()) {
      throw new StorageBackend.InvalidSettings(
          "Of a certificate and its key for TLS to the cluster, only one is given.",
          "Set both " + SETTINGS + "tls-certificate-file and " + SETTINGS + "tls-key-file.");
    }
    certificate.ifPresent(path -> certificates(path, "tls-certificate-file"));
    ca.ifPresent(path -> certificates(path, "tls-ca-file"));
    Optional<String> password =
        tls.password().or(() -> Optional.ofNullable(environment.get("FDB_TLS_PASSWORD")));
    key.ifPresent(path -> privateKey(path, password));
  }

  private static Optional<Path> file(
      Optional<Path> setting, Map<String, String> environment, String variable) {
    return setting
        .or(
            () -> Optional.ofNullable(environment.get(variable))
                .filter(text -> !text.isEmpty())
                .map(Path::of))
        .filter(Files::isRegularFile);
  }

  private static void certificates(Path path, String setting) {
    try {
      if (PemContent.load(path).getCertificates().isEmpty()) {
        throw new IllegalStateException("It is empty");
      }
    } catch (IOException | RuntimeException e) {
      throw new StorageBackend.InvalidSettings(
          path + " holds no certificates in PEM form.",
          "Correct " + SETTINGS + setting + ", or remove it.");
    }
  }

  private static void privateKey(Path path, Optional<String> password) {
    try {
      if (PemContent.load(path).getPrivateKey(password.orElse(null)) == null) {
        throw new IllegalStateException("It is empty");
      }
    } catch (IOException | RuntimeException e) {
      throw new StorageBackend.InvalidSettings(
          path + " holds no private key in PEM form, or one that "
              + (password.isPresent() ? "another password opens." : "needs a password."),
          "Correct " + SETTINGS + "tls-key-file or " + SETTINGS + "tls-password.");
    }
  }
}
