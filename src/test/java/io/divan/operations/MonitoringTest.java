package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.storage.StatusReport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares the metrics of services with docs/monitoring.md, and with what the dashboard and the
 * alerts name.
 */
class MonitoringTest {
  private static final Path PAGE = Path.of("docs", "monitoring.md");
  private static final Path FILES = Path.of("helm", "divan", "files");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
  private static final Pattern HELP = Pattern.compile("(?m)^# HELP (\\S+) \\S.*$");
  private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z_]+)(?:\\{(.*)})? \\S+$");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"(?:[^\"\\\\]|\\\\.)*\"");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `((?:divan|http)_[a-z_]+)` \\| (\\w+) \\|([^|]*)\\|");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern SHOWN = Pattern.compile("\\{\\{ *(?:\\$labels\\.)?([a-z_]+) *}}");

  /** Prometheus adds these labels to every series. */
  private static final Set<String> TARGET = Set.of("job", "instance");

  /** The labels of each series, of all backends together. */
  private static final Map<String, Set<String>> SERIES = new TreeMap<>();

  /** The type of each of our metrics, and of those of requests. */
  private static final Map<String, String> TYPES = new TreeMap<>();

  private static final Set<String> HELPED = new TreeSet<>();

  @BeforeAll
  static void scrapeEachBackend(@TempDir Path directory) {
    for (String backend : List.of("redb", "sqlite", "leveldb", "memory")) {
      try (Service service =
          Service.start(
              directory.resolve(backend),
              "--divan.storage.backend=" + backend,
              "--divan.storage.leveldb.engine=lsm")) {
        use(service.http());
        new ClusterMeters(
            service.part(MeterRegistry.class),
            Tags.of("backend", backend),
            InstantSource.system())
            .update(
                new StatusReport(
                    Instant.now(), ClusterDetailsTest.REAL.getBytes(StandardCharsets.UTF_8)));
        System.gc();
        add(awaitMetrics(service.http(), "divan_tasks_seconds_count{", "jvm_gc_pause_seconds"));
      }
    }
    SERIES.put("up", Set.of());
  }

  private static void use(Http http) {
    String db = http.newDatabase();
    assertThat(http.put(db + "/a", "{}").status()).isEqualTo(201);
    assertThat(http.get(db + "/a").status()).isEqualTo(200);
    assertThat(http.post(db + "/_compact", "").status()).isEqualTo(202);
  }

  /** Scrapes until the metrics exist that appear with the first event. */
  private static String awaitMetrics(Http http, String... names) {
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (true) {
      HttpAnswer answer = http.get("/actuator/prometheus");
      assertThat(answer.status()).isEqualTo(200);
      List<String> missing = new ArrayList<>(List.of(names));
      missing.removeIf(answer.text()::contains);
      if (missing.isEmpty()) {
        return answer.text();
      }
      assertThat(Instant.now()).as("%s", missing).isBefore(end);
    }
  }

  private static void add(String scraped) {
    for (MatchResult sample : SAMPLE.matcher(scraped).results().toList()) {
      Set<String> labels = SERIES.computeIfAbsent(sample.group(1), key -> new TreeSet<>());
      if (sample.group(2) != null) {
        LABEL.matcher(sample.group(2)).results().forEach(label -> labels.add(label.group(1)));
      }
    }
    for (MatchResult type : TYPE.matcher(scraped).results().toList()) {
      String name = type.group(1);
      String of = name.replaceFirst("_max$", "");
      boolean isOurs = name.startsWith("divan_") || name.startsWith("http_");
      if (isOurs && (of.equals(name) || !scraped.contains("# TYPE " + of + " "))) {
        TYPES.put(name, type.group(2));
      }
    }
    HELP.matcher(scraped).results().forEach(help -> HELPED.add(help.group(1)));
  }

  @Test
  void page_listsEveryMetricWithItsTypeAndLabels() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    for (MatchResult row : ROW.matcher(Files.readString(PAGE)).results().toList()) {
      Set<String> labels = new TreeSet<>();
      CODE.matcher(row.group(3)).results().forEach(code -> labels.add(code.group(1)));
      documented.put(row.group(1), row.group(2) + " " + labels);
    }
    Map<String, String> found = new TreeMap<>();
    TYPES.forEach(
        (name, type) -> {
          boolean isSimple = type.equals("counter") || type.equals("gauge");
          Set<String> labels = SERIES.get(isSimple ? name : name + "_count");
          found.put(name, type + " " + labels);
        });

    assertThat(documented).isEqualTo(found);
  }

  @Test
  void metrics_haveADescription() {
    assertThat(HELPED).containsAll(TYPES.keySet());
    assertThat(SERIES.keySet().stream().filter(name -> name.startsWith("tomcat_")))
        .isNotEmpty()
        .allSatisfy(
            name -> assertThat(HELPED).contains(name.replaceFirst("_(count|sum)$", "")));
  }

  @Test
  void alerts_nameExistingMetricsAndLabels() throws IOException {
    SoftAssertions softly = new SoftAssertions();
    Map<String, List<Map<String, List<Map<String, Object>>>>> file =
        new Yaml().load(Files.readString(FILES.resolve("alerts.yaml")));
    int alerts = 0;
    for (Map<String, List<Map<String, Object>>> group : file.get("groups")) {
      for (Map<String, Object> rule : group.get("rules")) {
        alerts++;
        Promql expression = Promql.parse((String) rule.get("expr"));
        check(softly, (String) rule.get("alert"), expression, rule.get("annotations").toString());
        softly
            .assertThat(((Map<?, ?>) rule.get("annotations")).keySet().stream().map(
                String::valueOf))
            .contains("summary", "description", "runbook_url");
        softly
            .assertThat(Files.readString(PAGE))
            .as("the table of alerts")
            .contains("| `" + rule.get("alert") + "` |");
      }
    }
    softly.assertThat(alerts).isGreaterThan(20);
    softly.assertAll();
  }

  @Test
  void dashboard_namesExistingMetricsAndLabels() throws IOException {
    JsonNode dashboard =
        new JsonMapper().readTree(Files.readString(FILES.resolve("dashboards/divan.json")));
    SoftAssertions softly = new SoftAssertions();
    int expressions = 0;
    for (JsonNode panel : dashboard.get("panels")) {
      for (JsonNode target : panel.path("targets")) {
        expressions++;
        check(
            softly,
            panel.get("title").stringValue(),
            Promql.parse(target.get("expr").stringValue()),
            target.get("legendFormat").stringValue());
      }
    }
    for (JsonNode annotation : dashboard.at("/annotations/list")) {
      check(softly, "annotation", Promql.parse(annotation.get("expr").stringValue()),
          annotation.get("titleFormat").stringValue());
    }
    for (JsonNode variable : dashboard.at("/templating/list")) {
      String query = variable.path("definition").asString("");
      if (!query.isEmpty()) {
        String inner = query.substring("label_values(".length(), query.lastIndexOf(','));
        check(softly, query, Promql.parse(inner), "");
      }
    }
    softly.assertThat(expressions).isGreaterThan(60);
    softly.assertAll();
  }

  private static void check(SoftAssertions softly, String what, Promql query, String shown) {
    Set<String> known = new TreeSet<>(TARGET);
    query
        .selectors()
        .forEach(
            selector -> {
              Set<String> labels = SERIES.get(selector.metric());
              softly.assertThat(labels).as("%s: %s", what, selector.metric()).isNotNull();
              if (labels != null) {
                known.addAll(labels);
                for (String label : selector.labels()) {
                  softly
                      .assertThat(labels.contains(label) || TARGET.contains(label))
                      .as("%s: %s has no label %s", what, selector.metric(), label)
                      .isTrue();
                }
              }
            });
    softly.assertThat(query.selectors()).as(what).isNotEmpty();
    softly.assertThat(known).as(what).containsAll(query.grouping());
    Set<String> left = query.isGrouped() ? query.grouping() : known;
    SHOWN
        .matcher(shown)
        .results()
        .map(label -> label.group(1))
        .filter(label -> !label.equals("value"))
        .forEach(label -> softly.assertThat(left).as("%s shows %s", what, label).contains(label));
  }

  @Test
  void parser_findsEveryMetricAndLabel() {
    Promql query =
        Promql.parse(
            "histogram_quantile(0.9, sum by (job, le) (rate(a_bucket{uri!=\"/{x}\",b=~\"c\"}[5m])))"
                + " > 1e9 and on (job) d offset 1h unless sum(e) without (f)");

    assertThat(query.selectors())
        .containsExactly(
            new Promql.Selector("a_bucket", Set.of("uri", "b")),
            new Promql.Selector("d", Set.of()),
            new Promql.Selector("e", Set.of()));
    assertThat(query.grouping()).containsExactlyInAnyOrder("job", "le", "f");
  }
}
