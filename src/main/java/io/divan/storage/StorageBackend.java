package io.divan.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A kind of storage that the configuration can choose by name. It knows its own settings and opens
 * adapters.
 *
 * <p>The service finds backends as Spring beans: a jar that adds one contains an auto-configuration
 * that declares the bean. Beans are made at every start, so constructing a backend opens nothing.
 */
public interface StorageBackend {

  /** The value of {@code divan.storage.backend} that chooses this backend. */
  String name();

  /**
   * Opens the databases.
   *
   * @throws InvalidSettings if the settings do not fit, with the change that is needed
   * @throws StorageException if the engine fails
   */
  StorageAdapter open(Context context);

  /** Whether the databases outlive the process. The command {@code copy} offers those that do. */
  default boolean isDurable() {
    return true;
  }

  /**
   * Returns whether several processes can use the storage at the same time with these settings.
   * Layers over it then own each database under a lease. An adapter that is shared also has {@link
   * Capability.SharedStorage}.
   */
  default boolean isShared(Context context) {
    return false;
  }

  /**
   * Returns whether layers can keep their databases in this backend. The backend must then offer
   * {@link Capability.Snapshots} and accept {@link Limits#ADAPTER_KEY_BYTES_MAX} and {@link
   * Limits#ADAPTER_TRANSACTION_BYTES_MAX}.
   */
  default boolean isBase() {
    return true;
  }

  /**
   * The circumstances of an opening.
   *
   * @param directory the directory for the files of the backend; it may not exist yet
   * @param layer the name of the layer if the backend is opened as the base of a layer. A backend
   *     that keeps its databases elsewhere than in {@code directory} keeps those of each layer
   *     apart
   * @param listener receives a report of each transaction
   * @param ownerWait how long to wait for a database that another process owns
   * @param closeWait how long the process may take to close the adapter once the JVM shuts down
   * @param newestStamp the row in which each database stores its newest versionstamp, as the last
   *     12 bytes of the value. A backend whose versionstamps can go backwards, as after a restore,
   *     checks when it opens a database that its next one is greater
   * @param backends every backend there is, for layers
   */
  record Context(
      Path directory,
      Optional<String> layer,
      TransactionListener listener,
      Duration ownerWait,
      Duration closeWait,
      Optional<StampRow> newestStamp,
      List<StorageBackend> backends) {

    public Context {
      backends = List.copyOf(backends);
    }

    /** Long enough for a process without requests to drain. */
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(30);

    /** Returns the simplest context: files in this directory, no listener, no other backends. */
    public static Context of(Path directory) {
      return new Context(
          directory,
          Optional.empty(),
          TransactionListener.NONE,
          Duration.ZERO,
          CLOSE_WAIT,
          Optional.empty(),
          List.of());
    }

    /**
     * Returns the context of a layer's base. It has a directory of its own and no listener: the
     * layer reports its own transactions.
     */
    public Context baseOf(String name) {
      return new Context(
          directory.resolve(name),
          Optional.of(name),
          TransactionListener.NONE,
          ownerWait,
          closeWait,
          newestStamp,
          backends);
    }
  }

  /** The table and key of a row. */
  record StampRow(Table table, byte[] key) {}

  /** Thrown if a backend cannot be opened with its settings. */
  final class InvalidSettings extends RuntimeException {
    private final String action;

    /**
     * Makes the failure.
     *
     * @param problem one sentence that says what is wrong
     * @param action one sentence that says what to change
     */
    public InvalidSettings(@Nullable String problem, String action) {
      super(problem);
      this.action = action;
    }

    /** The change that is needed. */
    public String action() {
      return action;
    }
  }
}
