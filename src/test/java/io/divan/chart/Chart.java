package io.divan.chart;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Renders the chart with Helm itself, as release {@code r} in namespace {@code ns}.
 *
 * <p>What is rendered is a copy of the chart in which the test of {@code helm test} is no hook, for
 * Helm omits hooks here, and in which the Secret that is looked up in the cluster is the value
 * {@code global.secret}.
 */
final class Chart {
  static final Path DIRECTORY = Path.of("helm", "divan");
  static final Path CASES = Path.of("src", "test", "resources", "chart");

  private static final String VALUES = ".values.yaml";
  private static final String HOOK = "\"helm.sh/hook\" \"test\" ";
  private static final String LOOKUP =
      "(lookup \"v1\" \"Secret\" .Release.Namespace (include \"divan.fullname\" .))";

  private static final String KEPT = "(index (default dict .Values.global) \"secret\")";

  private static final Map<String, String> RENDERED = new ConcurrentHashMap<>();

  private static final class Copy {
    static final Path DIRECTORY = copy();
  }

  private Chart() {}

  /** The names of the cases: each has a file of values and a golden file. */
  static List<String> cases() {
    try (Stream<Path> files = Files.list(CASES)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(VALUES))
          .map(name -> name.substring(0, name.length() - VALUES.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path values(String name) {
    return CASES.resolve(name + VALUES);
  }

  /** Renders the chart with the values of a case, once. */
  static String render(String name) {
    return RENDERED.computeIfAbsent(
        name, n -> release("r").withValuesFile(values(n)).call());
  }

  /** Renders the chart with a few values, such as {@code backend=redb}. */
  static String renderWith(String... settings) {
    TemplateCommand command = release("r");
    for (String setting : settings) {
      String[] parts = setting.split("=", 2);
      command.set(parts[0], parts[1]);
    }
    return command.call();
  }

  static TemplateCommand release(String name) {
    return new Helm(Copy.DIRECTORY)
        .template()
        .withName(name)
        .withNamespace("ns")
        .withKubeVersion("1.30.0");
  }

  /** The objects of a stream of YAML documents. */
  static List<Manifest> manifests(String rendered) {
    List<Manifest> manifests = new ArrayList<>();
    for (Object document : yaml().loadAll(rendered)) {
      if (document != null) {
        manifests.add(new Manifest(document));
      }
    }
    return manifests;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Path file) throws IOException {
    return (Map<String, Object>) yaml().load(Files.readString(file));
  }

  static Yaml yaml() {
    return new Yaml(new SafeConstructor(new LoaderOptions()));
  }

  /** The files of the chart's templates, notes included. */
  static List<Path> templates() throws IOException {
    try (Stream<Path> files = Files.walk(DIRECTORY.resolve("templates"))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static Path copy() {
    try {
      Path copy = Files.createTempDirectory("divan-chart");
      try (Stream<Path> files = Files.walk(DIRECTORY)) {
        for (Path file : files.toList()) {
          Path target = copy.resolve(DIRECTORY.relativize(file).toString());
          target.toFile().deleteOnExit(); // directories after their files
          if (Files.isDirectory(file)) {
            Files.createDirectories(target);
            continue;
          }
          String text = Files.readString(file);
          Files.writeString(
              target,
              switch (file.getFileName().toString()) {
                case "document.yaml" -> replace(text, HOOK, "");
                case "_helpers.tpl" -> replace(text, LOOKUP, KEPT);
                default -> text;
              });
        }
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String replace(String text, String old, String replacement) {
    if (!text.contains(old)) {
      throw new IllegalStateException("The chart lacks " + old);
    }
    return text.replace(old, replacement);
  }
}
