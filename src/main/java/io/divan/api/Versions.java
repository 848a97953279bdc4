package io.divan.api;

/** What the service says of its versions. */
final class Versions {
  /** The release of CouchDB whose API is answered. */
  static final String COUCHDB = "3.5.2";

  /** Our own. */
  static final String DIVAN = read();

  private Versions() {}

  private static String read() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "0.1.0" : version;
  }
}
