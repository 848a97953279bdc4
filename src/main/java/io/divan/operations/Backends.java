package io.divan.operations;

import io.divan.document.Databases;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The storage backends of this installation, by name. */
final class Backends {
  private static final String SETTING = "divan.storage.backend";
  private static final String DEFAULT = "redb";

  /** Slightly longer than the duration of a lease. */
  private static final Duration LEASE_OF_A_KILLED_PROCESS = Duration.ofSeconds(12);

  private final StorageProperties properties;
  private final TransactionListener listener;
  private final Duration closeWait;
  private final Map<String, StorageBackend> backends = new TreeMap<>();
  private volatile Duration ownerWait = Duration.ZERO;

  /**
   * Registers backends.
   *
   * @throws StartRefused if two have the same name
   */
  Backends(
      StorageProperties properties,
      TransactionListener listener,
      Duration closeWait,
      List<StorageBackend> found) {
    this.closeWait = closeWait;
    this.properties = properties;
    this.listener = listener;
    for (StorageBackend backend : found) {
      StorageBackend other = backends.put(backend.name(), backend);
      if (other != null) {
        throw new StartRefused(
            "Two storage backends are called " + backend.name() + ": "
                + other.getClass().getName() + " and " + backend.getClass().getName() + ".",
            "Remove one of their jars from the class path.");
      }
    }
  }

  /** The name of the configured backend. */
  static String name(StorageProperties properties) {
    String backend = properties.backend();
    return backend == null ? DEFAULT : backend;
  }

  /** The names of the backends whose databases outlive the process, sorted. */
  List<String> durable() {
    return backends.values().stream()
        .filter(StorageBackend::isDurable)
        .map(StorageBackend::name)
        .toList();
  }

  /**
   * Makes later openings wait for databases that another process owns, until the lease of a killed
   * process has expired.
   */
  void waitForOwners() {
    ownerWait = LEASE_OF_A_KILLED_PROCESS;
  }

  /**
   * Opens the configured backend, or {@code redb} if no backend is configured.
   *
   * @throws StartRefused if the configuration is invalid, or if no backend is configured and the
   *     directory contains only databases of {@code sqlite}, the default of former versions. The
   *     service would start without these databases.
   */
  StorageAdapter open() {
    String backend = properties.backend();
    if (backend != null) {
      return open(backend);
    }
    Path directory = properties.directory();
    if (holds(directory, "*~*.sqlite") && !holds(directory, "*~*.redb")) {
      throw new StartRefused(
          directory + " contains SQLite databases, and " + SETTING + " is not set.",
          "Set " + SETTING + " to sqlite to keep using them, or to redb, the new default, to"
              + " start without them. To move them, run the command: copy --from sqlite --to"
              + " redb");
    }
    return open(DEFAULT);
  }

  private static boolean holds(Path directory, String names) {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, names)) {
      return files.iterator().hasNext();
    } catch (IOException e) {
      return false; // the backend reports this error when it opens the directory
    }
  }

  /**
   * Opens a backend by name.
   *
   * @throws StartRefused if the name is unknown, or the backend's settings are invalid
   */
  StorageAdapter open(String name) {
    StorageBackend backend = backends.get(name);
    if (backend == null) {
      throw new StartRefused(
          SETTING + " is \"" + name + "\", which is unknown.",
          "Set " + SETTING + " to one of: " + String.join(", ", backends.keySet()) + ".");
    }
    try {
      return new CheckedAdapter(backend.open(context()));
    } catch (StorageBackend.InvalidSettings e) {
      throw new StartRefused(e.getMessage(), e.action(), e);
    }
  }

  private StorageBackend.Context context() {
    return new StorageBackend.Context(
        properties.directory(),
        Optional.empty(),
        listener,
        ownerWait,
        closeWait,
        Optional.of(
            new StorageBackend.StampRow(
                Databases.newestStampTable(), Databases.newestStampKey())),
        List.copyOf(backends.values()));
  }
}
