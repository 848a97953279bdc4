package io.divan;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A child process with the JVM and the class path of this one. */
public final class ChildJvm implements AutoCloseable {
  private static final long SECONDS_MAX = 60;

  private final Process process;
  private final BufferedReader out;

  private ChildJvm(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts a main class with native access. The caller must read its output. */
  public static Process program(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Starts the service. */
  public static ChildJvm service(Path directory, String... arguments) throws IOException {
    return service(directory, List.of(), arguments);
  }

  /** Starts the service with JVM options. */
  public static ChildJvm service(Path directory, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(DivanApplication.class.getName());
    command.add("--divan.storage.directory=" + directory);
    command.addAll(List.of(arguments));
    return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** Reads the remaining output until the process ends. */
  public String output() throws IOException {
    StringWriter output = new StringWriter();
    out.transferTo(output);
    return output.toString();
  }

  /**
   * Reads the output up to the first line that contains a text, and returns that line. Ends a
   * process that does not print it in time.
   */
  public String lineWith(String text) throws IOException {
    StringBuilder before = new StringBuilder();
    Future<?> end =
        CompletableFuture.runAsync(
            process::destroyForcibly,
            CompletableFuture.delayedExecutor(SECONDS_MAX, TimeUnit.SECONDS));
    try {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.contains(text)) {
          return line;
        }
        before.append(line).append('\n');
      }
    } finally {
      end.cancel(false);
    }
    throw new IOException("The process ended without printing " + text + ":\n" + before);
  }

  /**
   * Whether the process ignores SIGINT. It inherits this from a shell that started the tests in the
   * background.
   */
  public boolean ignoresInterrupt() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    if (!Files.exists(status)) {
      return false;
    }
    String ignored =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow();
    return (Long.parseUnsignedLong(ignored.substring(7).strip(), 16) & 1 << 1) != 0;
  }

  public int exitCode() throws InterruptedException, TimeoutException {
    if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
      throw new TimeoutException("The process does not end");
    }
    return process.exitValue();
  }

  /** Sends SIGTERM, as a service manager does. */
  public void terminate() {
    process.toHandle().destroy(); // unlike Process.destroy, leaves the output open
  }

  /** Sends a signal, such as {@code INT}. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    out.close();
  }
}
