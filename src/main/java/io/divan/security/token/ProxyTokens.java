package io.divan.security.token;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.document.Principal;
import io.divan.security.session.SessionSecrets;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Users whom a proxy has authenticated. The proxy names them in headers, and proves with an HMAC of
 * the name that it knows the secret. Safe for use by many threads.
 */
public final class ProxyTokens {

  private static final System.Logger LOG = System.getLogger(ProxyTokens.class.getName());
  private static final String SECTION = "chttpd_auth";
  private static final String PREFIX = "divan.authentication.";
  private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}");
  private static final ValueType<String> HEADER_TYPE =
      new ValueType<>(
          text -> {
            if (HEADER.matcher(text).matches()) {
              return text;
            }
            throw new ValueType.InvalidValue("must be the name of a header");
          },
          text -> text);

  private final boolean enabled;
  private final SessionSecrets secrets;
  private final Setting<Boolean> useSecret;
  private final Setting<String> userHeader;
  private final Setting<String> rolesHeader;
  private final Setting<String> tokenHeader;

  private ProxyTokens(
      boolean enabled,
      SessionSecrets secrets,
      Setting<Boolean> useSecret,
      Setting<String> userHeader,
      Setting<String> rolesHeader,
      Setting<String> tokenHeader) {
    this.enabled = enabled;
    this.secrets = secrets;
    this.useSecret = useSecret;
    this.userHeader = userHeader;
    this.rolesHeader = rolesHeader;
    this.tokenHeader = tokenHeader;
  }

  static ProxyTokens declare(
      RuntimeConfiguration configuration, ProxyProperties properties, SessionSecrets secrets) {
    Setting<Boolean> useSecret =
        configuration.declare(
            SECTION,
            "proxy_use_secret",
            PREFIX + "proxy-use-secret",
            ValueType.BOOLEAN,
            properties.proxyUseSecret(),
            CHANGEABLE);
    ProxyTokens tokens =
        new ProxyTokens(
            properties.proxyEnabled(),
            secrets,
            useSecret,
            header(configuration, "x_auth_username", properties.xAuthUsername()),
            header(configuration, "x_auth_roles", properties.xAuthRoles()),
            header(configuration, "x_auth_token", properties.xAuthToken()));
    tokens.warn();
    return tokens;
  }

  private static Setting<String> header(
      RuntimeConfiguration configuration, String key, String configured) {
    return configuration.declare(
        SECTION,
        key,
        PREFIX + key.replace('_', '-'),
        HEADER_TYPE,
        configured,
        CHANGEABLE);
  }

  private void warn() {
    if (!enabled) {
      return;
    }
    if (!useSecret.get()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Proxy authentication accepts any user without a token: whoever reaches this service can"
              + " act as an administrator. Let only the proxy reach it, or set"
              + " divan.authentication.proxy-use-secret=true");
    } else if (!secrets.isConfigured()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Proxy authentication is enabled, but no proxy can know the secret: set"
              + " divan.authentication.secret to the secret that the proxy signs with");
    }
  }

  /** Whether the headers of a proxy are read. */
  public boolean isEnabled() {
    return enabled;
  }

  /**
   * Returns the user that a proxy names.
   *
   * @param headers finds the value of a header
   * @return empty if proxy authentication is off, no user is named, or the token is missing or
   *     wrong
   */
  public Optional<Principal> authenticate(Function<String, Optional<String>> headers) {
    if (!enabled) {
      return Optional.empty();
    }
    Optional<String> name = headers.apply(userHeader.get()).filter(text -> !text.isEmpty());
    if (name.isEmpty() || useSecret.get() && !isProven(name.get(), headers)) {
      return Optional.empty();
    }
    Set<String> roles =
        headers.apply(rolesHeader.get()).map(Roles::split).map(LinkedHashSet::new)
            .orElseGet(LinkedHashSet::new);
    return Optional.of(new Principal(name, roles));
  }

  private boolean isProven(String name, Function<String, Optional<String>> headers) {
    Optional<String> token = headers.apply(tokenHeader.get());
    if (token.isEmpty()) {
      return false;
    }
    byte[] mac;
    try {
      mac = HexFormat.of().parseHex(token.get());
    } catch (IllegalArgumentException e) {
      return false;
    }
    return secrets.verify(name.getBytes(StandardCharsets.UTF_8), "", mac);
  }
}
