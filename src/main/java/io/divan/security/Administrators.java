package io.divan.security;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;
import static io.divan.configuration.RuntimeConfiguration.Trait.CONFIGURED_WINS;

import io.divan.configuration.ConfigurationException;
import io.divan.configuration.EntryRule;
import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.ValueType;
import io.divan.security.password.PasswordHash;
import io.divan.security.password.PasswordHasher;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The server administrators: those of the property {@code divan.admins}, and those that were made
 * while the service ran, which are entries of the section {@code admins}. Safe for use by many
 * threads.
 *
 * <p>A password that is configured in clear is hashed once. The hash stands in the system store and
 * is used again as long as it matches, so that session cookies, which its salt signs, outlive a
 * restart and count on every instance. Of instances that are configured with different passwords,
 * as during an upgrade, each accepts its own.
 *
 * <p>The service starts while {@link ConfiguredPasswords} checks or hashes. The names count at
 * once; the look-up of such a name waits for its hash.
 */
public final class Administrators implements AutoCloseable {

  /** In the system store: name → hash of the password that was configured in clear. */
  static final Table HASHES = new Table(38, "administrators");

  private static final int PARSED_MAX = 1_000;

  private final PasswordHasher hasher;
  private final ConfiguredPasswords configured;
  private final RuntimeConfiguration.Section section;

  /** The hashes of the section's entries by their text, which is parsed once. */
  private final Map<String, Optional<PasswordHash>> parsed = new ConcurrentHashMap<>();

  /**
   * Begins to hash the configured passwords that were not hashed before.
   *
   * @param properties names, and passwords in clear or as hashes
   * @param system where hashes are kept
   * @param exposed whether the service can be reached from other machines, so that it must not be
   *     left without an administrator
   * @throws InvalidProperty if a password is empty
   */
  Administrators(
      Map<String, String> properties,
      Store system,
      PasswordHasher hasher,
      RuntimeConfiguration configuration,
      boolean exposed) {
    this.hasher = hasher;
    this.configured = new ConfiguredPasswords(properties, system, hasher);
    this.section =
        configuration.declareSection(
            "admins",
            "divan.admins",
            new Rule(exposed),
            texts(properties),
            CHANGEABLE,
            CONFIGURED_WINS);
    configured.start(hashes -> section.configure(hashes));
  }

  /** The entries until the hashes are known; those of passwords in clear are empty. */
  private static Map<String, String> texts(Map<String, String> properties) {
    Map<String, String> texts = new HashMap<>();
    properties.forEach(
        (name, text) -> {
          if (text.isEmpty()) {
            throw new InvalidProperty(
                "divan.admins." + name, "must not be empty: it is an administrator's password");
          }
          texts.put(name, PasswordHash.parse(text).map(PasswordHash::toText).orElse(""));
        });
    return texts;
  }

  /** Whether there is an administrator; without one, everybody who reaches the service is one. */
  public boolean exist() {
    return !section.entries().isEmpty();
  }

  /**
   * The hash of an administrator's password.
   *
   * @throws StorageException.StoreUnavailable when the hash of a configured password is not known
   *     within {@link ConfiguredPasswords#WAIT_MAX}
   */
  Optional<PasswordHash> find(String name) {
    if (configured.isClear(name)) {
      return Optional.of(configured.hash(name));
    }
    String text = section.entries().get(name);
    if (text == null) {
      return Optional.empty();
    }
    if (parsed.size() >= PARSED_MAX) {
      parsed.clear();
    }
    return parsed.computeIfAbsent(text, PasswordHash::parse);
  }

  /** Stops the hashing of configured passwords. */
  @Override
  public void close() {
    configured.close();
  }

  /** Hashes the passwords of new administrators, and protects the last one. */
  private final class Rule implements EntryRule {
    private final boolean exposed;

    Rule(boolean exposed) {
      this.exposed = exposed;
    }

    @Override
    public String accept(String name, String value) {
      if (name.isEmpty() || name.indexOf(':') >= 0 || name.startsWith("_")) {
        throw new ValueType.InvalidValue(
            "The name of an administrator must not be empty, begin with _ or contain a colon");
      }
      if (value.isEmpty()) {
        throw new ValueType.InvalidValue("The password must not be empty");
      }
      return PasswordHash.parse(value).orElseGet(() -> hasher.hash(value)).toText();
    }

    @Override
    public void awaitConfigured() {
      configured.await();
    }

    @Override
    public void checkRemoval(String name) {
      boolean last = section.entries().keySet().stream().allMatch(name::equals);
      if (exposed && last) {
        throw new ConfigurationException.Refused(
            "The last administrator cannot be removed while the service can be reached from other"
                + " machines");
      }
    }
  }
}
