package io.divan.storage.fdb.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulation does not need FoundationDB's client library. */
class NativeLibraryTest {

  @Test
  void simulation_doesNotInitializeFdb_norLoadItsLibrary(@TempDir Path directory)
      throws IOException, InterruptedException {
    Path log = directory.resolve("classes.log");
    Path output = directory.resolve("output");
    Process child =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xlog:class+init=info,library=info:file=" + log + ":none",
            "-cp",
            System.getProperty("java.class.path"),
            NativeLibraryChild.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output)).contains("done");
    List<String> lines = Files.readAllLines(log);
    assertThat(lines)
        .anyMatch(line -> line.contains(initialising("directory/DirectoryLayer")))
        .noneMatch(line -> line.contains(initialising("FDB")))
        .noneMatch(line -> line.contains(initialising("JNIUtil")))
        .noneMatch(line -> line.contains("libfdb"));
  }

  private static String initialising(String name) {
    return "Initializing 'com/apple/foundationdb/" + name + "'";
  }
}
