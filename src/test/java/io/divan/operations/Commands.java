package io.divan.operations;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs terminal commands within this process. */
final class Commands {

  /** The exit code and output of a command. */
  record Outcome(int code, String out, String err) {}

  private Commands() {}

  /** Runs a command on the storage in a directory. */
  static Outcome run(Path directory, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--divan.storage.directory=" + directory);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        CommandLine.run(
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8),
            false,
            all.toArray(String[]::new));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
