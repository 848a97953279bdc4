package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Secrets;
import io.divan.Service;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Logs in rightly and wrongly in every way, and looks for the passwords, cookies and tokens in the
 * log, the metrics and the errors. Our own loggers and Spring's are searched at every level,
 * Tomcat's at the levels of application.yml: at DEBUG it logs whole requests.
 */
class LoggedSecretsTest {
  private static final Map<String, Level> LEVELS =
      Map.of(
          "io.divan", Level.TRACE, "divan", Level.TRACE, "org.springframework", Level.TRACE,
          "org.apache", Level.INFO, "com.nimbusds", Level.TRACE);

  private static final String PASSWORD = FuzzCaller.ADMIN_PASSWORD;
  private static final String FORM = "Content-Type: application/x-www-form-urlencoded";

  @TempDir static Path directory;

  private static Service service;
  private static Http admin;
  private static final Map<Logger, Level> FORMER = new LinkedHashMap<>();
  private static final ListAppender<ILoggingEvent> LOG = new ListAppender<>();

  private final List<HttpAnswer> answers = new ArrayList<>();

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory,
            "--divan.admins.admin=" + PASSWORD,
            "--divan.authentication.iterations=1",
            "--divan.authentication.secret=" + FuzzCaller.PROXY_SECRET,
            "--divan.authentication.proxy-enabled=true",
            "--divan.jwt.keys[hmac:_default]="
                + Base64.getEncoder()
                    .encodeToString(FuzzCaller.TOKEN_KEY.getBytes(StandardCharsets.UTF_8)),
            "--divan.lockout.mode=warn");
    admin = FuzzCaller.admin(service);
    LOG.start();
    LEVELS.forEach(
        (name, level) -> {
          Logger logger = (Logger) LoggerFactory.getLogger(name);
          FORMER.put(logger, logger.getLevel());
          logger.setLevel(level);
          logger.setAdditive(false); // keeps thousands of lines out of the output
          logger.addAppender(LOG);
        });
  }

  @AfterAll
  static void stop() {
    FORMER.forEach(
        (logger, level) -> {
          logger.detachAppender(LOG);
          logger.setAdditive(true);
          logger.setLevel(level);
        });
    service.close();
  }

  @Test
  void secrets_usedInEveryWay_reachNoLogMetricOrError() {
    logInByBasic();
    logInByForm();
    logInByCookie();
    logInByToken();
    changeSecrets();

    List<String> logged = logged();
    assertThat(logged).anyMatch(line -> line.startsWith("divan.audit "));
    assertThat(logged).anyMatch(line -> line.startsWith("org.springframework.web."));
    assertThat(logged).anyMatch(line -> line.startsWith("org.springframework.security."));
    assertClean(logged);
    assertThat(Secrets.find(admin.get("/actuator/prometheus").text())).isEmpty();
    assertThat(answers.stream().filter(answer -> answer.status() >= 400).count())
        .isGreaterThan(20);
  }

  /** At DEBUG, Spring logs whole URLs, so these are searched at INFO. */
  @Test
  void secrets_inPlacesThatAreWrong_reachNoLogMetricOrError() {
    Logger spring = (Logger) LoggerFactory.getLogger("org.springframework");
    spring.setLevel(Level.INFO);
    try {
      Http http = service.http();
      String form = "name=admin&password=" + PASSWORD;
      answers.add(http.post("/_session?" + form, "{}"));
      answers.add(http.get("/none?" + form));
      answers.add(http.get("/none?=%00&" + form));
      answers.add(http.get("/actuator/health?=%00&" + form));
      answers.add(http.get("/none", "Authorization " + basic("admin", PASSWORD)));
      answers.add(http.get("/none", "Authorization: \u0001 " + basic("admin", PASSWORD)));
      answers.add(http.get("/none", "Cookie: \u0001AuthSession=" + FuzzCaller.base64(PASSWORD)));
      answers.add(http.get("/none?password=\u0001" + PASSWORD));
    } finally {
      spring.setLevel(LEVELS.get("org.springframework"));
    }

    assertClean(logged());
    assertThat(Secrets.find(admin.get("/actuator/prometheus").text())).isEmpty();
    assertThat(answers).allMatch(answer -> answer.status() >= 400);
  }

  private static List<String> logged() {
    List<String> logged =
        List.copyOf(LOG.list).stream()
            .map(
                event -> event.getLoggerName() + " " + event.getFormattedMessage() + "\n"
                    + (event.getThrowableProxy() == null
                        ? ""
                        : ThrowableProxyUtil.asString(event.getThrowableProxy())))
            .toList();
    LOG.list.clear();
    return logged;
  }

  private void assertClean(List<String> logged) {
    assertThat(logged.stream().filter(line -> Secrets.find(line).isPresent()).distinct())
        .isEmpty();
    for (HttpAnswer answer : answers) {
      String text = answer.status() + " " + answer.text() + answer.header("Location").orElse("");
      assertThat(Secrets.find(text)).as(text).isEmpty();
    }
  }

  private void logInByBasic() {
    Http http = service.http();
    for (String header : List.of(
        basic("admin", PASSWORD), basic("admin", "wrong-" + Secrets.MARK),
        basic("nobody", PASSWORD), basic("admin", PASSWORD) + "%", basic("admin", PASSWORD) + "=",
        basic("admin", PASSWORD).replace("Basic", "basic"), "Digest " + PASSWORD, PASSWORD)) {
      for (String path : List.of("/_session", "/_all_dbs", "/none/x", "/_users/_all_docs")) {
        answers.add(http.get(path, "Authorization: " + header));
        answers.add(http.get(path, "Authorization: " + header, "Accept: text/html"));
      }
    }
  }

  private static String basic(String name, String password) {
    return "Basic " + FuzzCaller.basic(name, password);
  }

  private void logInByForm() {
    Http http = service.http();
    for (String password : List.of(PASSWORD, "wrong-" + Secrets.MARK)) {
      String json = "{\"name\":\"admin\",\"password\":\"" + password + "\"}";
      for (String body : List.of(
          json, json.replace("}", ""), json.replace("}", ",}"), json + "x",
          json.replace("\"admin\"", "1"), "[" + json + "]", json.replace(':', '='),
          json.replace("name", "user"), json.replace("}", ",\"username\":\"x\"}"))) {
        answers.add(http.post("/_session", body));
        answers.add(http.send("POST", "/_session", List.of(), Optional.of(bytes(body))));
      }
      String form = "name=admin&password=" + password;
      for (String body : List.of(form, form + "&%", form.replace("name", "user"), form + "%ff")) {
        answers.add(http.send("POST", "/_session", List.of(FORM), Optional.of(bytes(body))));
        answers.add(
            http.send("POST", "/_session?fail=/x", List.of(FORM), Optional.of(bytes(body))));
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void logInByCookie() {
    HttpAnswer in =
        service.http()
            .post("/_session", "{\"name\":\"admin\",\"password\":\"" + PASSWORD + "\"}");
    String header = in.header("Set-Cookie").orElseThrow();
    String cookie = header.substring(0, header.indexOf(';'));
    for (String sent : List.of(
        cookie, cookie + "x", cookie.substring(0, cookie.length() - 1), cookie + "%",
        "AuthSession=" + FuzzCaller.base64(PASSWORD), cookie + "; " + cookie, cookie + "\u00e9",
        cookie + ", \"" + cookie)) {
      answers.add(service.http().get("/_session", "Cookie: " + sent));
      answers.add(service.http().get("/none/x", "Cookie: " + sent));
      answers.add(service.http().delete("/_session", "Cookie: " + sent));
    }
  }

  private void logInByToken() {
    String token =
        new FuzzCaller(service, Optional.of("admin")).token();
    int signature = token.lastIndexOf('.');
    for (String sent : List.of(
        token, token + "x", token.substring(0, signature + 1), token.substring(0, signature),
        token.replace(".", ".x"), "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
        token.replaceFirst("\\..*\\.", "." + FuzzCaller.base64("{\"exp\":1}") + "."))) {
      answers.add(service.http().get("/_session", "Authorization: Bearer " + sent));
    }
    answers.add(
        service.http()
            .get(
                "/_session", "X-Auth-CouchDB-UserName: admin", "X-Auth-CouchDB-Roles: x",
                "X-Auth-CouchDB-Token: " + Secrets.MARK));
  }

  private void changeSecrets() {
    String config = "/_node/_local/_config/";
    String value = "\"new-" + Secrets.MARK + "\"";
    for (String key : List.of(
        "admins/eve", "admins/admin", "chttpd_auth/secret", "jwt_keys/hmac:a", "jwt_keys/rsa:a",
        "jwt_keys/ec:a", "jwt_keys/a", "couch_httpd_auth/secret")) {
      answers.add(admin.put(config + key, value));
      answers.add(admin.put(config + key, value + "}"));
      answers.add(service.http().put(config + key, value));
      answers.add(admin.get(config + key));
      answers.add(admin.delete(config + key));
    }
    answers.add(admin.get(config.substring(0, config.length() - 1)));
    for (String action : List.of("enable_single_node", "enable_cluster", "x")) {
      answers.add(
          admin.post(
              "/_cluster_setup",
              "{\"action\":\"" + action + "\",\"username\":\"admin\",\"password\":" + value + "}"));
    }
    for (String more : List.of("\"type\":\"user\"", "\"type\":1", "\"totp\":" + value, "x")) {
      String user =
          "{\"name\":\"ben\",\"roles\":[],\"password\":" + value + ",\"type\":\"user\"," + more
              + "}";
      answers.add(admin.put("/_users/org.couchdb.user:ben", user));
      answers.add(admin.put("/_users/ben", user));
      answers.add(service.http().put("/_users/org.couchdb.user:ben", user));
      answers.add(admin.post("/_users/_bulk_docs", "{\"docs\":[" + user + "]}"));
    }
  }
}
