package io.divan.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ResolvedModule;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What the Dockerfile and the configuration of build-image refer to exists. */
class DockerfileTest {
  private static final Pattern VARIABLE =
      Pattern.compile(
          "(?m)(?:BPE_DEFAULT_|\\b)((?:DIVAN|SERVER|SPRING|MANAGEMENT|LOGGING)(?:_[A-Z0-9]+)+)\\b");
  private static final Pattern PROPERTY = Pattern.compile("`(divan\\.[a-z0-9.-]+)`");
  private static final Pattern COPIED = Pattern.compile("(?m)^COPY (bin/.*) /opt");

  private final String dockerfile = read("Dockerfile");
  private final String pom = read("pom.xml");

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Set<String> all(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** The properties of Divan that are documented, and those that Spring Boot describes. */
  private static Set<String> properties() throws IOException {
    Set<String> names = all(PROPERTY, read("docs/configuration.md"));
    for (URL url : Collections.list(
        DockerfileTest.class
            .getClassLoader()
            .getResources("META-INF/spring-configuration-metadata.json"))) {
      try (var in = url.openStream()) {
        JsonNode properties = new ObjectMapper().readTree(in).path("properties");
        properties.forEach(property -> names.add(property.get("name").stringValue()));
      }
    }
    return names;
  }

  /** Both forms that Spring Boot reads: dashes left out, or as underscores. */
  private static Stream<String> variables(String property) {
    String upper = property.replace('.', '_').toUpperCase(Locale.ROOT);
    return Stream.of(upper.replace("-", ""), upper.replace('-', '_'));
  }

  @Test
  void variables_ofTheImage_areProperties() throws IOException {
    Set<String> known =
        properties().stream().flatMap(DockerfileTest::variables).collect(Collectors.toSet());
    Set<String> used = all(VARIABLE, dockerfile + read("bin/healthcheck") + pom);
    assertThat(used).contains("DIVAN_STORAGE_DIRECTORY", "SERVER_ADDRESS", "SERVER_PORT");
    used.removeAll(known);
    assertThat(used).isEmpty();
  }

  @Test
  void baseImages_areBuildArguments() {
    Set<String> bases = all(Pattern.compile("(?m)^FROM (\\S+)"), dockerfile);
    assertThat(bases)
        .containsExactlyInAnyOrder("${JDK_IMAGE}", "${BASE_IMAGE}", "scratch", "runtime");
  }

  @Test
  void files_thatAreCopied_existAndAreInTheContext() {
    MatchResult copied = COPIED.matcher(dockerfile).results().findFirst().orElseThrow();
    assertThat(copied.group(1).split(" "))
        .hasSizeGreaterThan(2)
        .allSatisfy(file -> assertThat(Path.of(file)).isRegularFile());
    assertThat(read(".dockerignore").lines())
        .contains("*", "!bin", "!src/main", "!pom.xml", "!target/divan.jar");
  }

  @Test
  void modules_includeAllThatTheServiceAndItsLibrariesUse() {
    StringWriter used = new StringWriter();
    PrintWriter out = new PrintWriter(used);
    int code =
        ToolProvider.findFirst("jdeps")
            .orElseThrow()
            .run(
                out,
                out,
                "--multi-release=25",
                "--ignore-missing-deps",
                "--recursive",
                "--list-deps",
                "--class-path=" + System.getProperty("java.class.path"),
                "target/classes");
    out.flush();
    assertThat(code).as(used.toString()).isZero();
    Set<String> modules = all(Pattern.compile("(?m)^ +((?:java|jdk)\\.[a-z.]+)"), used.toString());
    assertThat(modules).contains("java.base", "java.sql");
    String argument =
        all(Pattern.compile("(?m)^ARG JAVA_MODULES=(.+)$"), dockerfile).iterator().next();
    Configuration included =
        Configuration.empty()
            .resolve(ModuleFinder.ofSystem(), ModuleFinder.of(), List.of(argument.split(",")));
    assertThat(included.modules().stream().map(ResolvedModule::name)).containsAll(modules);
  }

  @Test
  void packages_includeTheLibrariesOfFoundationDbsClient() {
    String packages =
        all(Pattern.compile("(?m)^ARG PACKAGES=\"(.+)\"$"), dockerfile).iterator().next();
    assertThat(packages.split(" ")).contains("libatomic1", "libc6", "libgcc-s1", "libstdc++6");
  }

  @Test
  void version_isThatOfThePom() {
    String version = all(Pattern.compile("<version>([0-9.]+)</version>\\s+<name>Divan"), pom)
        .iterator().next();
    assertThat(dockerfile).contains("\nARG VERSION=" + version + "\n");
  }

  @Test
  void port_isTheDefaultOne() {
    String port = all(Pattern.compile("(?m)^  port: (\\d+)$"),
        read("src/main/resources/application.yml")).iterator().next();
    assertThat(dockerfile).contains("\nEXPOSE " + port + " 9984\n");
    assertThat(read("bin/healthcheck")).contains("${SERVER_PORT:-" + port + "}");
  }

  @Test
  void buildImage_usesTheSameJvmOptions() {
    String options = read("bin/jvm.options").lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .collect(Collectors.joining(" "));
    assertThat(all(Pattern.compile("<jvm.options>([^<]+)<"), pom)).isEqualTo(Set.of(options));
    assertThat(List.of(pom.split("\\$\\{jvm.options}", -1))).hasSize(3);
  }
}
