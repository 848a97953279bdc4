package io.divan.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.DivanApplication;
import io.divan.Http;
import io.divan.TestCertificate;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * What the chart mentions of the service exists, and the service starts with what it configures.
 */
class ChartServiceTest {
  private static final Pattern PROPERTY =
      Pattern.compile(
          "(?<!(?:include|define) \")\\b(?:divan|management|server|spring)(?:\\.[a-z][a-z0-9-]*)+");
  private static final Pattern METRIC = Pattern.compile("\\bdivan_[a-z0-9_]+");

  /** Variables that others than Spring Boot read: the start script, the linker and FoundationDB. */
  private static final Set<String> OTHER_VARIABLES =
      Set.of(
          "JAVA_OPTS",
          "LD_LIBRARY_PATH",
          "FDB_TLS_CERTIFICATE_FILE",
          "FDB_TLS_KEY_FILE",
          "FDB_TLS_CA_FILE",
          "FDB_TLS_PASSWORD",
          "FDB_TLS_VERIFY_PEERS");

  /** What looks like a property, but is a domain or a file. */
  private static final Set<String> NO_PROPERTIES = Set.of("divan.example.org",
      "divan.databases.svc");

  private static List<Path> texts() throws IOException {
    return Stream.concat(
        Chart.templates().stream(),
        Stream.of(
            Chart.DIRECTORY.resolve("values.yaml"),
            Chart.DIRECTORY.resolve("README.md"),
            Path.of("docs", "kubernetes.md")))
        .filter(Files::exists)
        .toList();
  }

  private static Set<String> matches(Pattern pattern) throws IOException {
    Set<String> found = new TreeSet<>();
    for (Path file : texts()) {
      pattern.matcher(Files.readString(file)).results().map(MatchResult::group).forEach(found::add);
    }
    return found;
  }

  @Test
  void properties_inTextsAndTemplates_exist() throws IOException, ClassNotFoundException {
    ServiceProperties properties = new ServiceProperties();
    Set<String> mentioned = matches(PROPERTY);
    mentioned.removeAll(NO_PROPERTIES);

    assertThat(mentioned).contains("divan.storage.backend").allMatch(properties::containsGroup);
  }

  @Test
  void properties_inEnvironmentAndFiles_exist() throws IOException, ClassNotFoundException {
    ServiceProperties properties = new ServiceProperties();
    for (String name : Chart.cases()) {
      List<Manifest> manifests = Chart.manifests(Chart.render(name));
      Set<String> variables = new TreeSet<>(environment(container(manifests)).keySet());
      variables.removeAll(OTHER_VARIABLES);
      Map<String, Object> configured = new TreeMap<>();
      flatten("", Chart.yaml().load(applicationYaml(manifests)), configured);

      assertThat(variables).contains("DIVAN_STORAGE_BACKEND").allMatch(properties::contains);
      assertThat(configured.keySet()).hasSizeGreaterThan(3).allMatch(properties::contains);
      assertThat(secrets(manifests).keySet()).allMatch(properties::contains);
    }
  }

  @Test
  void metrics_inTexts_areDocumented() throws IOException {
    String documented = Files.readString(Path.of("docs", "monitoring.md"));

    assertThat(matches(METRIC)).allSatisfy(metric -> assertThat(documented).contains(metric));
  }

  @Test
  void start_asConfigured_servesAdministratorAndProbes(@TempDir Path directory)
      throws IOException, InterruptedException {
    List<Manifest> manifests =
        Chart.manifests(
            Chart.renderWith(
                "admin.password=apple",
                "maintenanceMode=nolb",
                "logging.format=text",
                "trustedProxies[0]=10.0.0.7"));
    try (ConfigurableApplicationContext service = start(manifests, directory)) {
      Http http = new Http("http://127.0.0.1:" + port(service, "server"));
      String admin = "Authorization: Basic " + encode("admin:apple");

      assertThat(http.put("/notes", "").status()).isEqualTo(401);
      assertThat(http.put("/notes", "", admin).status()).isEqualTo(201);
      assertThat(http.get("/_up").text()).contains("nolb");
      checkManagement(container(manifests), service, 503); // out of rotation
    }
  }

