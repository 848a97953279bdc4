package io.divan.storage.fdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Opening a cluster reports unusable settings. No other class loads the client library. */
class FdbClientTest {
  @TempDir Path directory;

  private String child(String... arguments) throws IOException, InterruptedException {
    Path log = directory.resolve("child.log");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xlog:class+init=info:file=" + directory.resolve("classes.log"),
            "-cp",
            System.getProperty("java.class.path"),
            NativeChild.class.getName(),
            arguments[0],
            arguments[1])
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("LD_LIBRARY_PATH", directory.toString());
    Process child = builder.start();
    try {
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      String output = Files.readString(log);
      assertThat(child.exitValue()).as(output).isZero();
      return output;
    } finally {
      child.destroyForcibly();
    }
  }

  private boolean isFdbInitialized() throws IOException {
    List<String> classes = Files.readAllLines(directory.resolve("classes.log"));
    assertThat(classes).as("the log lists classes").anyMatch(line -> line.contains("FdbAdapter"));
    return classes.stream().anyMatch(line -> line.contains("'com/apple/foundationdb/FDB'"));
  }

  @Test
  void otherBackends_doNotInitializeFdb() throws Exception {
    assertThat(child("others", directory.resolve("data").toString())).contains("used");
    assertThat(isFdbInitialized()).isFalse();
  }

  @Test
  void open_libraryMissing_failureNamesThePackage() throws Exception {
    assumeTrue(!isLibraryInstalled(), "this machine has libfdb_c");
    Path file = Files.writeString(directory.resolve("fdb.cluster"), "test:id@127.0.0.1:4500\n");
    assertThat(child("cluster", file.toString()))
        .contains(
            "refused: FoundationDB's client library libfdb_c could not be loaded: libfdb_c.so: ")
        .contains("Install the package foundationdb-clients 7.3")
        .containsOnlyOnce("refused")
        .doesNotContain("fdb_java", "Exception");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void open_libraryIsAnotherFile_failureNamesTheLoadersReason() throws Exception {
    Path file = Files.writeString(directory.resolve("fdb.cluster"), "test:id@127.0.0.1:4500\n");
    Path library = Files.writeString(directory.resolve("libfdb_c.so"), "text ".repeat(1_000));
    assertThat(child("cluster", file.toString()))
        .contains(
            "refused: FoundationDB's client library libfdb_c could not be loaded: " + library
                + ": invalid ELF header. Install the package foundationdb-clients 7.3 of your"
                + " cluster's release for " + System.getProperty("os.arch"));
  }

  /**
   * The JDK's library for ZIP files stands in for one that needs a library which does not exist.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void open_libraryNeedsAnother_failureNamesIt() throws Exception {
    Path file = Files.writeString(directory.resolve("fdb.cluster"), "test:id@127.0.0.1:4500\n");
    Path other = Path.of(System.getProperty("java.home"), "lib", "libzip.so");
    String bytes = Files.readString(other, StandardCharsets.ISO_8859_1);
    assumeTrue(bytes.contains("libc.so.6"), "a machine with the GNU C library");
    Files.writeString(
        directory.resolve("libfdb_c.so"),
        bytes.replace("libc.so.6", "libq.so.6"),
        StandardCharsets.ISO_8859_1);
    assertThat(child("cluster", file.toString()))
        .contains(
            "refused: FoundationDB's client library libfdb_c could not be loaded: libq.so.6: cannot"
                + " open shared object file: No such file or directory. FoundationDB's client"
                + " library needs libq.so.6: install your system's package of it");
  }

  private static boolean isLibraryInstalled() {
    return List.of("/usr/lib", "/usr/local/lib", "/usr/lib64", "/lib").stream()
        .anyMatch(path -> Files.exists(Path.of(path, "libfdb_c.so")));
  }

  @Test
  void open_clusterFileMissing_fails() {
    Path missing = directory.resolve("missing.cluster");
    assertThatExceptionOfType(FdbClient.Unusable.class)
        .isThrownBy(() -> FdbClient.open(FdbClient.Settings.of(missing), Duration.ZERO))
        .withMessage("The cluster file " + missing + " cannot be read.")
        .satisfies(e -> assertThat(e.action()).contains("divan.storage.fdb.cluster-file"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# only a comment", "localhost:4500", "a:b@", "a:b@host",
    "a b:c@host:1"})
  void open_clusterFileOfSomethingElse_saysSo(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("wrong.cluster"), text);
    assertThatExceptionOfType(FdbClient.Unusable.class)
        .isThrownBy(() -> FdbClient.open(FdbClient.Settings.of(file), Duration.ZERO))
        .withMessageContaining("is not a cluster file");
  }

  @Test
  void open_otherFileMissing_failureNamesTheSetting() throws IOException {
    Path file = Files.writeString(directory.resolve("fdb.cluster"), "a:b@[::1]:4500:tls,h:1\n");
    Optional<Path> missing = Optional.of(directory.resolve("missing"));
    Optional<Path> none = Optional.empty();
    Optional<String> silent = Optional.empty();
    Map<String, FdbClient.Settings> settings =
        Map.of(
            "trace-directory",
            new FdbClient.Settings(file, missing, FdbClient.Tls.NONE, none, Map.of()),
            "tls-certificate-file",
            tls(file, new FdbClient.Tls(missing, none, none, silent, silent)),
            "tls-key-file",
            tls(file, new FdbClient.Tls(none, missing, none, silent, silent)),
            "tls-ca-file",
            tls(file, new FdbClient.Tls(none, none, missing, silent, silent)),
            "external-client-directory",
            new FdbClient.Settings(file, none, FdbClient.Tls.NONE, missing, Map.of()));
    settings.forEach(
        (name, each) -> assertThatExceptionOfType(FdbClient.Unusable.class)
            .isThrownBy(() -> FdbClient.open(each, Duration.ZERO))
            .satisfies(e -> assertThat(e.action()).contains("divan.storage.fdb." + name)));
  }

  private static FdbClient.Settings tls(Path clusterFile, FdbClient.Tls tls) {
    return new FdbClient.Settings(
        clusterFile, Optional.empty(), tls, Optional.empty(), Map.of());
  }
}
