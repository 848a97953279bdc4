package io.divan.security;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;
import static io.divan.configuration.RuntimeConfiguration.Trait.CONFIGURED_WINS;

import io.divan.configuration.ConfigurationException;
import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.ValueType;
import io.divan.security.password.PasswordHash;
import io.divan.security.password.PasswordHasher;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The server administrators: those of the property {@code divan.admins}, and those that were made
 * while the service ran, which are entries of the section {@code admins}. Safe for use by many
 * threads.
 *
 * <p>A password that is configured in clear is hashed once. The hash stands in the system store and
 * is used again as long as it matches, so that session cookies, which its salt signs, outlive a
 * restart and count on every instance. Of instances that are configured with different passwords,
 * as during an upgrade, each accepts its own.
 */
public final class Administrators {

  /** In the system store: name → hash of the password that was configured in clear. */
  static final Table HASHES = new Table(38, "administrators");

  private static final int PARSED_MAX = 1_000;

  private final PasswordHasher hasher;
  private final RuntimeConfiguration.Section section;

  /** The hashes of the section's entries by their text, which is parsed once. */
  private final Map<String, Optional<PasswordHash>> parsed = new ConcurrentHashMap<>();

  /**
   * Hashes configured passwords that were not hashed before.
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
    Map<String, String> texts = new HashMap<>();
    hashes(properties, system).forEach((name, hash) -> texts.put(name, hash.toText()));
    this.section =
        configuration.declareSection(
            "admins", "divan.admins", new Rule(exposed), texts, CHANGEABLE, CONFIGURED_WINS);
  }

  private Map<String, PasswordHash> hashes(Map<String, String> properties, Store system) {
    Map<String, PasswordHash> known = new HashMap<>();
    for (KeyValue row : system.read(tx -> tx.scan(Range.all(HASHES)).rows())) {
      PasswordHash.parse(new TupleReader(row.value()).nextString())
          .ifPresent(hash -> known.put(new TupleReader(row.key()).nextString(), hash));
    }
    Map<String, PasswordHash> hashes = new HashMap<>();
    Map<String, PasswordHash> changed = new HashMap<>();
    properties.forEach(
        (name, text) -> {
          if (text.isEmpty()) {
            throw new InvalidProperty(
                "divan.admins." + name, "must not be empty: it is an administrator's password");
          }
          Optional<PasswordHash> given = PasswordHash.parse(text);
          PasswordHash hash = given.orElseGet(() -> hash(name, text, known.get(name)));
          hashes.put(name, hash);
          if (given.isEmpty() && !hash.equals(known.get(name))) {
            changed.put(name, hash);
          }
        });
    known.keySet().removeIf(properties::containsKey);
    if (!changed.isEmpty() || !known.isEmpty()) {
      system.write(
          transaction -> {
            changed.forEach(
                (name, hash) -> transaction.put(
                    HASHES, key(name), new TupleWriter().add(hash.toText()).toBytes()));
            known.keySet().forEach(name -> transaction.delete(HASHES, key(name)));
            return true;
          });
    }
    return Map.copyOf(hashes);
  }

  private PasswordHash hash(
      String name, String password, @Nullable PasswordHash known) {
    if (known == null || !hasher.matches(name, password, Optional.of(known), false)) {
      return hasher.hash(password);
    }
    return hasher.needsUpgrade(known) ? hasher.hash(password, known.salt()) : known;
  }

  private static byte[] key(String name) {
    return new TupleWriter().add(name).toBytes();
  }

  /** Whether there is an administrator; without one, everybody who reaches the service is one. */
  public boolean exist() {
    return !section.entries().isEmpty();
  }

  /** The hash of an administrator's password. */
  Optional<PasswordHash> find(String name) {
    String text = section.entries().get(name);
    if (text == null) {
      return Optional.empty();
    }
    if (parsed.size() >= PARSED_MAX) {
      parsed.clear();
    }
    return parsed.computeIfAbsent(text, PasswordHash::parse);
  }

  /** Hashes the passwords of new administrators, and protects the last one. */
  private final class Rule implements RuntimeConfiguration.EntryRule {
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