  @Test
  void start_withTls_servesHttpsAndPlainProbes(@TempDir Path directory)
      throws IOException, InterruptedException, GeneralSecurityException {
    TestCertificate certificate = TestCertificate.create(directory, "server");
    certificate.write(directory.resolve("etc/tls"));
    List<Manifest> manifests =
        Chart.manifests(
            Chart.renderWith(
                "admin.password=apple",
                "logging.format=text",
                "tls.enabled=true",
                "tls.secretName=divan-tls"));
    try (ConfigurableApplicationContext service = start(manifests, directory);
        HttpClient client =
            HttpClient.newBuilder().sslContext(TestCertificate.trusting(certificate)).build()) {
      URI up = URI.create("https://127.0.0.1:" + port(service, "server") + "/_up");

      assertThat(client.send(HttpRequest.newBuilder(up).build(), BodyHandlers.discarding())
          .statusCode()).isEqualTo(200);
      checkManagement(container(manifests), service, 200);
    }
  }

  private static void checkManagement(
      Manifest container, ConfigurableApplicationContext service, int readiness) {
    Http management = new Http("http://127.0.0.1:" + port(service, "management"));
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(container.text(probe + ".httpGet.port")).isEqualTo("management");
      assertThat(management.get(container.text(probe + ".httpGet.path")).status())
          .as(probe)
          .isEqualTo(probe.equals("readinessProbe") ? readiness : 200);
    }
    Chart.manifests(Chart.render("file-options")).stream()
        .flatMap(manifest -> manifest.list("spec.endpoints").stream())
        .forEach(endpoint -> assertThat(management.get(endpoint.text("path")).status()).isEqualTo(
            200));
  }

  private static String port(ConfigurableApplicationContext service, String server) {
    return String.valueOf(service.getEnvironment().getProperty("local." + server + ".port"));
  }

  /** Starts the service with the environment and the files of its container, below a directory. */
  private static ConfigurableApplicationContext start(List<Manifest> manifests, Path directory)
      throws IOException {
    Manifest container = container(manifests);
    Path files = Files.createDirectories(directory.resolve("etc"));
    Files.writeString(
        files.resolve("application.yml"), moved(applicationYaml(manifests), directory));
    Files.createDirectories(files.resolve("secrets"));
    for (Map.Entry<String, String> secret : secrets(manifests).entrySet()) {
      Files.writeString(files.resolve("secrets").resolve(secret.getKey()), secret.getValue());
    }
    Map<String, Object> environment = new HashMap<>();
    environment(container).forEach((name, value) -> environment.put(name, moved(value, directory)));
    for (Manifest port : container.list("ports")) {
      String variable = port.text("name").equals("http") ? "SERVER_PORT" : "MANAGEMENT_SERVER_PORT";
      assertThat(environment.put(variable, "0")).isEqualTo(port.text("containerPort"));
    }
    StandardEnvironment spring = new StandardEnvironment();
    spring.getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, environment));
    SpringApplication application = new SpringApplication(DivanApplication.class);
    application.setEnvironment(spring);
    application.setRegisterShutdownHook(false);
    application.setLogStartupInfo(false);
    return application.run(
        "--server.address=127.0.0.1",
        "--management.server.address=127.0.0.1",
        "--divan.http.drain-time=0s",
        "--divan.authentication.iterations=1",
        "--logging.level.root=warn",
        "--logging.level.io.divan=warn");
  }

  private static String moved(String text, Path directory) {
    return text.replace("/etc/divan/", directory.resolve("etc") + "/")
        .replace("/var/lib/divan", directory.resolve("data").toString());
  }

  private static Manifest container(List<Manifest> manifests) {
    return manifests.stream()
        .filter(manifest -> !manifest.kind().equals("Pod"))
        .flatMap(manifest -> manifest.pod().stream())
        .flatMap(pod -> pod.list("spec.containers").stream())
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> environment(Manifest container) {
    Map<String, String> environment = new TreeMap<>();
    container.list("env")
        .forEach(variable -> environment.put(variable.text("name"), variable.text("value")));
    return environment;
  }

  private static String applicationYaml(List<Manifest> manifests) {
    return manifests.stream()
        .filter(manifest -> manifest.kind().equals("ConfigMap"))
        .map(manifest -> manifest.map("data").get("application.yml"))
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> secrets(List<Manifest> manifests) {
    Map<String, String> secrets = new TreeMap<>();
    for (Manifest manifest : manifests) {
      if (manifest.kind().equals("Secret")) {
        manifest.map("data").forEach((name, value) -> secrets.put(name, decode(value.toString())));
      }
    }
    return secrets;
  }

  private static void flatten(String path, Object value, Map<String, Object> flat) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, part) -> flatten(path.isEmpty() ? "" + key : path + "." + key, part, flat));
    } else {
      flat.put(path, value);
    }
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }
}
