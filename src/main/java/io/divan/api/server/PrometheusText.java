package io.divan.api.server;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * The metrics under CouchDB's names in Prometheus' text format, where they have a meaning, followed
 * by the service's own.
 */
@Component
final class PrometheusText {
  private static final double[] QUANTILES = {0.5, 0.75, 0.9, 0.95, 0.99, 0.999};

  /** Statistics whose names in Prometheus do not follow from their paths. */
  private static final Map<String, String> RENAMED =
      Map.of(
          "auth_cache_hits", "auth_cache_requests_total",
          "auth_cache_misses", "auth_cache_misses_total");

  private final Statistics statistics;
  private final SystemState system;
  private final ObjectProvider<PrometheusMeterRegistry> registry;

  PrometheusText(
      Statistics statistics,
      SystemState system,
      ObjectProvider<PrometheusMeterRegistry> registry) {
    this.statistics = statistics;
    this.system = system;
    this.registry = registry;
  }

  byte[] text() {
    StringBuilder out = new StringBuilder(64 * 1024);
    String family = "";
    for (Statistics.Statistic statistic : statistics.all()) {
      family = append(out, statistic, family);
    }
    appendSystem(out);
    registry.ifAvailable(own -> out.append('\n').append(own.scrape()));
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Appends a statistic. A family of several series has one heading. */
  private static String append(
      StringBuilder out, Statistics.Statistic statistic, String before) {
    List<String> path = statistic.path();
    String leaf = path.getLast();
    String section = path.size() > 2 ? path.get(1) : "";
    return switch (statistic) {
      case Statistics.Statistic.Histogram histogram -> {
        String name = name(path) + "_seconds";
        summary(out, name, histogram);
        yield name;
      }
      case Statistics.Statistic.Count number -> {
        String labels = "";
        String name;
        String help = number.description();
        if (section.equals("httpd_request_methods")) {
          name = "couchdb_httpd_request_methods";
          help = "number of HTTP requests by method";
          labels = "{method=\"" + leaf + "\"}";
        } else if (section.equals("httpd_status_codes")) {
          name = "couchdb_httpd_status_codes";
          help = "number of HTTP responses by status code";
          labels = "{code=\"" + leaf + "\"}";
        } else if (section.equals("level")) {
          name = "couchdb_couch_log_requests_total";
          help = "number of logged messages";
          labels = "{level=\"" + leaf + "\"}";
        } else {
          name =
              RENAMED.containsKey(leaf)
                  ? "couchdb_" + RENAMED.get(leaf)
                  : name(path) + (number.falls() ? "" : "_total");
        }
        if (!name.equals(before)) {
          heading(out, name, help, number.falls() ? "gauge" : "counter");
        }
        out.append(name).append(labels).append(' ');
        out.append(Numbers.text(number.value().getAsDouble())).append('\n');
        yield name;
      }
    };
  }

  private static String name(List<String> path) {
    return "couchdb_" + String.join("_", path.subList(1, path.size()));
  }

  private static void heading(StringBuilder out, String name, String help, String type) {
    out.append("\n# HELP ").append(name).append(' ').append(help);
    out.append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  /** Appends a distribution. CouchDB divides all of them by 1000, numbers of documents too. */
  private static void summary(
      StringBuilder out, String name, Statistics.Statistic.Histogram histogram) {
    Distribution distribution = histogram.value().get();
    heading(out, name, histogram.description(), "summary");
    for (double quantile : QUANTILES) {
      out.append(name).append("{quantile=\"").append(quantile).append("\"} ");
      out.append(Numbers.text(distribution.quantile(quantile) / 1000)).append('\n');
    }
    out.append(name).append("_sum ").append(Numbers.text(distribution.sum() / 1000));
    out.append('\n').append(name).append("_count ").append(distribution.count()).append('\n');
  }

  private void appendSystem(StringBuilder out) {
    number(out, "uptime_seconds", "couchdb uptime", "counter", system.uptime());
    number(
        out,
        "erlang_io_recv_bytes_total",
        "the total number of bytes received through ports",
        "counter",
        system.input());
    number(
        out,
        "erlang_io_sent_bytes_total",
        "the total number of bytes output to ports",
        "counter",
        system.output());
    number(
        out,
        "erlang_gc_collections_total",
        "number of garbage collections by the Erlang emulator",
        "counter",
        system.collections());
    number(
        out,
        "erlang_processes",
        "the number of Erlang processes",
        "gauge",
        system.processes());
    number(
        out,
        "erlang_process_limit",
        "the maximum number of simultaneously existing Erlang processes",
        "gauge",
        system.processLimit());
    heading(
        out,
        "couchdb_erlang_memory_bytes",
        "size of memory (in bytes) dynamically allocated by the Erlang emulator",
        "gauge");
    system
        .memory()
        .forEach(
            (type, bytes) -> out.append(
                String.format(
                    Locale.ROOT,
                    "couchdb_erlang_memory_bytes{memory_type=\"%s\"} %d\n",
                    type,
                    bytes)));
  }

  private static void number(
      StringBuilder out, String name, String help, String type, long value) {
    heading(out, "couchdb_" + name, help, type);
    out.append("couchdb_").append(name).append(' ').append(value).append('\n');
  }
}
