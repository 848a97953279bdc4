package io.divan.api.server;

import io.divan.api.http.ApiException;
import io.divan.api.http.Percent;
import io.divan.api.http.RequiresServer;
import io.divan.api.http.Responses;
import io.divan.document.Principal;
import io.divan.json.JsonBuffer;
import io.divan.security.ServerAction;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;

/** {@code _node/NAME/_stats}, {@code _system} and {@code _prometheus}. */
@Controller
final class StatisticsController {
  private static final String NODE = "/_node/{node}";
  private static final String STATS = NODE + "/_stats";
  private static final String SYSTEM = NODE + "/_system";
  private static final String PROMETHEUS = NODE + "/_prometheus";

  private final Statistics statistics;
  private final SystemState system;
  private final PrometheusText prometheus;

  StatisticsController(
      Statistics statistics, SystemState system, PrometheusText prometheus) {
    this.statistics = statistics;
    this.system = system;
    this.prometheus = prometheus;
  }

  /** The statistics below a path; {@code null} for an unknown path, as in CouchDB. */
  @RequiresServer(ServerAction.READ_METRICS)
  @GetMapping({STATS, STATS + "/**"})
  void stats(
      @PathVariable("node") String node,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Node.check(node);
    List<String> path = path(request.getRequestURI());
    JsonBuffer out = new JsonBuffer();
    Object found = find(tree(), path);
    append(out, found);
    Responses.json(response, 200, out);
  }

  /** The names after {@code _stats}. */
  private static List<String> path(String uri) {
    List<String> path = new ArrayList<>();
    String[] segments = uri.split("/");
    for (int i = 4; i < segments.length; i++) {
      path.add(Percent.text(Percent.decode(segments[i])).orElse(""));
    }
    return path;
  }

  private Map<String, Object> tree() {
    Map<String, Object> root = new LinkedHashMap<>();
    for (Statistics.Statistic statistic : statistics.all()) {
      Map<String, Object> at = root;
      List<String> path = statistic.path();
      for (String section : path.subList(0, path.size() - 1)) {
        at = section(at, section);
      }
      at.put(path.getLast(), statistic);
    }
    return root;
  }

  @SuppressWarnings("unchecked") // sections are the only maps
  private static Map<String, Object> section(Map<String, Object> parent, String name) {
    return (Map<String, Object>) parent.computeIfAbsent(name,
        key -> new LinkedHashMap<String, Object>());
  }

  /** What is at a path, or null: nothing lies below a statistic. */
  private static @Nullable Object find(
      Map<String, Object> root, List<String> path) {
    Object at = root;
    for (String name : path) {
      at = at instanceof Map<?, ?> section ? section.get(name) : null;
    }
    return at;
  }

  private static void append(JsonBuffer out, @Nullable Object found) {
    switch (found) {
      case Statistics.Statistic.Count number ->
          out.raw("{\"value\":")
              .raw(Numbers.text(number.value().getAsDouble()))
              .raw(",\"type\":\"counter\",\"desc\":")
              .string(number.description())
              .raw('}');
      case Statistics.Statistic.Histogram histogram -> {
        histogram.value().get().appendTo(out.raw("{\"value\":"));
        out.raw(",\"type\":\"histogram\",\"desc\":").string(histogram.description()).raw('}');
      }
      case Map<?, ?> section -> {
        out.raw('{');
        boolean first = true;
        for (Map.Entry<?, ?> entry : section.entrySet()) {
          out.raw(first ? "" : ",").string(entry.getKey().toString()).raw(':');
          first = false;
          append(out, entry.getValue());
        }
        out.raw('}');
      }
      case null, default -> out.raw("null");
    }
  }

  @RequiresServer(ServerAction.READ_METRICS)
  @GetMapping(SYSTEM)
  void system(
      @PathVariable("node") String node, Principal principal, HttpServletResponse response)
      throws IOException {
    Node.check(node);
    JsonBuffer out = new JsonBuffer().raw("{\"uptime\":").number(system.uptime());
    append(out.raw(",\"memory\":"), system.memory());
    out.raw(",\"run_queue\":").number(system.runQueue());
    out.raw(",\"run_queue_dirty_cpu\":0,\"ets_table_count\":0,\"context_switches\":0");
    out.raw(",\"reductions\":0,\"garbage_collection_count\":").number(system.collections());
    out.raw(",\"words_reclaimed\":0,\"io_input\":").number(system.input());
    out.raw(",\"io_output\":").number(system.output());
    out.raw(",\"os_proc_count\":0,\"stale_proc_count\":0,\"process_count\":");
    out.number(system.processes()).raw(",\"process_limit\":").number(system.processLimit());
    append(out.raw(",\"message_queues\":"), system.queues());
    out.raw(",\"internal_replication_jobs\":0,\"distribution\":{},\"distribution_events\":{}}");
    Responses.json(response, 200, out);
  }

  private static void append(JsonBuffer out, Map<String, Long> numbers) {
    out.raw('{');
    boolean first = true;
    for (Map.Entry<String, Long> entry : numbers.entrySet()) {
      out.raw(first ? "" : ",").string(entry.getKey()).raw(':').number(entry.getValue());
      first = false;
    }
    out.raw('}');
  }

  @RequiresServer(ServerAction.READ_METRICS)
  @GetMapping(PROMETHEUS)
  void prometheus(
      @PathVariable("node") String node, Principal principal, HttpServletResponse response)
      throws IOException {
    Node.check(node);
    byte[] text = prometheus.text();
    response.setContentType("text/plain; version=2.0");
    response.setContentLength(text.length);
    response.getOutputStream().write(text);
  }

  @RequiresServer(ServerAction.READ_METRICS)
  @RequestMapping({STATS, STATS + "/**", SYSTEM, PROMETHEUS})
  void otherThanGet(Principal principal) {
    throw ApiException.methodNotAllowed("GET");
  }
}
