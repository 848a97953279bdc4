package io.divan.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The versions that responses report. */
public final class Versions {
  /** The CouchDB release whose API Divan implements. */
  public static final String COUCHDB = "3.5.2";

  /** Divan's version, from the build. */
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
