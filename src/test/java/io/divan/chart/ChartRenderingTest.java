package io.divan.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Renders the chart for every backend and with every option. Golden files hold what is rendered:
 * {@code -Dgolden.update=true} writes them.
 */
class ChartRenderingTest {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern LABEL =
      Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");

  static List<String> cases() {
    return Chart.cases();
  }

  @Test
  void lint_strict_passes() {
    LintResult result = new Helm(Chart.DIRECTORY).lint().strict().call();

    assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void render_eachCase_hasFieldsThatKubernetesKnows(String name) {
    List<Manifest> manifests = Chart.manifests(Chart.render(name));

    assertThat(manifests.stream().flatMap(m -> ManifestTypes.problems(m).stream())).isEmpty();
    assertThat(manifests.stream().map(m -> m.kind() + " " + m.name())).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void render_eachCase_equalsItsGoldenFile(String name) throws IOException {
    Path golden = Chart.CASES.resolve(name + ".golden.yaml");
    String rendered = withoutFiles(Chart.render(name));
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, rendered);
    }

    assertThat(rendered)
        .as("-Dgolden.update=true writes what is rendered to %s", golden)
        .isEqualTo(Files.readString(golden));
  }

  /** Removes the contents of the chart's files, which have tests of their own. */
  private static String withoutFiles(String rendered) {
    return rendered
        .replaceAll("(?s)(\n  groups:).*?(?=\n---|$)", "$1")
        .replaceAll("(?s)(-dashboards\n.*?)(\ndata:\n.*?)?(?=\n---|$)", "$1");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void render_eachCase_hasNamesAndLabelsThatKubernetesAccepts(String name) {
    checkNames(Chart.manifests(Chart.render(name)));
  }

  @Test
  void render_longNames_areCut() {
    String release = "a23456789-".repeat(5) + "abc";

    checkNames(
        Chart.manifests(Chart.release(release).set("admin.password", "apple").call()));
    checkNames(
        Chart.manifests(
            Chart.release(release)
                .set("admin.password", "apple")
                .set("nameOverride", release + release)
                .set("image.tag", release + release)
                .call()));
  }

  private static void checkNames(List<Manifest> manifests) {
    for (Manifest manifest : manifests) {
      assertThat(manifest.name()).matches(NAME);
      if (manifest.kind().equals("StatefulSet")) {
        // Its pods have the label controller-revision-hash, which is the name and ten characters.
        assertThat(manifest.name()).hasSizeLessThanOrEqualTo(52);
      }
      for (Manifest part : List.of(manifest, manifest.pod().orElse(manifest))) {
        part.map("metadata.labels")
            .values()
            .forEach(label -> assertThat(label.toString()).matches(LABEL));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void render_eachCase_hasMountsOfVolumesThatExist(String name) {
    for (Manifest manifest : Chart.manifests(Chart.render(name))) {
      Optional<Manifest> spec = manifest.pod().map(pod -> pod.at("spec"));
      if (spec.isPresent()) {
        List<String> volumes = names(spec.get().list("volumes"));
        List<String> claims =
            manifest.list("spec.volumeClaimTemplates").stream().map(Manifest::name).toList();
        assertThat(Stream.concat(volumes.stream(), claims.stream())).doesNotHaveDuplicates();
        for (String containers : List.of("initContainers", "containers")) {
          for (Manifest container : spec.get().list(containers)) {
            names(container.list("volumeMounts"))
                .forEach(mount -> assertThat(volumes.contains(mount) || claims.contains(mount))
                    .as(mount)
                    .isTrue());
            assertThat(names(container.list("env"))).doesNotHaveDuplicates();
          }
        }
      }
    }
  }

  private static List<String> names(List<Manifest> parts) {
    return parts.stream().map(part -> part.text("name")).toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void render_eachCase_connectsItsObjects(String name) {
    List<Manifest> manifests = Chart.manifests(Chart.render(name));
    Manifest workload = only(manifests, "StatefulSet", "Deployment");
    Manifest pod = workload.pod().orElseThrow();
    Optional<Manifest> test = manifests.stream().filter(m -> m.kind().equals("Pod")).findFirst();
    List<String> ports = names(pod.list("spec.containers").getFirst().list("ports"));
    assertThat(pod.isSelectedBy(workload.map("spec.selector.matchLabels"))).isTrue();

    for (Manifest manifest : manifests) {
      switch (manifest.kind()) {
        case "Service" -> {
          assertThat(pod.isSelectedBy(manifest.map("spec.selector"))).isTrue();
          assertThat(test.filter(p -> p.isSelectedBy(manifest.map("spec.selector")))).isEmpty();
          manifest.list("spec.ports")
              .forEach(port -> assertThat(ports).contains(port.text("targetPort")));
        }
        case "NetworkPolicy" ->
            assertThat(pod.isSelectedBy(manifest.map("spec.podSelector.matchLabels"))).isTrue();
        case "PodDisruptionBudget" ->
            assertThat(pod.isSelectedBy(manifest.map("spec.selector.matchLabels"))).isTrue();
        case "PodMonitor" -> {
          assertThat(pod.isSelectedBy(manifest.map("spec.selector.matchLabels"))).isTrue();
          assertThat(ports)
              .contains(manifest.list("spec.podMetricsEndpoints").getFirst().text("port"));
        }
        case "ServiceMonitor" -> {
          Map<String, Object> selector = manifest.map("spec.selector.matchLabels");
          assertThat(manifests.stream().filter(m -> m.isSelectedBy(selector)).toList())
              .singleElement()
              .satisfies(service -> assertThat(names(service.list("spec.ports")))
                  .contains(manifest.list("spec.endpoints").getFirst().text("port")));
        }
        case "HorizontalPodAutoscaler" ->
            assertThat(manifest.text("spec.scaleTargetRef.name")).isEqualTo(workload.name());
        case "Ingress" ->
            manifest.list("spec.rules").stream()
                .flatMap(rule -> rule.list("http.paths").stream())
                .map(path -> path.at("backend.service"))
                .forEach(backend -> checkBackend(manifests, backend, backend.text("port.name")));
        case "HTTPRoute" ->
            manifest.list("spec.rules").stream()
                .flatMap(rule -> rule.list("backendRefs").stream())
                .forEach(backend -> checkBackend(manifests, backend, backend.text("port")));
        default -> {}
      }
    }
    if (workload.kind().equals("StatefulSet")) {
      assertThat(names(manifests.stream().map(m -> m.at("metadata")).toList()))
          .contains(workload.text("spec.serviceName"));
    }
  }

  private static void checkBackend(List<Manifest> manifests, Manifest backend, String port) {
    assertThat(manifests)
        .anySatisfy(service -> {
          assertThat(service.kind()).isEqualTo("Service");
          assertThat(service.name()).isEqualTo(backend.text("name"));
          assertThat(service.list("spec.ports"))
              .anyMatch(p -> p.text("name").equals(port) || p.text("port").equals(port));
        });
  }

  private static Manifest only(List<Manifest> manifests, String... kinds) {
    List<Manifest> found =
        manifests.stream().filter(m -> List.of(kinds).contains(m.kind())).toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void render_eachCase_givesPodsNoRights(String name) {
    for (Manifest manifest : Chart.manifests(Chart.render(name))) {
      Optional<Manifest> spec = manifest.pod().map(pod -> pod.at("spec"));
      if (spec.isPresent()) {
        assertThat(spec.get().text("automountServiceAccountToken")).isEqualTo("false");
        assertThat(spec.get().text("securityContext.runAsNonRoot")).isEqualTo("true");
        assertThat(spec.get().text("securityContext.seccompProfile.type"))
            .isEqualTo("RuntimeDefault");
        for (String containers : List.of("initContainers", "containers")) {
          spec.get().list(containers).stream()
              .filter(container -> !container.text("image").startsWith("example.org/"))
              .map(container -> container.at("securityContext"))
              .forEach(context -> {
                assertThat(context.text("allowPrivilegeEscalation")).isEqualTo("false");
                assertThat(context.text("readOnlyRootFilesystem")).isEqualTo("true");
                assertThat(context.text("capabilities.drop")).isEqualTo("[ALL]");
              });
        }
      }
    }
  }

  @Test
  void render_noPassword_generatesOneForTheSecretAndItsChecksum() {
    List<Manifest> first = Chart.manifests(Chart.renderWith());
    List<Manifest> second = Chart.manifests(Chart.renderWith());

    assertThat(password(first)).hasSize(24).isNotEqualTo(password(second));
    assertThat(checksum(first)).isNotEqualTo(checksum(second));
    // A second rendering with the Secret of the first changes neither.
    String encoded = encode(password(first));
    List<Manifest> upgraded =
        Chart.manifests(
            Chart.renderWith("global.secret.data.divan\\.admins\\.admin=" + encoded));
    assertThat(password(upgraded)).isEqualTo(password(first));
    assertThat(checksum(upgraded)).isEqualTo(checksum(first));
  }

  @Test
  void render_passwordAsValue_replacesTheKeptOne() {
    List<Manifest> manifests =
        Chart.manifests(
            Chart.renderWith(
                "admin.password=pear",
                "global.secret.data.divan\\.admins\\.admin=" + encode("apple")));

    assertThat(password(manifests)).isEqualTo("pear");
  }

  private static String password(List<Manifest> manifests) {
    Object encoded = only(manifests, "Secret").map("data").get("divan.admins.admin");
    return new String(
        Base64.getDecoder().decode(Objects.requireNonNull(encoded).toString()),
        StandardCharsets.UTF_8);
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Object checksum(List<Manifest> manifests) {
    Manifest pod = only(manifests, "StatefulSet").pod().orElseThrow();
    return Objects.requireNonNull(pod.map("metadata.annotations").get("checksum/secret"));
  }

  @Test
  void render_changedConfiguration_replacesThePods() {
    assertThat(annotations("config.divan.uuids.algorithm=random"))
        .isNotEqualTo(annotations("config.divan.uuids.algorithm=uuid_v7"));
  }

  private static Map<String, Object> annotations(String setting) {
    List<Manifest> manifests =
        Chart.manifests(Chart.renderWith("admin.existingSecret=s", setting));
    return only(manifests, "StatefulSet").pod().orElseThrow().map("metadata.annotations");
  }
}
