package io.divan.storage.fdb;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Explains why FoundationDB's client library could not be loaded. */
final class LibraryErrors {

  /** What the operator should do if the library is missing or unusable. */
  static final String INSTALL =
      "Install the package foundationdb-clients 7.3 of your cluster's release for "
          + System.getProperty("os.arch")
          + " (https://github.com/apple/foundationdb/releases), or name the directory of"
          + " libfdb_c in LD_LIBRARY_PATH, or set divan.storage.backend to another backend.";

  /** The Java binding unpacks its own library, which needs libfdb_c, into a temporary file. */
  private static final Pattern UNPACKED = Pattern.compile("[^ ]*fdb_java\\d+\\.library: ");

  /** Ends the message of a second attempt, which quotes the first. */
  private static final Pattern THREAD = Pattern.compile(" \\[in thread .*]$");

  private static final Pattern MISSING =
      Pattern.compile("^(?!libfdb_c)(\\S+): cannot open shared object file");

  private LibraryErrors() {}

  /** Returns the refusal for an error of the JVM's loader. */
  static FdbClient.Unusable of(LinkageError error) {
    String reason = reason(error);
    Matcher missing = MISSING.matcher(reason);
    String action =
        missing.find()
            ? "FoundationDB's client library needs " + missing.group(1) + ": install your system's"
                + " package of it, such as libatomic1 for libatomic.so.1."
            : INSTALL;
    return new FdbClient.Unusable(
        "FoundationDB's client library libfdb_c could not be loaded: " + reason + ".",
        action,
        error);
  }

  /** Returns the loader's words, which the first error has as its message, and later ones quote. */
  private static String reason(LinkageError error) {
    Throwable first = error;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    String message = String.valueOf(first.getMessage());
    Matcher unpacked = UNPACKED.matcher(message);
    String reason = unpacked.find() ? message.substring(unpacked.end()) : message;
    return THREAD.matcher(reason).replaceFirst("");
  }
}
