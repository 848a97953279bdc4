package io.divan;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A self-signed certificate for 127.0.0.1, valid for one day, made by the JDK's keytool. */
public final class TestCertificate {
  private static final char[] PASSWORD = "password".toCharArray();
  private static final String ALIAS = "key";

  private final KeyStore store;

  private TestCertificate(KeyStore store) {
    this.store = store;
  }

  /** Creates a certificate; the key store is kept in the directory. */
  public static TestCertificate create(Path directory, String name) {
    try {
      Path file = directory.resolve(name + ".p12");
      Process keytool =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
              "-genkeypair", "-keystore", file.toString(), "-storetype", "PKCS12",
              "-storepass", new String(PASSWORD), "-alias", ALIAS, "-keyalg", "EC",
              "-groupname", "secp256r1", "-validity", "1", "-dname", "CN=" + name,
              "-ext", "san=ip:127.0.0.1,dns:localhost")
              .redirectErrorStream(true)
              .start();
      String output = new String(keytool.getInputStream().readAllBytes());
      if (keytool.waitFor() != 0) {
        throw new IllegalStateException("keytool: " + output);
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(file)) {
        store.load(in, PASSWORD);
      }
      return new TestCertificate(store);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes {@code tls.crt} and {@code tls.key}, the files of a Kubernetes secret. */
  public void write(Path directory) throws IOException, GeneralSecurityException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("tls.crt"),
        pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded()));
    Files.writeString(
        directory.resolve("tls.key"),
        pem("PRIVATE KEY", store.getKey(ALIAS, PASSWORD).getEncoded()));
  }

  private static String pem(String type, byte[] der) {
    return "-----BEGIN " + type + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END " + type + "-----\n";
  }

  /** A context that trusts these certificates. */
  public static SSLContext trusting(TestCertificate... certificates)
      throws IOException, GeneralSecurityException {
    return context(new KeyManagerFactory[0], certificates);
  }

  /** A context that identifies the client by this certificate, and trusts the other. */
  public SSLContext presentedTo(TestCertificate server)
      throws IOException, GeneralSecurityException {
    KeyManagerFactory keys =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    return context(new KeyManagerFactory[] {keys}, server);
  }

  private static SSLContext context(KeyManagerFactory[] keys, TestCertificate... trusted)
      throws IOException, GeneralSecurityException {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    for (int i = 0; i < trusted.length; i++) {
      trust.setCertificateEntry("trusted" + i, trusted[i].store.getCertificate(ALIAS));
    }
    TrustManagerFactory trusts =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusts.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        keys.length == 0 ? null : keys[0].getKeyManagers(), trusts.getTrustManagers(), null);
    return context;
  }
}
