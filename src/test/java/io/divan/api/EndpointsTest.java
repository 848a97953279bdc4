package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.SharedService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Compares the table of endpoints in docs/http-api.md with the service. */
@ExtendWith(SharedService.class)
class EndpointsTest {
  private static final Path TABLE = Path.of("docs", "http-api.md");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern VARIABLE = Pattern.compile("\\{\\*?(\\w+)(:[^}]*)?}");
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "PUT", "POST", "DELETE", "COPY", "PATCH");

  private static final Map<String, String> VARIABLES =
      Map.of("db", "{db}", "id", "{docid}", "design", "{name}", "local", "{name}");

  /**
   * An endpoint in the table.
   *
   * @param methods the supported methods; empty for an endpoint that returns 501
   */
  private record Endpoint(String path, Optional<Set<String>> methods) {}

  private static List<Endpoint> documented() throws IOException {
    List<Endpoint> endpoints = new ArrayList<>();
    boolean within = false;
    for (String line : Files.readAllLines(TABLE)) {
      within = line.startsWith("| endpoint ") || within && line.startsWith("|");
      if (within && line.startsWith("| `")) {
        String[] cells = line.split(" *\\| *", -1);
        boolean supported = cells[3].startsWith("supported");
        assertThat(supported || cells[3].startsWith("501")).as(line).isTrue();
        Set<String> methods = new TreeSet<>(Arrays.asList(cells[2].split(" ")));
        CODE.matcher(cells[1])
            .results()
            .map(code -> code.group(1))
            .map(path -> new Endpoint(path, supported ? Optional.of(methods) : Optional.empty()))
            .forEach(endpoints::add);
      }
    }
    return endpoints;
  }

  private static Map<String, Set<String>> routes(Service service) {
    Map<RequestMappingInfo, HandlerMethod> handlers = new HashMap<>();
    for (HandlerMapping mapping : Objects.requireNonNull(service.part(DispatcherServlet.class)
        .getHandlerMappings())) {
      if (mapping instanceof RequestMappingHandlerMapping annotated) {
        handlers.putAll(annotated.getHandlerMethods());
      }
    }
    Map<String, Set<String>> routes = new TreeMap<>();
    for (Map.Entry<RequestMappingInfo, HandlerMethod> entry : handlers.entrySet()) {
      Class<?> controller = entry.getValue().getBeanType();
      if (controller.getSimpleName().equals("FallbackController")
          || !controller.getPackageName().startsWith("io.divan")) {
        continue;
      }
      for (String pattern : entry.getKey().getPatternValues()) {
        // Ignores the path below a resource that has no parts.
        String path =
            VARIABLE.matcher(pattern.replace("/**", "")).replaceAll(EndpointsTest::variable);
        Set<String> methods = routes.computeIfAbsent(path, p -> new TreeSet<>());
        entry.getKey().getMethodsCondition().getMethods().forEach(m -> methods.add(m.name()));
        if (methods.contains("GET")) {
          methods.add("HEAD");
        }
      }
    }
    routes.values().removeIf(Set::isEmpty); // refused, whatever the method
    return routes;
  }

  private static String variable(MatchResult match) {
    return VARIABLES.getOrDefault(match.group(1), "{" + match.group(1) + "}");
  }

  @Test
  void table_supportedEndpoints_equalTheRoutes(Service service, Http http)
      throws IOException {
    http.get("/"); // makes Spring initialize its handlers
    Map<String, Set<String>> supported = new TreeMap<>();
    for (Endpoint endpoint : documented()) {
      if (!endpoint.path().startsWith("/actuator/")) {
        endpoint.methods().ifPresent(methods -> supported.put(endpoint.path(), methods));
      }
    }
    // Spring has no mapping for COPY, which the next test covers.
    supported.values().forEach(methods -> methods.remove("COPY"));

    assertThat(supported).isEqualTo(routes(service));
  }

  @Test
  void everyRow_anyMethod_respondsAsDocumented(Http http) throws IOException {
    String db = http.newDatabase();
    for (Endpoint endpoint : documented()) {
      String path =
          endpoint
              .path()
              .replace("/{db}", db)
              .replace("{docid}", "doc")
              .replace("{attachment}", "file")
              .replace("{name}", "n")
              .replace("{node}", "_local")
              .replace("{section}", "log")
              .replace("{key}", "level");
      if (endpoint.path().startsWith("/actuator/")) {
        assertThat(http.get(path).status()).as(path).isEqualTo(200);
        continue;
      }
      for (String method : METHODS) {
        HttpAnswer answer = http.send(method, path, List.of(), Optional.empty());
        check(endpoint, method, answer);
        if (path.equals(db) && method.equals("DELETE")) {
          http.put(db, "");
        }
      }
    }
  }

  private static void check(Endpoint endpoint, String method, HttpAnswer answer) {
    String what = method + " " + endpoint.path();
    if (endpoint.methods().isEmpty()) {
      assertThat(answer.status()).as(what).isEqualTo(501);
    } else if (endpoint.methods().get().contains(method)) {
      assertThat(answer.status()).as(what).isNotIn(405, 501);
      assertThat(answer.status()).as(what).isLessThan(500);
    } else {
      assertThat(answer.status()).as(what).isEqualTo(405);
      assertThat(answer.header("Allow").map(allow -> List.of(allow.split(","))))
          .hasValueSatisfying(
              allowed -> assertThat(endpoint.methods().get()).as(what).containsAll(allowed));
    }
  }
}
