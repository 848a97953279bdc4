package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CORS over HTTP. The expected headers are those of CouchDB 3.5.2 with the same settings. */
class CorsTest {
  private static final String CONFIG = "/_node/_local/_config/";
  private static final String PAGE = "Origin: http://example.com";
  private static final String EXPOSED =
      "content-type, cache-control, accept-ranges, etag, server, x-couch-request-id,"
          + " x-couch-update-newrev, x-couchdb-body-time";

  /** What CouchDB sends to an accepted origin with each response. */
  private static final Map<String, String> ACCEPTED =
      Map.of(
          "Access-Control-Allow-Credentials", "true",
          "Access-Control-Allow-Origin", "http://example.com",
          "Access-Control-Expose-Headers", EXPOSED);

  @TempDir static Path directory;

  private static Service service;
  private static Http http;

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory,
            "--divan.cors.enabled=true",
            "--divan.cors.origins=http://example.com, http://example.com:8080",
            "--divan.cors.credentials=true",
            "--divan.cors.hosts[wild.example].origins=*",
            "--divan.cors.hosts[wild.example].credentials=false",
            "--divan.cors.hosts[wild.example].methods=GET, POST",
            "--divan.cors.hosts[wild.example].headers=X-Custom, accept",
            "--divan.cors.hosts[wild.example].exposed-headers=X-One, ETag",
            "--divan.cors.hosts[127.0.0.1].max-age=77s",
            "--divan.http.max-request-size=1MB");
    http = service.http();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static HttpAnswer options(String target, String... headers) {
    return http.send("OPTIONS", target, List.of(headers), Optional.empty());
  }

  private static Map<String, String> corsHeaders(HttpAnswer answer) {
    Map<String, String> found = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    answer.headers().forEach(
        (name, value) -> {
          if (name.regionMatches(true, 0, "Access-Control-", 0, 15)) {
            found.put(name, value);
          }
        });
    return found;
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/_session", "/nodb", "/nodb/%ff", "/_users/_all_docs", "/a/b%2Fc"})
  void preflight_accepted_isAnsweredBeforeAnythingElse(String path) {
    HttpAnswer answer =
        options(
            path,
            PAGE,
            "Access-Control-Request-Method: PUT",
            "Access-Control-Request-Headers: Content-Type, Authorization",
            "Authorization: Basic bm86b25l"); // a wrong password, which no browser sends here

    assertThat(answer.status()).isEqualTo(204);
    assertThat(corsHeaders(answer))
        .isEqualTo(
            Map.of(
                "Access-Control-Allow-Credentials", "true",
                "Access-Control-Allow-Headers", "Content-Type, Authorization",
                "Access-Control-Allow-Methods",
                "CONNECT, COPY, DELETE, GET, HEAD, OPTIONS, POST, PUT, TRACE",
                "Access-Control-Allow-Origin", "http://example.com",
                "Access-Control-Max-Age", "77"));
    assertThat(answer.header("Vary")).contains("Origin");
    assertThat(answer.header("X-Couch-Request-ID")).isPresent();
    assertThat(answer.header("Content-Type")).isEmpty();
  }

  @Test
  void preflight_onAKeptConnection_doesNotDisturbTheNextRequest() throws IOException {
    try (HttpConnection connection = http.connect()) {
      for (int i = 0; i < 3; i++) {
        connection.send("OPTIONS", "/", List.of(PAGE, "Access-Control-Request-Method: PUT"));
        assertThat(connection.answer().status()).isEqualTo(204);
        connection.send("GET", "/_up", List.of(PAGE));
        assertThat(connection.answer().whole().status()).isEqualTo(200);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', nullValues = "-", value = {
    "http://example.com      | PATCH | -                    | true",
    "http://example.com      | PUT   | Content-Type, X-Nope | true",
    "http://example.com      | -     | -                    | true",
    "http://example.com:8080 | PATCH | -                    | true",
    "http://other.com        | PUT   | -                    | false",
    "http://EXAMPLE.com      | PUT   | -                    | false",
    "null                    | PUT   | -                    | false",
    "-                       | PUT   | -                    | false"
  })
  void options_thatIsNoAllowedPreflight_isMethodNotAllowed(
      String origin, String method, String headers, boolean accepted) {
    List<String> given = new ArrayList<>();
    addHeader(given, "Origin", origin);
    addHeader(given, "Access-Control-Request-Method", method);
    addHeader(given, "Access-Control-Request-Headers", headers);
    HttpAnswer answer = options("/", given.toArray(String[]::new));

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("Allow")).contains("GET,HEAD");
    assertThat(answer.text())
        .isEqualTo("{\"error\":\"method_not_allowed\",\"reason\":\"Only GET,HEAD allowed\"}\n");
    assertThat(corsHeaders(answer).get("Access-Control-Allow-Origin"))
        .isEqualTo(accepted ? origin : null);
    assertThat(answer.header("Access-Control-Allow-Methods")).isEmpty();
    assertThat(answer.header("Vary")).contains("Origin");
  }

  private static void addHeader(List<String> headers, String name, String value) {
    if (value != null) {
      headers.add(name + ": " + value);
    }
  }

  @Test
  void responses_ofAllLayers_areReadableByThePage() throws IOException {
    String db = http.newDatabase();
    http.put(db + "/a", "{}");
    List<HttpAnswer> answers =
        List.of(
            http.get("/", PAGE),
            http.head(db + "/a", PAGE),
            http.get(db + "/_all_docs", PAGE), // streamed
            http.get(db + "/_changes?feed=continuous&timeout=1", PAGE),
            http.get("/nodb", PAGE),
            http.get(db + "/%ff", PAGE), // refused by a filter
            http.get(db + "/_changes?since=x", PAGE),
            http.put(db + "/a", "{}", PAGE),
            http.put(db + "/b", "{", PAGE),
            http.put(db + "/c", "[" + " ".repeat(1 << 20) + "]", PAGE), // too large
            http.get("/", PAGE, "Authorization: Basic bm86b25l"),
            http.get("/", PAGE, "X-Divan-Trace: not/valid"),
            http.get("/", PAGE, "Expect: miracles"));

    assertThat(answers)
        .extracting(HttpAnswer::status)
        .containsExactly(200, 200, 200, 200, 404, 400, 400, 409, 400, 413, 401, 400, 417);
    assertThat(answers.subList(0, answers.size() - 1))
        .allSatisfy(answer -> assertThat(corsHeaders(answer)).isEqualTo(ACCEPTED));
  }

  @Test
  void responses_toOtherOrigins_haveNoHeadersOfCors() {
    for (String[] headers : new String[][] {{}, {"Origin: http://other.com"}, {"Origin: null"}}) {
      HttpAnswer answer = http.get("/", headers);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(corsHeaders(answer)).isEmpty();
      assertThat(answer.header("Vary")).contains("Origin");
    }
  }

  @Test
  void host_withSettingsOfItsOwn_usesThem() {
    String host = "Host: WILD.example:33";
    String origin = "Origin: http://x.y";

    assertThat(options("/", host, origin, "Access-Control-Request-Method: PUT").status())
        .isEqualTo(405);
    HttpAnswer preflight =
        options(
            "/",
            host,
            origin,
            "Access-Control-Request-Method: GET",
            "Access-Control-Request-Headers: x-custom");
    assertThat(preflight.status()).isEqualTo(204);
    assertThat(corsHeaders(preflight))
        .isEqualTo(
            Map.of(
                "Access-Control-Allow-Headers", "x-custom",
                "Access-Control-Allow-Methods", "GET, POST",
                "Access-Control-Allow-Origin", "http://x.y",
                "Access-Control-Max-Age", "600"));
    assertThat(corsHeaders(http.get("/", host, origin)))
        .isEqualTo(
            Map.of(
                "Access-Control-Allow-Origin", "http://x.y",
                "Access-Control-Expose-Headers", "content-type, cache-control, x-one, etag"));
    assertThat(corsHeaders(http.get("/", "X-Forwarded-Host: wild.example", origin)))
        .as("a header of a proxy that is not trusted").isEmpty();
  }

  @Test
  void setting_changed_countsWithTheNextRequest() {
    String page = "Origin: https://new.example";
    assertThat(corsHeaders(http.get("/", page))).isEmpty();
    assertThat(http.put(CONFIG + "cors/origins", "\"https://new.example\"").status())
        .isEqualTo(200);
    try {
      assertThat(corsHeaders(http.get("/", page))).hasSize(3);

      HttpAnswer refused = http.put(CONFIG + "cors/origins", "\"*\"");

      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.json().get("reason").stringValue())
          .isEqualTo(
              "cors/origins would let pages of all origins send credentials: name the origins"
                  + " instead of * and null, or set credentials to false");
    } finally {
      http.delete(CONFIG + "cors/origins");
    }
    assertThat(corsHeaders(http.get("/", PAGE))).isEqualTo(ACCEPTED);
  }

  @Test
  void actuator_isNotShared() {
    HttpAnswer answer = http.get("/actuator/health", PAGE);

    assertThat(corsHeaders(answer)).isEmpty();
    assertThat(answer.header("X-Content-Type-Options")).contains("nosniff");
  }
}
