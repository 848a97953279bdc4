package io.divan.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * The chart's values, their schema, their table in the README and the templates name the same keys.
 */
class ChartKeysTest {
  private static final Path README = Chart.DIRECTORY.resolve("README.md");
  private static final Path VALUES = Chart.DIRECTORY.resolve("values.yaml");
  private static final Pattern USE = Pattern.compile("(?:\\.Values|\\$v)((?:\\.\\w+)+)");
  private static final Pattern KEY = Pattern.compile("( *)(\\w+):.*");
  private static final Pattern TABLE =
      Pattern.compile("(?s)(?<=<!-- values -->\n).*(?=<!-- end of values -->)");

  /** What parent charts set, and nothing here reads. */
  private static final String GLOBAL = "global";

  /** The keys of the schema that hold one value, or an object of any form. */
  private static Set<String> schemaKeys() throws IOException {
    Set<String> keys = new TreeSet<>();
    Map<String, Object> schema = Chart.map(Chart.DIRECTORY.resolve("values.schema.json"));
    collectSchemaKeys("", schema, keys);
    keys.remove(GLOBAL);
    return keys;
  }

  private static void collectSchemaKeys(String path, Map<?, ?> schema, Set<String> keys) {
    if (schema.get("properties") instanceof Map<?, ?> properties && !isOptional(path)) {
      properties.forEach(
          (key, part) -> collectSchemaKeys(path.isEmpty() ? "" + key : path + "." + key,
              (Map<?, ?>) part, keys));
    } else {
      keys.add(path);
    }
  }

  /** Objects of which values.yaml shows a part: the table describes them as a whole. */
  private static boolean isOptional(String path) {
    return path.startsWith("probes.")
        || Set.of("persistence.retentionPolicy", "httpRoute.timeouts").contains(path);
  }

  /** The values of the schema's keys. */
  private static Map<String, Object> flat(Map<String, Object> values) throws IOException {
    Map<String, Object> flat = new TreeMap<>();
    collect("", values, schemaKeys(), flat);
    return flat;
  }

  private static void collect(
      String path, Object value, Set<String> keys, Map<String, Object> flat) {
    if (!keys.contains(path) && value instanceof Map<?, ?> map) {
      map.forEach(
          (key, part) -> collect(path.isEmpty() ? "" + key : path + "." + key, part, keys, flat));
    } else {
      flat.put(path, value == null ? "" : value);
    }
  }

  @Test
  void values_andSchema_haveTheSameKeys() throws IOException {
    assertThat(flat(Chart.map(VALUES)).keySet()).isEqualTo(schemaKeys());
  }

  @Test
  void templates_useEveryKey_andNoOther() throws IOException {
    Set<String> used = new TreeSet<>();
    for (Path template : Chart.templates()) {
      // What is only refused is not used.
      boolean isValidation = template.endsWith("validation.yaml");
      Matcher matcher = USE.matcher(Files.readString(template));
      while (matcher.find()) {
        String key = matcher.group(1).substring(1);
        assertThat(schemaKeys()).as("%s in %s", key, template).contains(key);
        if (!isValidation) {
          used.add(key);
        }
      }
    }

    assertThat(used).isEqualTo(schemaKeys());
  }

  @Test
  void cases_together_setEveryKeyToAnotherValue() throws IOException {
    Set<String> unchanged = new TreeSet<>(schemaKeys());
    Map<String, Object> defaults = flat(Chart.map(VALUES));
    for (String name : Chart.cases()) {
      flat(Chart.map(Chart.values(name)))
          .forEach(
              (key, value) -> {
                if (!value.equals(defaults.get(key))) {
                  unchanged.remove(key);
                }
              });
    }

    assertThat(unchanged).isEmpty();
  }

  @Test
  void readme_hasTheTableOfValues() throws IOException {
    String table = table();
    String readme = Files.readString(README);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(
          README, TABLE.matcher(readme).replaceAll(Matcher.quoteReplacement(table)));
      readme = Files.readString(README);
    }

    assertThat(readme)
        .as("-Dgolden.update=true writes the table")
        .contains("<!-- values -->\n" + table + "<!-- end of values -->");
  }

  /** A row for each key with its default, and the comment that precedes it in values.yaml. */
  private static String table() throws IOException {
    Map<String, Object> defaults = flat(Chart.map(VALUES));
    Map<String, String> comments = comments();
    assertThat(comments.keySet()).as("keys with a comment").isEqualTo(defaults.keySet());
    StringBuilder table = new StringBuilder("| key | default | meaning |\n|---|---|---|\n");
    comments.forEach(
        (key, comment) -> table.append(
            "| `%s` | %s | %s |\n".formatted(key, shown(defaults.get(key)), cell(comment))));
    return table.toString();
  }

  /** The comments by their keys, in the order of the file. */
  private static Map<String, String> comments() throws IOException {
    Map<String, String> comments = new LinkedHashMap<>();
    Set<String> keys = schemaKeys();
    Deque<String> path = new ArrayDeque<>();
    List<String> comment = new ArrayList<>();
    for (String line : Files.readAllLines(VALUES)) {
      Matcher key = KEY.matcher(line);
      String text = line.strip();
      if (text.startsWith("# -- ")) {
        comment.clear();
        comment.add(text.substring(5));
      } else if (text.startsWith("# ") && !comment.isEmpty()) {
        comment.add(text.substring(2));
      } else if (key.matches()) {
        while (path.size() > key.group(1).length() / 2) {
          path.removeLast();
        }
        path.addLast(key.group(2));
        String name = String.join(".", path);
        if (keys.contains(name)) {
          comments.put(name, String.join(" ", comment));
          assertThat(comment).as("comment of %s", name).isNotEmpty();
        }
        comment.clear();
      }
    }
    return comments;
  }

  private static String shown(Object value) {
    if (Objects.requireNonNull(value).equals("")) {
      return "";
    }
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.FLOW);
    options.setWidth(Integer.MAX_VALUE);
    return "`" + cell(new Yaml(options).dump(value).strip()) + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
