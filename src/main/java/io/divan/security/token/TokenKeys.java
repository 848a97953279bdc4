package io.divan.security.token;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;
import static io.divan.configuration.RuntimeConfiguration.Trait.SECRET;

import io.divan.configuration.EntryRule;
import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.ValueType;
import java.security.Key;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The configured keys, parsed once for each change. Safe for use by many threads. */
final class TokenKeys {

  private static final System.Logger LOG = System.getLogger(TokenKeys.class.getName());
  private static final String SECTION = "jwt_keys";
  private static final String PROPERTY = "divan.jwt.keys";
  private static final int STRONG_SECRET_BYTES = 32;

  private record Parsed(Map<String, String> entries, Map<String, Key> keys) {}

  private final RuntimeConfiguration.Section section;
  private volatile Parsed parsed = new Parsed(Map.of(), Map.of());

  private TokenKeys(RuntimeConfiguration.Section section) {
    this.section = section;
  }

  static TokenKeys declare(RuntimeConfiguration configuration, Map<String, String> configured) {
    configured.forEach(
        (entry, text) -> {
          try {
            check(entry, text);
          } catch (ValueType.InvalidValue e) {
            throw new InvalidProperty(
                PROPERTY + "[" + entry + "]", String.valueOf(e.getMessage()));
          }
        });
    return new TokenKeys(
        configuration.declareSection(
            SECTION,
            PROPERTY,
            new EntryRule() {
              @Override
              public String accept(String entry, String text) {
                check(entry, text);
                return text;
              }

              @Override
              public void checkStored(String entry, String text) {
                check(entry, text);
              }
            },
            configured,
            CHANGEABLE,
            SECRET));
  }

  private static void check(String entry, String text) {
    KeyType.ofEntry(entry)
        .orElseThrow(
            () -> new ValueType.InvalidValue("must be named hmac:KID, rsa:KID or ec:KID"))
        .parse(text);
  }

  boolean isEmpty() {
    return section.entries().isEmpty();
  }

  /** The key of an id. */
  Optional<Key> find(KeyType type, String kid) {
    Map<String, String> entries = section.entries();
    Parsed known = parsed;
    if (known.entries() != entries && !known.entries().equals(entries)) {
      known = parse(entries);
      parsed = known;
    }
    return Optional.ofNullable(known.keys().get(type.entry(kid)));
  }

  private static Parsed parse(Map<String, String> entries) {
    Map<String, Key> keys = new HashMap<>();
    entries.forEach(
        (entry, text) -> {
          try {
            KeyType.ofEntry(entry).ifPresent(type -> keys.put(entry, type.parse(text)));
          } catch (ValueType.InvalidValue e) {
            LOG.log(
                System.Logger.Level.WARNING,
                "The key " + SECTION + "/" + entry + " is ignored, because it " + e.getMessage());
          }
        });
    keys.forEach(
        (entry, key) -> {
          byte[] secret = key.getEncoded();
          if (KeyType.HMAC.isTypeOf(key) && secret != null
              && secret.length < STRONG_SECRET_BYTES) {
            LOG.log(
                System.Logger.Level.WARNING,
                "The secret " + SECTION + "/" + entry + " has fewer than " + STRONG_SECRET_BYTES
                    + " bytes and may be guessed: use a longer one");
          }
        });
    return new Parsed(Map.copyOf(entries), keys);
  }
}
