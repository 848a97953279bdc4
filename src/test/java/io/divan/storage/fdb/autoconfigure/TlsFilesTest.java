package io.divan.storage.fdb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.storage.StorageBackend;
import io.divan.storage.fdb.FdbClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.Key;
import java.security.KeyStore;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files for TLS are looked at before the client library does. */
class TlsFilesTest {
  private static final String ENCRYPTION = "PBEWithHmacSHA256AndAES_256";

  @TempDir static Path directory;

  private static Path certificate;
  private static Path key;
  private static Path encrypted;
  private static Path garbage;

  @BeforeAll
  static void make() throws Exception {
    Path store = directory.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair", "-keystore", store.toString(), "-storepass", "storepass",
            "-alias", "a", "-keyalg", "EC", "-dname", "CN=a", "-validity", "2")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance(store.toFile(), "storepass".toCharArray());
    Key made = keys.getKey("a", "storepass".toCharArray());
    certificate = pem("certificate", "CERTIFICATE", keys.getCertificate("a").getEncoded());
    key = pem("key", "PRIVATE KEY", made.getEncoded());
    AlgorithmParameterSpec parameters = new PBEParameterSpec(new byte[16], 10_000);
    SecretKey secret =
        SecretKeyFactory.getInstance(ENCRYPTION)
            .generateSecret(new PBEKeySpec("sesame".toCharArray()));
    Cipher cipher = Cipher.getInstance(ENCRYPTION);
    cipher.init(Cipher.ENCRYPT_MODE, secret, parameters);
    AlgorithmParameters standard = AlgorithmParameters.getInstance("PBES2");
    standard.init(cipher.getParameters().getEncoded());
    EncryptedPrivateKeyInfo info =
        new EncryptedPrivateKeyInfo(standard, cipher.doFinal(made.getEncoded()));
    encrypted = pem("encrypted", "ENCRYPTED PRIVATE KEY", info.getEncoded());
    garbage = Files.writeString(directory.resolve("garbage.pem"), "garbage\n");
  }

  private static Path pem(String name, String type, byte[] bytes) throws Exception {
    String text = Base64.getMimeEncoder(64, new byte[] {10}).encodeToString(bytes);
    return Files.writeString(
        directory.resolve(name + ".pem"),
        "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
  }

  private static void check(Path certificate, Path key, Path ca, String password) {
    TlsFiles.check(
        new FdbClient.Tls(
            Optional.of(certificate),
            Optional.of(key),
            Optional.of(ca),
            Optional.of(password).filter(text -> !text.isEmpty()),
            Optional.empty()),
        Map.of());
  }

  private static void refused(Runnable check, Path file, String... words) {
    assertThatExceptionOfType(StorageBackend.InvalidSettings.class)
        .isThrownBy(check::run)
        .satisfies(
            e -> {
              assertThat(e.getMessage()).startsWith(file + " holds no ");
              assertThat(e.getMessage() + " " + e.action()).contains(words);
            });
  }

  @Test
  void check_filesThatAreRight_passes() {
    check(certificate, key, certificate, "");
    check(certificate, encrypted, certificate, "sesame");
    TlsFiles.check(FdbClient.Tls.NONE, Map.of());
    TlsFiles.check(
        FdbClient.Tls.NONE,
        Map.of(
            "FDB_TLS_CERTIFICATE_FILE", certificate.toString(),
            "FDB_TLS_KEY_FILE", encrypted.toString(),
            "FDB_TLS_PASSWORD", "sesame"));
  }

  @Test
  void check_filesThatAreMissing_areForOthersToFind() {
    Path missing = directory.resolve("missing");
    assertThatCode(() -> check(missing, missing, missing, "")).doesNotThrowAnyException();
  }

  @Test
  void check_noPem_isRefused() {
    refused(() -> check(garbage, key, certificate, ""), garbage, "tls-certificate-file");
    refused(() -> check(certificate, key, garbage, ""), garbage, "tls-ca-file");
    refused(() -> check(certificate, garbage, certificate, ""), garbage, "tls-key-file");
    refused(() -> check(key, key, certificate, ""), key, "tls-certificate-file");
  }

  @Test
  void check_passwordMissingOrWrong_isRefused() {
    refused(() -> check(certificate, encrypted, certificate, ""), encrypted, "needs a password");
    refused(
        () -> check(certificate, encrypted, certificate, "other"),
        encrypted,
        "another password opens",
        "tls-password");
  }

  @Test
  void check_certificateWithoutKey_isRefused() {
    assertThatExceptionOfType(StorageBackend.InvalidSettings.class)
        .isThrownBy(
            () -> TlsFiles.check(
                FdbClient.Tls.NONE,
                Map.of("FDB_TLS_CERTIFICATE_FILE", certificate.toString())))
        .withMessageContaining("only one is given");
  }
}
