package io.divan.security.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.ConfigurationException;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.Principal;
import io.divan.security.session.TestSecrets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Users whom a proxy has authenticated; the tokens are OpenSSL's for the name joé. */
class ProxyTokensTest {
  private static final String SECRET = "92de07df7e7a3fe14808cef90a7cc0d91";
  private static final String SHA1 = "f880e4cce9754721813dc4c7d041b8ef9bf96c9f";
  private static final String SHA256 =
      "9dfc2655a6010c6ae62973d7074068c010eb94bcc8a7d5caf9502d831e80a13e";
  private static final Principal JOE = new Principal(Optional.of("joé"), Set.of("a", "b"));

  private final RuntimeConfiguration configuration = new RuntimeConfiguration();
  private final Map<String, String> headers =
      new HashMap<>(
          Map.of("X-Auth-CouchDB-UserName", "joé", "X-Auth-CouchDB-Roles", "a , b,a,"));

  private ProxyTokens tokens(boolean enabled) {
    return ProxyTokens.declare(
        configuration,
        new ProxyProperties(
            enabled,
            true,
            "X-Auth-CouchDB-UserName",
            "X-Auth-CouchDB-Roles",
            "X-Auth-CouchDB-Token"),
        TestSecrets.of(configuration, SECRET));
  }

  private Optional<Principal> authenticate(ProxyTokens tokens) {
    return tokens.authenticate(name -> Optional.ofNullable(headers.get(name)));
  }

  @Test
  void authenticate_token_provesTheProxy() {
    ProxyTokens tokens = tokens(true);
    assertThat(tokens.isEnabled()).isTrue();
    assertThat(authenticate(tokens)).isEmpty();

    for (String token : new String[] {SHA1, SHA256, SHA256.toUpperCase(Locale.ROOT)}) {
      headers.put("X-Auth-CouchDB-Token", token);
      assertThat(authenticate(tokens)).hasValue(JOE);
    }
    for (String token : new String[] {"", "x", SHA1 + "0", SHA1 + "00", "0".repeat(40)}) {
      headers.put("X-Auth-CouchDB-Token", token);
      assertThat(authenticate(tokens)).isEmpty();
    }
    headers.put("X-Auth-CouchDB-Token", SHA1);
    headers.put("X-Auth-CouchDB-UserName", "ann");
    assertThat(authenticate(tokens)).isEmpty();
    headers.put("X-Auth-CouchDB-UserName", "");
    assertThat(authenticate(tokens)).isEmpty();
  }

  @Test
  void authenticate_off_readsNoHeader() {
    ProxyTokens tokens = tokens(false);
    headers.put("X-Auth-CouchDB-Token", SHA1);

    assertThat(tokens.isEnabled()).isFalse();
    assertThat(authenticate(tokens)).isEmpty();
  }

  @Test
  void authenticate_settingsChanged_countAtOnce() {
    ProxyTokens tokens = tokens(true);
    configuration.set("chttpd_auth", "proxy_use_secret", "false", false);
    assertThat(authenticate(tokens)).hasValue(JOE);

    configuration.set("chttpd_auth", "x_auth_username", "X-User", false);
    assertThat(authenticate(tokens)).isEmpty();
    headers.put("X-User", "ann");
    headers.remove("X-Auth-CouchDB-Roles");
    assertThat(authenticate(tokens)).hasValue(new Principal(Optional.of("ann"), Set.of()));

    assertThatThrownBy(() -> configuration.set("chttpd_auth", "x_auth_roles", "a b", false))
        .isInstanceOf(ConfigurationException.class);
  }
}
