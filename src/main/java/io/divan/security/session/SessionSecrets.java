package io.divan.security.session;

import io.divan.security.password.HashAlgorithm;
import io.divan.storage.StorageException;
import io.divan.storage.Watch;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The secret that signs session cookies and the tokens of proxies. Safe for use by many threads.
 *
 * <ol>
 *   <li>A configured secret signs. Without one, the newest secret of the system store signs; the
 *       first instance creates it.
 *   <li>The newest secret of the system store verifies, too, and a replaced one until the timeout
 *       has passed since its replacement, on every instance and after a restart.
 *   <li>An instance writes the row when it starts, when its configured secret changes, and, while
 *       another instance has replaced the secret that it still signs with, from time to time. It
 *       does not change the row back, so instances with different secrets do not compete.
 *   <li>An instance follows the row by a watch, at least every {@value #POLL_SECONDS} s. It also
 *       reads the row when a signature does not verify, at most once in {@value #REREAD_MILLIS}
 *       ms.
 * </ol>
 */
public final class SessionSecrets implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(SessionSecrets.class.getName());
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int SECRET_BYTES = 16;
  private static final int POLL_SECONDS = 10;
  private static final int REREAD_MILLIS = 250;
  private static final Duration RETRY_MAX = Duration.ofSeconds(15);

  /**
   * What this instance knows.
   *
   * @param configured the configured secret that the row was made for; empty without one
   * @param stored whether the row was written since
   */
  private record Known(String configured, KeptSecrets kept, boolean stored) {

    String signing() {
      return configured.isEmpty() ? kept.current() : configured;
    }

    List<String> verifying(Instant now, Duration timeout) {
      List<String> all = new ArrayList<>(3);
      all.add(signing());
      if (!kept.current().equals(signing())) {
        all.add(kept.current());
      }
      for (KeptSecrets.Former former : kept.formers()) {
        if (former.counts(now, timeout)) {
          all.add(former.secret());
        }
      }
      return all;
    }

    @Override
    public String toString() {
      return "Known[" + kept + "]"; // omits the secret
    }
  }

  private final SecretsRow row;
  private final SessionSettings settings;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicLong rereadMillis = new AtomicLong();
  private final Thread follower;
  private volatile Known known;
  private volatile boolean closed;

  /**
   * Reads the secrets, and creates or replaces the current one if it must.
   *
   * @throws StorageException when the system store cannot be read
   */
  SessionSecrets(SecretsRow row, SessionSettings settings, InstantSource clock) {
    this.row = row;
    this.settings = settings;
    this.clock = clock;
    String configured = settings.secret().get();
    this.known = new Known(configured, adopt(configured), true);
    this.follower = Thread.ofVirtual().name("session-secrets").unstarted(this::follow);
  }

  /**
   * Signs a message with the first of the hash algorithms.
   *
   * @param salt appended to the secret; may be empty
   */
  public byte[] sign(byte[] message, String salt) {
    return mac(settings.hashAlgorithms().get().getFirst(), current().signing(), message, salt);
  }

  /** Whether a message was signed with a secret and a hash algorithm that count now. */
  public boolean verify(byte[] message, String salt, byte[] mac) {
    Known now = current();
    return verify(now, message, salt, mac)
        || reread(now).filter(newer -> verify(newer, message, salt, mac)).isPresent();
  }

  /** Whether an operator has set the secret, so that others can know it. */
  public boolean isConfigured() {
    return !settings.secret().get().isEmpty();
  }

  private boolean verify(Known secrets, byte[] message, String salt, byte[] mac) {
    boolean verified = false;
    for (HashAlgorithm algorithm : settings.hashAlgorithms().get()) {
      if (algorithm.bytes() == mac.length) {
        for (String secret : secrets.verifying(clock.instant(), settings.timeout().get())) {
          verified |= MessageDigest.isEqual(mac, mac(algorithm, secret, message, salt));
        }
      }
    }
    return verified;
  }

  private static byte[] mac(HashAlgorithm algorithm, String secret, byte[] message, String salt) {
    byte[] begin = secret.getBytes(StandardCharsets.UTF_8);
    byte[] end = salt.getBytes(StandardCharsets.UTF_8);
    byte[] key = Arrays.copyOf(begin, begin.length + end.length);
    System.arraycopy(end, 0, key, begin.length, end.length);
    return algorithm.mac(key).doFinal(message);
  }

  /** What is known, after a change of the configured secret has been noticed. */
  private Known current() {
    Known now = known;
    return now.configured().equals(settings.secret().get()) ? now : reconfigure();
  }

  private Known reconfigure() {
    lock.lock();
    try {
      if (!known.configured().equals(settings.secret().get())) {
        storeConfigured();
      }
    } catch (StorageException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The changed secret of session cookies cannot be stored now; other instances do not"
              + " know it until the storage is available: " + e.getMessage());
    } finally {
      lock.unlock();
    }
    return known;
  }

  /** Stores the configured secret. It counts on this instance even if that fails. */
  private void storeConfigured() {
    String configured = settings.secret().get();
    boolean stored = false;
    try {
      known = new Known(configured, adopt(configured), true);
      stored = true;
    } finally {
      if (!stored) {
        known = new Known(configured, next(Optional.of(known.kept()), configured), false);
      }
    }
  }

  private KeptSecrets adopt(String configured) {
    return row.change(kept -> Optional.of(next(kept, configured)));
  }

  private KeptSecrets next(Optional<KeptSecrets> kept, String configured) {
    return KeptSecrets.adopt(
        kept, configured, SessionSecrets::random, clock.instant(), settings.timeout().get());
  }

  private static String random() {
    byte[] secret = new byte[SECRET_BYTES];
    RANDOM.nextBytes(secret);
    return HexFormat.of().formatHex(secret);
  }

  /** Reads the row if it was not read recently; returns what is known if that has changed. */
  private Optional<Known> reread(Known before) {
    long now = clock.millis();
    long last = rereadMillis.get();
    if (Math.abs(now - last) < REREAD_MILLIS || !rereadMillis.compareAndSet(last, now)) {
      Known present = known;
      return present == before ? Optional.empty() : Optional.of(present);
    }
    try {
      refresh();
    } catch (StorageException e) {
      LOG.log(System.Logger.Level.DEBUG, "The secret of session cookies cannot be read now", e);
    }
    Known present = known;
    return present == before ? Optional.empty() : Optional.of(present);
  }

  /**
   * Reads the row. Writes it if a change was not stored, or an own secret would expire.
   *
   * @throws StorageException when the system store cannot be read or written
   */
  void refresh() {
    lock.lock();
    try {
      Known old = known;
      if (!old.stored() || !old.configured().equals(settings.secret().get())) {
        storeConfigured();
        return;
      }
      Optional<KeptSecrets> read = row.read();
      if (read.isEmpty()) { // the system store was replaced
        known = new Known(old.configured(), adopt(old.configured()), true);
      } else if (!read.get().equals(old.kept())) {
        known = new Known(old.configured(), read.get(), true);
      }
      keepCounting();
    } finally {
      lock.unlock();
    }
  }

  /** Keeps the own secret counting on other instances, which have replaced it. */
  private void keepCounting() {
    Known now = known;
    Instant instant = clock.instant();
    Duration timeout = settings.timeout().get();
    String signing = now.signing();
    boolean counts =
        now.kept().current().equals(signing)
            || now.kept().formers().stream()
                .anyMatch(
                    former -> former.secret().equals(signing)
                        && former.counts(instant, timeout.dividedBy(2)));
    if (!counts) {
      KeptSecrets kept =
          row.change(
              present -> present.map(
                  secrets -> secrets.current().equals(signing)
                      ? secrets
                      : secrets.refreshed(signing, instant, timeout)));
      known = new Known(now.configured(), kept, true);
    }
  }

  /** Begins to follow the changes of other instances. */
  void start() {
    follower.start();
  }

  private void follow() {
    int failures = 0;
    try {
      while (!closed) {
        try {
          Optional<Watch> watch = row.watch(known.kept());
          if (watch.isPresent()) {
            try (Watch armed = watch.get()) {
              armed.await(Duration.ofSeconds(POLL_SECONDS));
            }
          }
          if (!closed) {
            refresh();
          }
          failures = 0;
        } catch (StorageException e) {
          failures++;
          report(failures, e);
          Duration delay = Duration.ofMillis(250L << Math.min(failures, 6));
          Thread.sleep(delay.compareTo(RETRY_MAX) < 0 ? delay : RETRY_MAX);
        }
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private void report(int failures, StorageException failure) {
    if (!closed) {
      LOG.log(
          failures == 1 ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
          "The secret of session cookies cannot be read now; trying again until the storage is"
              + " available: " + failure.getMessage());
    }
  }

  /** Stops following the changes of other instances. */
  @Override
  public void close() {
    closed = true;
    if (follower.getState() == Thread.State.NEW) {
      return;
    }
    follower.interrupt();
    try {
      follower.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
