package io.divan.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What the service says of its versions. */
public final class Versions {
  /** The release of CouchDB whose API is answered. */
  public static final String COUCHDB = "3.5.2";

  /** Our own, as the build has written it down. */
  public static final String DIVAN = read();

  private Versions() {}

  private static String read() {
    try (InputStream in = Versions.class.getResourceAsStream("/META-INF/build-info.properties")) {
      Properties build = new Properties();
      if (in != null) {
        build.load(in);
      }
      return build.getProperty("build.version", "development");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
