package io.divan;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Searches everything that the tests print for secrets, and fails the test class during which one
 * was printed. All logging ends on the standard output, which this replaces before the first test
 * of each JVM. JUnit finds this extension by itself, for every test class.
 */
public final class OutputSecrets implements BeforeAllCallback, AfterAllCallback {

  /** The longest part of a line that is searched at once. */
  private static final int LINE_BYTES_MAX = 64 * 1024;

  private static final List<String> FOUND = new ArrayList<>();
  private static boolean installed;

  /** Passes everything on, and searches each line. */
  private static final class Searched extends OutputStream {
    private final PrintStream next;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Searched(PrintStream next) {
      this.next = next;
    }

    @Override
    public synchronized void write(int b) {
      next.write(b);
      add((byte) b);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      next.write(bytes, offset, length);
      for (int i = offset; i < offset + length; i++) {
        add(bytes[i]);
      }
    }

    private void add(byte b) {
      if (b != '\n') {
        line.write(b);
      }
      if (b == '\n' || line.size() >= LINE_BYTES_MAX) {
        search(line.toString(StandardCharsets.UTF_8));
        line.reset();
      }
    }

    @Override
    public void flush() {
      next.flush();
    }
  }

  /** Checks what is printed after the last test, such as by services that all tests share. */
  private static final class AtEnd implements AutoCloseable {

    @Override
    public void close() {
      check();
    }
  }

  private static void search(String line) {
    Secrets.find(line)
        .ifPresent(
            secret -> {
              synchronized (FOUND) {
                FOUND.add(secret + " in: " + line.substring(0, Math.min(line.length(), 500)));
              }
            });
  }

  private static synchronized void install() {
    if (!installed) {
      System.setOut(new PrintStream(new Searched(System.out), true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(new Searched(System.err), true, StandardCharsets.UTF_8));
      installed = true;
    }
  }

  /** Removes and returns the lines with secrets that were printed since the last call. */
  public static List<String> take() {
    synchronized (FOUND) {
      List<String> lines = List.copyOf(FOUND);
      FOUND.clear();
      return lines;
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    install();
    context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(OutputSecrets.class))
        .computeIfAbsent(AtEnd.class, key -> new AtEnd(), AtEnd.class);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    check();
  }

  /** Fails if a secret was printed since the last call. */
  static void check() {
    List<String> lines = take();
    Optional<String> first = lines.stream().findFirst();
    if (first.isPresent()) {
      throw new AssertionError(lines.size() + " lines contain a secret. The first: " + first.get());
    }
  }
}
