package io.divan.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts processes with a single carrier for all virtual threads. */
public final class SingleCarrier {
  private static final int SECONDS_MAX = 60;

  private SingleCarrier() {}

  /**
   * Runs a main class in a separate process. Fails with a dump of its threads if it does not end
   * within a minute.
   */
  public static void run(Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                tool("java"),
                "--enable-native-access=ALL-UNNAMED",
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    Process child = new ProcessBuilder(command).inheritIO().start();
    try {
      if (!child.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        fail(
            main.getSimpleName() + " has not ended within " + SECONDS_MAX + " s. Its threads:\n"
                + threads(child.pid()));
      }
      assertThat(child.exitValue()).isZero();
    } finally {
      child.destroyForcibly();
    }
  }

  private static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  /** The threads of a process: platform threads with their locks, then virtual threads too. */
  private static String threads(long pid) throws IOException, InterruptedException {
    Path all = Files.createTempFile("threads", ".txt");
    try {
      String locks = jcmd(pid, "Thread.print", "-l");
      String outcome = jcmd(pid, "Thread.dump_to_file", "-overwrite", all.toString());
      return locks + outcome + Files.readString(all);
    } finally {
      Files.delete(all);
    }
  }

  private static String jcmd(long pid, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(tool("jcmd"), Long.toString(pid)));
    command.addAll(List.of(arguments));
    Process jcmd = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output = new String(jcmd.getInputStream().readAllBytes(), UTF_8);
      jcmd.waitFor();
      return output;
    } finally {
      jcmd.destroyForcibly();
    }
  }
}
