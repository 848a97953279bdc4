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
 * Opens clusters through FoundationDB's client library. No other class loads the library.
 *
 * <p>The library's network thread starts with the first cluster, with the settings given then, and
 * runs until the process ends. By default the library would stop responding as soon as the JVM
 * begins to shut down. Instead, the network thread keeps running until every open cluster has been
 * {@linkplain #close closed}, for 30 seconds at most, so that running transactions finish and
 * leases are released.
 */
public final class FdbClient {

  /** The version of FoundationDB's API in use. */
  public static final int API_VERSION = 730;

  /**
   * How to reach a cluster.
   *
   * @param clusterFile the cluster file
   * @param traceDirectory the directory for the client's trace files, if it is to write any
   * @param tls the TLS files, used if the cluster file asks for TLS
   * @param externalClientDirectory client libraries of other releases, for upgrades of the cluster
   * @param knobs the client's knobs
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

    /** Default settings for a cluster. */
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
   * TLS settings. For each one that is absent, the client reads its environment. The library
   * crashes the process if a file exists but has unusable content.
   *
   * @param certificateFile the certificate presented to the cluster
   * @param keyFile its private key
   * @param caFile the CA certificates that verify the cluster's certificate
   * @param password the password of the private key, if it is encrypted
   * @param verifyPeers the required properties of the cluster's certificate, in FoundationDB's
   *     notation
   */
  public record Tls(
      Optional<Path> certificateFile,
      Optional<Path> keyFile,
      Optional<Path> caFile,
      Optional<String> password,
      Optional<String> verifyPeers) {

    /** No TLS settings. */
    public static final Tls NONE =
        new Tls(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    @Override
    public String toString() {
      return "Tls[certificateFile=" + certificateFile + "]"; // keeps the password out of logs
    }
  }

  /** A cluster cannot be opened with its configuration. The message is one sentence. */
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

    /** What the operator should do. */
    public String action() {
      return action;
    }
  }

  /** {@code description:id@coordinator[,coordinator...]}. */
  private static final Pattern CONNECTION =
      Pattern.compile("\\w+:\\w+@[^,\\s]+:\\d+(:tls)?(,[^,\\s]+:\\d+(:tls)?)*");

  /**
   * Completes futures; never blocks. The threads that wait for them are virtual. Completing a
   * future on a virtual thread as well wakes only one carrier thread, and leaves the network thread
   * free.
   */
  private static final Executor COMPLETER = Thread::startVirtualThread;

  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Condition CLOSED = LOCK.newCondition();
  private static final Set<Database> OPEN = Collections.newSetFromMap(new IdentityHashMap<>());
  private static boolean endIsWaited;
  private static Duration endWaitMax = Duration.ZERO;

  private FdbClient() {}

  /**
   * Opens a cluster without contacting it; the first transaction does that.
   *
   * @param endWait how long the end of the JVM waits for open clusters to be closed, at least
   * @throws Unusable if the library, the cluster file or another file is missing or unusable
   */
  public static synchronized Database open(Settings settings, Duration endWait) {
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
      return open(fdb, settings.clusterFile(), endWait);
    } catch (FDBException e) {
      throw new Unusable(
          "FoundationDB's client rejects its settings: " + FdbErrors.text(e) + ".",
          "Check the knobs, the TLS files and the external client libraries under"
              + " divan.storage.fdb in the configuration.",
          e);
    }
  }

  private static Database open(FDB fdb, Path clusterFile, Duration endWait) {
    LOCK.lock();
    try {
      if (!endIsWaited) {
        fdb.disableShutdownHook();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(fdb), "fdb-end"));
        endIsWaited = true;
      }
      endWaitMax = endWait.compareTo(endWaitMax) > 0 ? endWait : endWaitMax;
      Database database = fdb.open(clusterFile.toString(), COMPLETER);
      OPEN.add(database);
      return database;
    } finally {
      LOCK.unlock();
    }
  }

  /** Closes a cluster, whether or not {@link #open} opened it. */
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

  /**
   * Waits for open clusters to be closed, then stops the network thread, as the JVM's end requires.
   */
  private static void end(FDB fdb) {
    LOCK.lock();
    try {
      long left = endWaitMax.toNanos();
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
    } catch (LinkageError e) {
      throw LibraryErrors.of(e);
    } catch (RuntimeException e) {
      throw new Unusable(
          "FoundationDB's client library libfdb_c does not have version " + API_VERSION
              + " of the API: " + e.getMessage() + ".",
          LibraryErrors.INSTALL,
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
          file + " is not a cluster file: no line has the form description:id@10.0.0.1:4500.",
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
          "Create it, or correct divan.storage.fdb." + setting + ".");
    }
  }
}
