package io.divan.storage.fdb;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.FDB;
import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.NetworkOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * Opens clusters through FoundationDB's client library: the only class that loads it. The library's
 * network thread starts with the first cluster and lasts as long as the process, with the settings
 * of that first time. When the process ends, it waits for clusters that are open to be {@linkplain
 * #close closed}, 30 seconds at most: what is under way comes to its end, and leases are given
 * back. By itself the library would answer nothing any more from the moment the end begins.
 */
public final class FdbClient {

  /** The version of FoundationDB's interface that is spoken. */
  public static final int API_VERSION = 730;

  /**
   * How to reach a cluster.
   *
   * @param clusterFile the cluster file
   * @param traceDirectory where the client writes trace files, if anywhere
   * @param tls the files for TLS to the cluster, which the cluster file asks for
   * @param externalClientDirectory client libraries of other versions, for upgrades of the cluster
   * @param knobs the client's inner settings
   */
  public record Settings(
      Path clusterFile,
      Optional<Path> traceDirectory,
      Tls tls,
      Optional<Path> externalClientDirectory,
      Map<String, String> knobs) {

    public Settings {
      knobs = Map.copyOf(knobs);
    }

    /** A cluster, and nothing else that is not the default. */
    public static Settings of(Path clusterFile) {
      return new Settings(
          clusterFile,
          Optional.empty(),
          Tls.NONE,
          Optional.empty(),
          Map.of());
    }
  }

  /**
   * What TLS needs; where it says nothing, the client looks at its environment. The library ends
   * the process where a file is there and holds something else.
   *
   * @param certificateFile the certificate shown to the cluster
   * @param keyFile its private key
   * @param caFile the certificates that the cluster's are checked against
   * @param password what opens the private key, where it is encrypted
   * @param verifyPeers what the cluster's certificates must say, in FoundationDB's notation
   */
  public record Tls(
      Optional<Path> certificateFile,
      Optional<Path> keyFile,
      Optional<Path> caFile,
      Optional<String> password,
      Optional<String> verifyPeers) {

    /** Nothing given. */
    public static final Tls NONE =
        new Tls(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    @Override
    public String toString() {
      return "Tls[certificateFile=" + certificateFile + "]"; // a password belongs into no log
    }
  }

  /** A cluster cannot be opened as it is configured; says so in one sentence, and what to do. */
  public static final class Unusable extends RuntimeException {
    private final String action;

    Unusable(String problem, String action, Throwable cause) {
      super(problem, cause);
      this.action = action;
    }

    Unusable(String problem, String action) {
      super(problem);
      this.action = action;
    }

    /** What to do about it. */
    public String action() {
      return action;
    }
  }

  /** A description, an id, and the coordinators' addresses. */
  private static final Pattern CONNECTION =
      Pattern.compile("\\w+:\\w+@[^,\\s]+:\\d+(:tls)?(,[^,\\s]+:\\d+(:tls)?)*");

  /**
   * Completes answers, which never blocks. Who waits for them are virtual threads: completing them
   * on one too wakes a carrier once, and the network thread is free for its own work.
   */
  private static final Executor ANSWERS = Thread::startVirtualThread;

  /** Longer than the service waits for requests when it is stopped. */
  private static final Duration END_WAIT_MAX = Duration.ofSeconds(30);

  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Condition CLOSED = LOCK.newCondition();
  private static final Set<Database> OPEN = Collections.newSetFromMap(new IdentityHashMap<>());
  private static boolean endIsWaited;

  private FdbClient() {}

  /**
   * Opens a cluster. Whether it answers is for the first transaction to say.
   *
   * @throws Unusable when the library, the cluster file or another file is missing or not usable
   */
  public static synchronized Database open(Settings settings) {
    requireClusterFile(settings.clusterFile());
    settings.traceDirectory().ifPresent(path -> requireDirectory(path, "trace-directory"));
    settings
        .externalClientDirectory()
        .ifPresent(path -> requireDirectory(path, "external-client-directory"));
    Tls tls = settings.tls();
    tls.certificateFile().ifPresent(path -> requireFile(path, "tls-certificate-file"));
    tls.keyFile().ifPresent(path -> requireFile(path, "tls-key-file"));
    tls.caFile().ifPresent(path -> requireFile(path, "tls-ca-file"));
    FDB fdb = load();
    try {
      set(fdb.options(), settings);
      return open(fdb, settings.clusterFile());
    } catch (FDBException e) {
      throw new Unusable(
          "FoundationDB's client refuses its settings: " + FdbErrors.text(e) + ".",
          "Look at divan.storage.fdb in the configuration: the knobs, the TLS files and the"
              + " external client libraries.",
          e);
    }
  }

  private static Database open(FDB fdb, Path clusterFile) {
    LOCK.lock();
    try {
      if (!endIsWaited) {
        fdb.disableShutdownHook();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(fdb), "fdb-end"));
        endIsWaited = true;
      }
      Database database = fdb.open(clusterFile.toString(), ANSWERS);
      OPEN.add(database);
      return database;
    } finally {
      LOCK.unlock();
    }
  }

  /** Closes a database, also one that was not opened here. */
  static void close(Database database) {
    database.close();
    LOCK.lock();
    try {
      OPEN.remove(database);
      CLOSED.signalAll();
    } finally {
      LOCK.unlock();
    }
  }

  /** The process ends: the library has to be stopped before, and nothing is answered then. */
  private static void end(FDB fdb) {
    LOCK.lock();
    try {
      long left = END_WAIT_MAX.toNanos();
      while (!OPEN.isEmpty() && left > 0) {
        left = CLOSED.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      LOCK.unlock();
    }
    fdb.stopNetwork();
  }

  private static FDB load() {
    try {
      return FDB.selectAPIVersion(API_VERSION);
    } catch (LinkageError | RuntimeException e) {
      throw new Unusable(
          "FoundationDB's client library libfdb_c could not be loaded, or it is older than 7.3.",
          "Install the package foundationdb-clients 7.3 of your cluster's release"
              + " (https://github.com/apple/foundationdb/releases), or set divan.storage.backend"
              + " to another backend.",
          e);
    }
  }

  private static void set(NetworkOptions options, Settings settings) {
    settings.traceDirectory().map(Path::toString).ifPresent(options::setTraceEnable);
    Tls tls = settings.tls();
    tls.certificateFile().map(Path::toString).ifPresent(options::setTLSCertPath);
    tls.keyFile().map(Path::toString).ifPresent(options::setTLSKeyPath);
    tls.caFile().map(Path::toString).ifPresent(options::setTLSCaPath);
    tls.password().ifPresent(options::setTLSPassword);
    tls.verifyPeers()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .ifPresent(options::setTLSVerifyPeers);
    settings
        .externalClientDirectory()
        .map(Path::toString)
        .ifPresent(options::setExternalClientDirectory);
    settings.knobs().forEach((name, value) -> options.setKnob(name + "=" + value));
  }

  private static void requireClusterFile(Path file) {
    String action =
        "Set divan.storage.fdb.cluster-file to the cluster file of a running cluster, usually"
            + " /etc/foundationdb/fdb.cluster.";
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new Unusable("The cluster file " + file + " cannot be read.", action, e);
    }
    boolean valid =
        text.lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .findFirst()
            .filter(line -> CONNECTION.matcher(line).matches())
            .isPresent();
    if (!valid) {
      throw new Unusable(
          file + " is not a cluster file: it holds no line like description:id@10.0.0.1:4500.",
          action);
    }
  }

  private static void requireFile(Path path, String setting) {
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new Unusable(
          "The file " + path + " cannot be read.",
          "Correct divan.storage.fdb." + setting + ", or remove it.");
    }
  }

  private static void requireDirectory(Path path, String setting) {
    if (!Files.isDirectory(path)) {
      throw new Unusable(
          path + " is not a directory.",
          "Make it, or correct divan.storage.fdb." + setting + ".");
    }
  }
}
