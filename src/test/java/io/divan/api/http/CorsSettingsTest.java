package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.ConfigurationException;
import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** The settings of CORS, and the cases of CouchDB's chttpd_cors_test. */
class CorsSettingsTest {
  private static final String ORIGIN = "http://example.com";
  private static final String ALL_METHODS =
      "CONNECT, COPY, DELETE, GET, HEAD, OPTIONS, POST, PUT, TRACE";
  private static final String EXPOSED =
      "content-type, cache-control, accept-ranges, etag, server, x-couch-request-id,"
          + " x-couch-update-newrev, x-couchdb-body-time";

  private final RuntimeConfiguration configuration = new RuntimeConfiguration();

  private CorsSettings settings(CorsProperties properties) {
    return new CorsSettings(configuration, properties);
  }

  private CorsSettings settings(String... origins) {
    return settings(properties(List.of(origins), false, Map.of()));
  }

  private static CorsProperties properties(
      List<String> origins, boolean credentials, Map<String, CorsProperties.Host> hosts) {
    return new CorsProperties(true, origins, credentials, null, null, null, null, hosts);
  }

  private static CorsProperties.Host host(List<String> origins, Boolean credentials) {
    return new CorsProperties.Host(origins, credentials, null, null, null, null);
  }

  private static CorsPolicy policy(CorsSettings settings) {
    return settings.policy("any.example").orElseThrow();
  }

  private static MockHttpServletRequest preflight(String method, String headers) {
    MockHttpServletRequest request = new MockHttpServletRequest("OPTIONS", "/db");
    request.addHeader("Access-Control-Request-Method", method);
    if (headers != null) {
      request.addHeader("Access-Control-Request-Headers", headers);
    }
    return request;
  }

  private static MockHttpServletResponse respond(CorsPolicy policy, String origin) {
    MockHttpServletResponse response = new MockHttpServletResponse();
    policy.response(response, origin);
    return response;
  }

  @Test
  void policy_disabled_isAbsent() {
    CorsSettings off =
        settings(
            new CorsProperties(false, List.of("*"), null, null, null, null, null, Map.of()));

    assertThat(off.isEnabled()).isFalse();
    assertThat(off.policy("any.example")).isEmpty();
  }

