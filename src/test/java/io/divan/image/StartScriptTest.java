package io.divan.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The scripts in {@code bin}, run with a Java that only prints its arguments. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the scripts are for sh")
class StartScriptTest {
  private static final Path BIN = Path.of("bin").toAbsolutePath();

  @TempDir Path directory;
  private Path app;
  private Path java;

  private record Outcome(int code, List<String> out, List<String> err) {}

  @BeforeEach
  void install() throws IOException {
    directory = directory.toRealPath();
    app = Files.createDirectories(directory.resolve("an app"));
    Files.createDirectories(app.resolve("bin"));
    for (String name : List.of("divan", "jvm.options")) {
      Files.copy(BIN.resolve(name), app.resolve("bin").resolve(name));
    }
    Files.createFile(app.resolve("divan.jar"));
    java = java("25.0.3");
  }

  private Path java(String version) throws IOException {
    Path home = Files.createDirectories(directory.resolve("java-" + version));
    Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"" + version
        + "\"\n");
    Path program = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(program, "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 3\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return home;
  }

  private Outcome run(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", app.resolve("bin/divan").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeAll(List.of("JAVA_HOME", "JAVA_OPTS", "MALLOC_ARENA_MAX"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> out = lines(process.getInputStream().readAllBytes());
    List<String> err = lines(process.getErrorStream().readAllBytes());
    return new Outcome(process.waitFor(), out, err);
  }

  private static List<String> lines(byte[] text) {
    return new String(text, StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void options_areAcceptedByTheJvmWithoutAWarning() throws Exception {
    Process process =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + BIN.resolve("jvm.options"),
            "--version")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).doesNotContainIgnoringCase("warning");
  }

  @Test
  void divan_startsTheJarWithTheOptionsAndAllArguments() throws Exception {
    Outcome outcome =
        run(
            Map.of("JAVA_HOME", java.toString(), "JAVA_OPTS", "-Xmx1g -Da=b"),
            "inspect",
            "a b",
            "--limit=3");
    assertThat(outcome.code()).as("the exit code of the JVM").isEqualTo(3);
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .containsExactly(
            "@" + app + "/bin/jvm.options", "-Xmx1g", "-Da=b", "-jar", app + "/divan.jar",
            "inspect", "a b", "--limit=3");
  }

  @Test
  void divan_startsWithFewNativeHeapsUnlessToldOtherwise() throws Exception {
    Files.writeString(
        java.resolve("bin").resolve("java"), "#!/bin/sh\necho \"$MALLOC_ARENA_MAX\"\n");
    String home = java.toString();
    assertThat(run(Map.of("JAVA_HOME", home)).out()).containsExactly("2");
    assertThat(run(Map.of("JAVA_HOME", home, "MALLOC_ARENA_MAX", "5")).out())
        .containsExactly("5");
  }

  @Test
  void divan_withAnAotCache_usesItUnlessJavaOptsNamesOne() throws Exception {
    Files.createFile(app.resolve("divan.aot"));
    String home = java.toString();
    assertThat(run(Map.of("JAVA_HOME", home)).out())
        .contains("-XX:AOTCache=" + app + "/divan.aot");
    assertThat(run(Map.of("JAVA_HOME", home, "JAVA_OPTS", "-XX:AOTMode=off")).out())
        .contains("-XX:AOTMode=off")
        .noneMatch(argument -> argument.startsWith("-XX:AOTCache"));
  }

  @Test
  void train_onAnExtractedJar_replacesTheCache() throws Exception {
    Files.createDirectories(app.resolve("lib"));
    Files.createFile(app.resolve("divan.aot"));
    Outcome outcome = run(Map.of("JAVA_HOME", java.toString()), "train");
    assertThat(outcome.out())
        .contains("-XX:AOTCacheOutput=" + app + "/divan.aot", "train")
        .noneMatch(argument -> argument.startsWith("-XX:AOTCache="));
    assertThat(app.resolve("divan.aot")).doesNotExist();
  }

  @Test
  void train_onAJarThatIsNotExtracted_isRefused() throws Exception {
    assertRefused(
        run(Map.of("JAVA_HOME", java.toString()), "train"),
        "divan: train needs an extracted jar: install one with bin/install DIRECTORY.");
  }

  @Test
  void divan_withAnOlderJavaHome_isRefused() throws Exception {
    Path older = java("21.0.8");
    assertRefused(
        run(Map.of("JAVA_HOME", older.toString())),
        "divan: JAVA_HOME=" + older + " is not a JDK or JRE 25 or newer.");
  }

  @Test
  void divan_withoutAJar_isRefused() throws Exception {
    Files.delete(app.resolve("divan.jar"));
    assertRefused(
        run(Map.of("JAVA_HOME", java.toString())),
        "divan: there is no divan.jar beside " + app + "/bin; build it with ./mvnw package.");
  }

  @Test
  void divan_withoutJavaHome_usesTheJavaOfThePathThroughItsLinks() throws Exception {
    Path links = Files.createDirectories(directory.resolve("links"));
    Files.createSymbolicLink(links.resolve("java"), java.resolve("bin/java"));
    String path = links + ":" + System.getenv("PATH");
    assertThat(run(Map.of("PATH", path)).out()).contains("-jar");
  }

  private static void assertRefused(Outcome outcome, String sentence) {
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).containsExactly(sentence);
  }
}
