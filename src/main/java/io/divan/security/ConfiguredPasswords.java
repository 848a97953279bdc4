package io.divan.security;

import io.divan.security.password.PasswordHash;
import io.divan.security.password.PasswordHasher;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The hashes of the passwords in {@code divan.admins}, computed on a thread of its own. A password
 * in clear is checked against its kept hash, and hashed if it does not match. Safe for use by many
 * threads.
 */
final class ConfiguredPasswords implements AutoCloseable {

  /** The longest wait of a caller for the hashes. */
  static final Duration WAIT_MAX = Duration.ofSeconds(30);

  private static final Duration RETRY = Duration.ofMillis(250);
  private static final Duration RETRY_MAX = Duration.ofSeconds(15);
  private static final Logger LOG = LoggerFactory.getLogger(ConfiguredPasswords.class);

  private final Map<String, String> properties;
  private final Map<String, PasswordHash> given = new HashMap<>();
  private final Store system;
  private final PasswordHasher hasher;
  private final CompletableFuture<Map<String, PasswordHash>> hashes = new CompletableFuture<>();
  private @Nullable Thread thread;
  private volatile boolean closed;

  /**
   * Creates the hashes without computing them.
   *
   * @param properties names, and passwords in clear or as hashes
   * @param system where hashes are kept
   */
  ConfiguredPasswords(Map<String, String> properties, Store system, PasswordHasher hasher) {
    this.properties = Map.copyOf(properties);
    this.system = system;
    this.hasher = hasher;
    properties.forEach(
        (name, text) -> PasswordHash.parse(text).ifPresent(hash -> given.put(name, hash)));
  }

  /** Whether the password of a name is configured in clear. */
  boolean isClear(String name) {
    return properties.containsKey(name) && !given.containsKey(name);
  }

  /**
   * Begins to compute the hashes.
   *
   * @param known receives the texts of all hashes by name, before callers of {@link #await} return
   */
  void start(Consumer<Map<String, String>> known) {
    thread = Thread.ofPlatform().daemon().name("administrators").start(() -> run(known));
  }

  private void run(Consumer<Map<String, String>> known) {
    Duration delay = RETRY;
    while (!closed) {
      try {
        Optional<Map<String, PasswordHash>> result = compute();
        if (result.isEmpty()) {
          continue;
        }
        Map<String, PasswordHash> computed = result.get();
        Map<String, String> texts = new HashMap<>();
        computed.forEach((name, hash) -> texts.put(name, hash.toText()));
        known.accept(texts);
        hashes.complete(computed);
        return;
      } catch (RuntimeException e) { // of the storage or of a full queue, which may recover
        if (closed) {
          return;
        }
        report(delay.equals(RETRY), e);
      }
      try {
        Thread.sleep(delay);
      } catch (InterruptedException e) {
        return;
      }
      delay = delay.multipliedBy(2).compareTo(RETRY_MAX) < 0 ? delay.multipliedBy(2) : RETRY_MAX;
    }
  }

  private static void report(boolean first, RuntimeException failure) {
    Level level = first ? Level.WARN : Level.DEBUG;
    boolean expected =
        failure instanceof StorageException || failure instanceof PasswordHasher.Overloaded;
    LOG.atLevel(level)
        .setCause(expected ? null : failure)
        .log(
            "The passwords of divan.admins cannot be compared with their kept hashes now, so these"
                + " administrators cannot log in; trying again until it succeeds. Check the"
                + " storage: {}",
            failure.getMessage());
  }

  /** Returns the hashes and keeps them; empty if another instance has just kept others. */
  private Optional<Map<String, PasswordHash>> compute() {
    Map<String, PasswordHash> kept = system.read(ConfiguredPasswords::rows);
    Map<String, PasswordHash> computed = new HashMap<>(given);
    Map<String, PasswordHash> changed = new HashMap<>();
    properties.forEach(
        (name, password) -> {
          if (!given.containsKey(name)) {
            PasswordHash hash = hash(name, password, kept.get(name));
            computed.put(name, hash);
            if (!hash.equals(kept.get(name))) {
              changed.put(name, hash);
            }
          }
        });
    Map<String, PasswordHash> removed = new HashMap<>(kept);
    removed.keySet().removeIf(properties::containsKey);
    boolean done =
        changed.isEmpty() && removed.isEmpty()
            || system.write(transaction -> keep(transaction, kept, changed, removed)).result();
    return done ? Optional.of(Map.copyOf(computed)) : Optional.empty();
  }

  private static boolean keep(
      WriteTransaction transaction,
      Map<String, PasswordHash> kept,
      Map<String, PasswordHash> changed,
      Map<String, PasswordHash> removed) {
    if (!rows(transaction).equals(kept)) {
      return false;
    }
    changed.forEach(
        (name, hash) -> transaction.put(
            Administrators.HASHES, key(name), new TupleWriter().add(hash.toText()).toBytes()));
    removed.keySet().forEach(name -> transaction.delete(Administrators.HASHES, key(name)));
    return true;
  }

  private static Map<String, PasswordHash> rows(ReadTransaction transaction) {
    Map<String, PasswordHash> rows = new HashMap<>();
    for (KeyValue row : transaction.scan(Range.all(Administrators.HASHES)).rows()) {
      PasswordHash.parse(new TupleReader(row.value()).nextString())
          .ifPresent(hash -> rows.put(new TupleReader(row.key()).nextString(), hash));
    }
    return rows;
  }

  private PasswordHash hash(String name, String password, @Nullable PasswordHash kept) {
    if (kept == null || !hasher.matches(name, password, Optional.of(kept), false)) {
      return hasher.hash(password);
    }
    return hasher.needsUpgrade(kept) ? hasher.hash(password, kept.salt()) : kept;
  }

  private static byte[] key(String name) {
    return new TupleWriter().add(name).toBytes();
  }

  /**
   * Returns the hash of a configured password, and waits for it.
   *
   * @throws StorageException.StoreUnavailable when it is not known within {@link #WAIT_MAX}
   */
  PasswordHash hash(String name) {
    return Objects.requireNonNull(await().get(name));
  }

  /**
   * Waits for the hashes of all configured passwords.
   *
   * @throws StorageException.StoreUnavailable when they are not known within {@link #WAIT_MAX}
   */
  Map<String, PasswordHash> await() {
    try {
      return hashes.get(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    } catch (TimeoutException | CancellationException | ExecutionException e) {
      throw unavailable(e);
    }
  }

  private static StorageException unavailable(Exception cause) {
    return new StorageException.StoreUnavailable(
        "The passwords of the configured administrators are not checked yet. Try again later.",
        cause);
  }

  /** Stops the computation. Callers that wait get an exception. */
  @Override
  public void close() {
    closed = true;
    hashes.cancel(false);
    Thread running = thread;
    if (running == null) {
      return;
    }
    running.interrupt();
    try {
      running.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
