package io.divan.api.http;

import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.ValueType;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * The settings of CORS as CouchDB names them: {@code chttpd/enable_cors}, the section {@code cors},
 * and a section {@code cors:HOST} for a host, whose settings replace those of {@code cors}.
 *
 * <p>A page of any origin must never act with its visitor's cookies. So credentials together with
 * the origin {@code *} are refused, and so are credentials together with {@code null}, the origin
 * of a sandboxed frame, which every page can open.
 */
@Component
final class CorsSettings {
  static final String ORIGINS = "origins";
  static final String CREDENTIALS = "credentials";
  static final String METHODS = "methods";
  static final String HEADERS = "headers";
  static final String EXPOSED_HEADERS = "exposed_headers";
  static final String MAX_AGE = "max_age";

  private static final String SECTION = "cors";
  private static final String HOST_PREFIX = SECTION + ":";
  private static final String ENABLED_SECTION = "chttpd";
  private static final String ENABLED = "enable_cors";
  private static final String PROPERTY = "divan.cors.";

  private static final Pattern ORIGIN =
      Pattern.compile("\\*|null|[A-Za-z][A-Za-z0-9+.-]*://[^/?#@\\s\\p{Cc}]+");

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

  /** The settings of the section and of the sections for a host, without {@code enable_cors}. */
  private static final Map<String, ValueType<?>> TYPES =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(
              Map.of(
                  ORIGINS,
                  words(ORIGIN, "is no origin such as https://app.example.org, * or null"),
                  CREDENTIALS,
                  ValueType.BOOLEAN,
                  METHODS,
                  words(TOKEN, "is no method"),
                  HEADERS,
                  words(TOKEN, "is no header name"),
                  EXPOSED_HEADERS,
                  words(TOKEN, "is no header name"),
                  MAX_AGE,
                  ValueType.seconds(Duration.ZERO, Duration.ofDays(365)))));

  /** The policies at one time. */
  private record Policies(boolean enabled, CorsPolicy general, Map<String, CorsPolicy> byHost) {

    Optional<CorsPolicy> of(String host) {
      return enabled ? Optional.of(byHost.getOrDefault(host, general)) : Optional.empty();
    }
  }

  private final RuntimeConfiguration configuration;
  private volatile Policies policies;

  CorsSettings(RuntimeConfiguration configuration, CorsProperties properties) {
    this.configuration = configuration;
    configuration.declare(
        ENABLED_SECTION,
        ENABLED,
        PROPERTY + "enabled",
        ValueType.BOOLEAN,
        properties.enabled(),
        Trait.CHANGEABLE);
    Map<String, String> general = properties.general().texts();
    TYPES.forEach((key, type) -> declare(key, type, general));
    Map<String, Map<String, String>> hosts = new TreeMap<>();
    properties.hosts().forEach((host, settings) -> hosts.put(host, settings.texts()));
    hosts.forEach(CorsSettings::checkConfigured);
    configuration.declareFamily(
        HOST_PREFIX, PROPERTY + "hosts", CorsSettings::acceptEntry, hosts, Trait.CHANGEABLE);
    checkStart(configuration.values());
    configuration.addCheck(CorsSettings::check);
    configuration.onChange(this::update);
    policies = policies(configuration.values());
  }

  private <T> void declare(String key, ValueType<T> type, Map<String, String> configured) {
    String property = property(PROPERTY, key);
    String text = configured.getOrDefault(key, "");
    checkConfigured(property, type, text);
    // Declared as text, so that an unset list differs from an empty one.
    configuration.declare(
        SECTION,
        key,
        property,
        new ValueType<String>(
            value -> type.format().apply(type.parse().apply(value)), value -> value),
        text,
        Trait.CHANGEABLE);
  }

  private static void checkConfigured(String host, Map<String, String> entries) {
    entries.forEach(
        (key, text) -> {
          ValueType<?> type = TYPES.get(key);
          if (type != null) {
            checkConfigured(property(PROPERTY + "hosts[" + host + "].", key), type, text);
          }
        });
  }

  private static void checkConfigured(String property, ValueType<?> type, String text) {
    try {
      if (!text.isEmpty()) {
        var _ = type.parse().apply(text);
      }
    } catch (ValueType.InvalidValue e) {
      throw new InvalidProperty(property, String.valueOf(e.getMessage()));
    }
  }

  private static String property(String prefix, String key) {
    return prefix + key.replace('_', '-');
  }

  /** Accepts an entry of a section for a host. */
  private static String acceptEntry(String key, String text) {
    ValueType<?> type = TYPES.get(key);
    if (type == null) {
      throw new ValueType.InvalidValue(
          "is no setting of CORS: these are " + String.join(", ", TYPES.keySet()));
    }
    var _ = type.parse().apply(text);
    return text;
  }

  private static ValueType<List<String>> words(Pattern syntax, String problem) {
    return new ValueType<>(
        text -> {
          List<String> words = ValueType.WORDS.parse().apply(text);
          for (String word : words) {
            if (!syntax.matcher(word).matches()) {
              throw new ValueType.InvalidValue("contains \"" + word + "\", which " + problem);
            }
          }
          return words;
        },
        ValueType.WORDS.format());
  }

  /** Refuses credentials for all origins, in the section or for a host. */
  private static void check(Map<String, Map<String, String>> values) {
    boolean unsafe = CorsPolicy.isUnsafe(values.getOrDefault(SECTION, Map.of()));
    for (String section : values.keySet()) {
      unsafe |= section.startsWith(HOST_PREFIX) && CorsPolicy.isUnsafe(merged(values, section));
    }
    if (unsafe) {
      throw new ValueType.InvalidValue(
          "would let pages of all origins send credentials: name the origins instead of * and"
              + " null, or set credentials to false");
    }
  }

  private static void checkStart(Map<String, Map<String, String>> values) {
    try {
      check(values);
    } catch (ValueType.InvalidValue e) {
      throw new InvalidProperty(PROPERTY + CREDENTIALS, String.valueOf(e.getMessage()));
    }
  }

  /** The settings of a section for a host, completed by those of the general section. */
  private static Map<String, String> merged(
      Map<String, Map<String, String>> values, String section) {
    Map<String, String> merged = new HashMap<>(values.getOrDefault(SECTION, Map.of()));
    merged.putAll(values.getOrDefault(section, Map.of()));
    return merged;
  }

  private static Policies policies(Map<String, Map<String, String>> values) {
    Map<String, CorsPolicy> byHost = new HashMap<>();
    for (String section : values.keySet()) {
      if (section.startsWith(HOST_PREFIX)) {
        byHost.put(
            section.substring(HOST_PREFIX.length()).toLowerCase(Locale.ROOT),
            CorsPolicy.of(merged(values, section)));
      }
    }
    return new Policies(
        "true".equals(values.getOrDefault(ENABLED_SECTION, Map.of()).get(ENABLED)),
        CorsPolicy.of(values.getOrDefault(SECTION, Map.of())),
        Map.copyOf(byHost));
  }

  private void update() {
    policies = policies(configuration.values());
  }

  /** Whether any pages of other origins may use the API. */
  boolean isEnabled() {
    return policies.enabled();
  }

  /**
   * The policy for requests to a host; empty while CORS is disabled.
   *
   * @param host a name in lower case, without a port
   */
  Optional<CorsPolicy> policy(String host) {
    return policies.of(host);
  }
}
