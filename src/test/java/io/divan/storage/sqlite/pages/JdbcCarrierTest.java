package io.divan.storage.sqlite.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses connections from many virtual threads in a process with a single carrier. */
class JdbcCarrierTest {
  @TempDir Path directory;

  @Test
  void virtualThreads_singleCarrier_allEnd() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                "-cp",
                System.getProperty("java.class.path"),
                JdbcCarrierChild.class.getName(),
                directory.toString())
            .inheritIO()
            .start();
    try {
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
      assertThat(child.exitValue()).isZero();
    } finally {
      child.destroyForcibly();
    }
  }
}
