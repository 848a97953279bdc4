package io.divan.storage.sqlite.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The failure in a JVM that does not allow native access. */
class NativeAccessTest {

  private static String said(String option) throws IOException {
    Process child =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            option,
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            NativeAccessChild.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void nativeAccess_denied_failureNamesTheOption() throws IOException {
    assertThat(said("--illegal-native-access=deny"))
        .startsWith("SQLite cannot keep its pages in another store here")
        .contains("--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void nativeAccess_enabled_works() throws IOException {
    assertThat(said("--enable-native-access=ALL-UNNAMED")).isEqualTo("usable");
  }
}
