package io.divan.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Uses an adapter from many virtual threads in a process that has a single carrier for all of them:
 * whatever waits for work that needs a carrier, while it holds the only one, never ends.
 */
public abstract class CarrierTest {
  @TempDir Path directory;

  /** A class with a public constructor without parameters: makes the adapter of a directory. */
  protected abstract Class<? extends Function<Path, StorageAdapter>> factory();

  @Test
  void manyCallers_singleCarrier_allEnd() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                "-cp",
                System.getProperty("java.class.path"),
                CarrierChild.class.getName(),
                factory().getName(),
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
