package io.divan.security.password;

import io.divan.document.DocumentException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Hashes and checks passwords. Safe for use by many threads.
 *
 * <ol>
 *   <li>All hashing runs on a few threads with a bounded queue; see {@link HashingPool}.
 *   <li>A right password is remembered for minutes, under an HMAC of name, password and hash with a
 *       random key of this process. A changed hash is another key, so nothing needs eviction. Wrong
 *       passwords are not remembered.
 *   <li>An unknown name costs what a name with a hash of the present settings costs.
 *   <li>Equal checks at the same time share one computation.
 * </ol>
 */
public final class PasswordHasher implements PasswordEncoder, AutoCloseable {

  /** Thrown when too many passwords wait for their check. The client may try again soon. */
  public static final class Overloaded extends RuntimeException {

    Overloaded() {
      super("Too many passwords wait to be checked. Try again later.", null, false, false);
    }

    /** After how many seconds to try again: 1 to 5. */
    public int retryAfterSeconds() {
      return 1 + RANDOM.nextInt(5);
    }
  }

  /** The key of remembered passwords and of running checks. */
  private record Check(byte[] mac) {

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Check check && MessageDigest.isEqual(mac, check.mac);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(mac);
    }
  }

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int SALT_BYTES = 16;
  private static final int REMEMBERED_MAX = 1_000;
  private static final Duration REMEMBERED = Duration.ofMinutes(5);

  private final PasswordSettings settings;
  private final HashingPool<Check> pool;
  private final RecentEntries<Check, Boolean> remembered;
  private final MacPool macs;
  private final String unknownSalt = newSalt();

  PasswordHasher(PasswordSettings settings, HashingPool.Limits limits, InstantSource clock) {
    this.settings = settings;
    this.pool = new HashingPool<>(limits);
    this.remembered = new RecentEntries<>(() -> REMEMBERED_MAX, () -> REMEMBERED, clock);
    byte[] key = new byte[HashAlgorithm.SHA256.bytes()];
    RANDOM.nextBytes(key);
    this.macs = new MacPool(HashAlgorithm.SHA256, key);
  }

  /** Creates a hasher that does not read the configuration, for commands and tests. */
  public static PasswordHasher withIterations(int iterations) {
    return new PasswordHasher(
        PasswordSettings.of(iterations), HashingPool.Limits.DEFAULTS, InstantSource.system());
  }

  /** Registers the meters of the queue. */
  void bindTo(MeterRegistry registry) {
    Gauge.builder("divan.password.queue", pool, HashingPool::waiting)
        .description("Password computations that wait for a thread")
        .register(registry);
    Gauge.builder("divan.password.queue.limit", pool, HashingPool::queueMax)
        .description("The most password computations that may wait for a thread")
        .register(registry);
    FunctionCounter.builder("divan.password.refused", pool, HashingPool::refused)
        .description("Password computations that were refused or took too long")
        .register(registry);
    FunctionTimer.builder(
        "divan.password.checks",
        pool,
        HashingPool::waits,
        HashingPool::waitNanos,
        TimeUnit.NANOSECONDS)
        .description("Waits for a password computation, its queue included")
        .register(registry);
  }

  /**
   * Hashes a password with a new salt.
   *
   * @throws Overloaded when too many passwords wait
   */
  public PasswordHash hash(String password) {
    return hash(password, newSalt());
  }

  /**
   * Hashes a password with the present settings.
   *
   * @throws Overloaded when too many passwords wait
   */
  public PasswordHash hash(String password, String salt) {
    HashAlgorithm prf = settings.prf().get();
    int iterations = Math.toIntExact(settings.iterations().get());
    byte[] key = pool.run(() -> Pbkdf2.derive(prf, utf8(password), utf8(salt), iterations));
    return PasswordHash.pbkdf2(prf, salt, iterations, HexFormat.of().formatHex(key));
  }

  private static String newSalt() {
    byte[] salt = new byte[SALT_BYTES];
    RANDOM.nextBytes(salt);
    return HexFormat.of().formatHex(salt);
  }

  /**
   * Checks a password.
   *
   * @param hash the hash of the user's password; empty if there is no such user
   * @throws DocumentException.Forbidden when the hash is of a kind that is not accepted
   * @throws Overloaded when too many passwords wait
   */
  public boolean matches(String name, String password, Optional<PasswordHash> hash) {
    return matches(name, password, hash, true);
  }

  /**
   * Checks a password as {@link #matches(String, String, Optional)} does.
   *
   * @param bounded whether a hash must keep to the bounds of iterations. Those of administrators
   *     need not: a wrong bound would lock out whoever could take it back
   */
  public boolean matches(
      String name, String password, Optional<PasswordHash> hash, boolean bounded) {
    Check check = check(name, password, hash);
    if (remembered.get(check).isPresent()) {
      // Also where it is not accepted any more: who sets a wrong bound can take it back, as in
      // CouchDB.
      return true;
    }
    hash.ifPresent(found -> checkAccepted(found, bounded));
    boolean right =
        pool.run(
            check,
            () -> {
              if (hash.isPresent()) {
                return matches(password, hash.get());
              }
              long iterations = settings.iterations().get();
              Pbkdf2.derive(
                  settings.prf().get(),
                  utf8(password),
                  utf8(unknownSalt),
                  Math.toIntExact(iterations));
              return false;
            });
    if (right) {
      remembered.merge(check, true, old -> old);
    }
    return right;
  }

  private Check check(String name, String password, Optional<PasswordHash> hash) {
    byte[] nameBytes = utf8(name);
    byte[] passwordBytes = utf8(password);
    byte[] hashBytes = hash.map(PasswordHash::toText).map(PasswordHasher::utf8).orElse(new byte[0]);
    Mac mac = macs.take();
    updateWithLength(mac, nameBytes);
    updateWithLength(mac, passwordBytes);
    mac.update(hashBytes);
    Check check = new Check(mac.doFinal());
    macs.giveBack(mac);
    return check;
  }

  private static void updateWithLength(Mac mac, byte[] bytes) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      mac.update((byte) (bytes.length >> shift));
    }
    mac.update(bytes);
  }

  private void checkAccepted(PasswordHash hash, boolean bounded) {
    if (hash.scheme().equals(PasswordHash.SIMPLE)) {
      return;
    }
    if (HashAlgorithm.named(hash.prf()).isEmpty()) {
      throw new DocumentException.Forbidden("PRF is invalid");
    }
    if (bounded && hash.iterations() < settings.minIterations().get()) {
      throw new DocumentException.Forbidden("Iteration count is too low for this server");
    }
    if (bounded && hash.iterations() > settings.maxIterations().get()) {
      throw new DocumentException.Forbidden("Iteration count is too high for this server");
    }
  }

  private static boolean matches(String password, PasswordHash hash) {
    String found =
        switch (hash.scheme()) {
          case PasswordHash.SIMPLE -> simple(password, hash.salt());
          case PasswordHash.SIMPLE_PBKDF2 -> derive(simple(password, hash.salt()), hash);
          case PasswordHash.PBKDF2 -> derive(password, hash);
          default -> ""; // matches no key
        };
    return !found.isEmpty() && MessageDigest.isEqual(utf8(found), utf8(hash.key()));
  }

  private static String simple(String password, String salt) {
    MessageDigest digest = HashAlgorithm.SHA.digest();
    digest.update(utf8(password));
    return HexFormat.of().formatHex(digest.digest(utf8(salt)));
  }

  private static String derive(String password, PasswordHash hash) {
    HashAlgorithm prf = HashAlgorithm.named(hash.prf()).orElseThrow();
    return HexFormat.of()
        .formatHex(Pbkdf2.derive(prf, utf8(password), utf8(hash.salt()), hash.iterations()));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a new hash of the same password would differ in scheme, function or rounds. */
  public boolean needsUpgrade(PasswordHash hash) {
    return !hash.scheme().equals(PasswordHash.PBKDF2)
        || !hash.prf().equals(settings.prf().get().couchName())
        || hash.iterations() != settings.iterations().get();
  }

  @Override
  public String encode(@Nullable CharSequence password) {
    return hash(Objects.requireNonNull(password).toString()).toText();
  }

  /** Checks a password of an unknown owner against a {@linkplain PasswordHash#toText text}. */
  @Override
  public boolean matches(@Nullable CharSequence password, @Nullable String encoded) {
    return password != null
        && encoded != null
        && matches("", password.toString(), PasswordHash.parse(encoded));
  }

  @Override
  public boolean upgradeEncoding(@Nullable String encoded) {
    return encoded != null
        && PasswordHash.parse(encoded).filter(this::needsUpgrade).isPresent();
  }

  /** Stops the threads. Checks that wait fail as {@link Overloaded}. */
  @Override
  public void close() {
    pool.close();
  }
}