  @Test
  void origins_none_acceptNothing() {
    assertThat(policy(settings()).accepts(ORIGIN)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "http://example.com, true", "http://example.com:5984, false", "https://example.com, false",
    "https://example.com:5984, false", "http://EXAMPLE.COM, false", "null, false", "*, false",
    "http://example.com/, false", "'', false", "http://example.com.evil.example, false"
  })
  void origins_one_acceptsThatAlone(String origin, boolean accepted) {
    assertThat(policy(settings(ORIGIN)).accepts(origin)).isEqualTo(accepted);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "http://example.com", "https://example.com", "http://example.com:5984", "null",
    "http://EXAMPLE.COM"
  })
  void origins_wildcard_acceptAllAndEchoThem(String origin) {
    CorsPolicy policy = policy(settings("*"));

    assertThat(policy.accepts(origin)).isTrue();
    MockHttpServletResponse response = respond(policy, origin);
    assertThat(response.getHeader("Access-Control-Allow-Origin")).isEqualTo(origin);
    assertThat(response.getHeader("Access-Control-Allow-Credentials")).isNull();
    assertThat(response.getHeader("Access-Control-Expose-Headers")).isEqualTo(EXPOSED);
  }

  @ParameterizedTest
  @CsvSource({"true, true", "false,"})
  void credentials_areSentIfConfigured(boolean configured, String header) {
    CorsPolicy policy = policy(settings(properties(List.of(ORIGIN), configured, Map.of())));

    assertThat(respond(policy, ORIGIN).getHeader("Access-Control-Allow-Credentials"))
        .isEqualTo(header);
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {
    "GET, -, true",
    "GET, '', true",
    "PUT, accept-language, true",
    "PUT, 'Content-Type, Authorization,,', true",
    "COPY, 'destination,x-couch-full-commit', true",
    "TRACE, -, true",
    "GET, X-Not-An-Allowed-Header, false",
    "GET, 'accept, extra', false",
    "PATCH, -, false",
    "get, -, false",
    "notnil, -, false",
    "'', -, false"
  })
  void preflight_byMethodAndHeaders_isAllowedOrNot(
      String method, String headers, boolean allowed) {
    CorsPolicy policy = policy(settings(ORIGIN));
    MockHttpServletRequest request = preflight(method, headers);

    assertThat(policy.allowsPreflight(request)).isEqualTo(allowed);
    if (allowed) {
      MockHttpServletResponse response = new MockHttpServletResponse();
      policy.preflight(request, response, ORIGIN);
      assertThat(response.getHeader("Access-Control-Allow-Origin")).isEqualTo(ORIGIN);
      assertThat(response.getHeader("Access-Control-Allow-Methods")).isEqualTo(ALL_METHODS);
      assertThat(response.getHeader("Access-Control-Allow-Headers"))
          .isEqualTo(headers == null ? "" : headers);
      assertThat(response.getHeader("Access-Control-Max-Age")).isEqualTo("600");
    }
  }

  @Test
  void preflight_otherMethodOrNoRequestedMethod_isNone() {
    CorsPolicy policy = policy(settings(ORIGIN));
    MockHttpServletRequest get = preflight("GET", null);
    get.setMethod("GET");

    assertThat(policy.allowsPreflight(get)).isFalse();
    assertThat(policy.allowsPreflight(new MockHttpServletRequest("OPTIONS", "/"))).isFalse();
  }

  @Test
  void lists_configured_replaceTheDefaults() {
    CorsPolicy policy =
        policy(
            settings(
                new CorsProperties(
                    true, List.of("*"), null, List.of("GET", "POST"), List.of("Extra", "accept"),
                    List.of("Expose", "ETag"), Duration.ofMinutes(5), Map.of())));
    MockHttpServletResponse response = new MockHttpServletResponse();
    policy.preflight(preflight("GET", "accept, extra"), response, ORIGIN);

    assertThat(policy.allowsPreflight(preflight("GET", "accept, EXTRA"))).isTrue();
    assertThat(policy.allowsPreflight(preflight("GET", "pragma"))).isFalse();
    assertThat(policy.allowsPreflight(preflight("PUT", null))).isFalse();
    assertThat(response.getHeader("Access-Control-Allow-Methods")).isEqualTo("GET, POST");
    assertThat(response.getHeader("Access-Control-Max-Age")).isEqualTo("300");
    assertThat(respond(policy, ORIGIN).getHeader("Access-Control-Expose-Headers"))
        .isEqualTo("content-type, cache-control, expose, etag");
  }

  @Test
  void host_withSettings_fallsBackToTheGeneralOnes() {
    CorsSettings settings =
        settings(
            properties(
                List.of(ORIGIN),
                true,
                Map.of("DB.example.org", host(List.of("https://app.example"), null))));
    CorsPolicy host = settings.policy("db.example.org").orElseThrow();

    assertThat(host.accepts("https://app.example")).isTrue();
    assertThat(host.accepts(ORIGIN)).isFalse();
    assertThat(host.credentials()).isTrue();
    assertThat(policy(settings).accepts("https://app.example")).isFalse();
  }

  @Test
  void settings_changed_countAtOnce() {
    CorsSettings settings = settings(ORIGIN);
    assertThat(configuration.set("cors", "origins", "http://b.example, https://c.example", true))
        .contains(ORIGIN);
    assertThat(policy(settings).accepts("https://c.example")).isTrue();
    assertThat(policy(settings).accepts(ORIGIN)).isFalse();

    configuration.set("cors:any.example", "origins", "*", true);
    assertThat(policy(settings).accepts(ORIGIN)).isTrue();
    configuration.remove("cors:any.example", "origins", true);
    assertThat(policy(settings).accepts(ORIGIN)).isFalse();

    configuration.set("cors", "max_age", "5", true);
    assertThat(policy(settings).maxAge()).isEqualTo("5");
    configuration.set("httpd", "enable_cors", "false", true);
    assertThat(settings.isEnabled()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "null", "http://a.example, *"})
  void credentials_forAllOrigins_areRefusedWhicheverComesSecond(String origins) {
    var _ = settings(ORIGIN);
    String safe = "http://a.example";

    configuration.set("cors", "origins", origins, true);
    expectRefused("cors", "credentials", "true");
    configuration.set("cors", "origins", safe, true);
    configuration.set("cors", "credentials", "true", true);
    expectRefused("cors", "origins", origins);
    expectRefused("cors:h.example", "origins", origins);
    configuration.set("cors:h.example", "credentials", "false", true);
    configuration.set("cors:h.example", "origins", origins, true);
    expectRefused("cors:h.example", "credentials", "true");
    assertThatThrownBy(() -> configuration.remove("cors:h.example", "credentials", true))
        .isInstanceOf(ConfigurationException.Invalid.class);
  }

  private void expectRefused(String section, String key, String text) {
    assertThatThrownBy(() -> configuration.set(section, key, text, true))
        .isInstanceOf(ConfigurationException.Invalid.class)
        .hasMessageContaining("would let pages of all origins send credentials");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "origins | example.com", "origins | http://a.example/path", "origins | http://",
    "methods | G T", "headers | a:b", "exposed_headers | a(b", "max_age | -1", "max_age | soon",
    "credentials | yes"
  })
  void value_invalid_isRefused(String key, String text) {
    var _ = settings(ORIGIN);

    for (String section : List.of("cors", "cors:h.example")) {
      assertThatThrownBy(() -> configuration.set(section, key, text, true))
          .isInstanceOf(ConfigurationException.Invalid.class)
          .hasMessageStartingWith(section + "/" + key + " ");
    }
  }

  @Test
  void key_ofAHostUnknown_isRefused() {
    var _ = settings(ORIGIN);

    assertThatThrownBy(() -> configuration.set("cors:h.example", "origin", "*", true))
        .hasMessageContaining("is no setting of CORS");
  }

  @Test
  void property_invalid_isRefusedAtStart() {
    expectNoStart(properties(List.of("*"), true, Map.of()), "divan.cors.credentials would let");
    expectNoStart(
        properties(List.of(ORIGIN), true, Map.of("h.example", host(List.of("*"), null))),
        "divan.cors.credentials would let");
    expectNoStart(
        properties(List.of("a.example"), false, Map.of()), "divan.cors.origins contains");
    expectNoStart(
        properties(List.of(), false, Map.of("h.example", host(List.of("a b"), null))),
        "divan.cors.hosts[h.example].origins contains");
  }

  private static void expectNoStart(CorsProperties properties, String message) {
    assertThatThrownBy(() -> new CorsSettings(new RuntimeConfiguration(), properties))
        .isInstanceOf(InvalidProperty.class)
        .hasMessageStartingWith(message);
  }
}
