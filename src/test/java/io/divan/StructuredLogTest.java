package io.divan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The log in JSON: each line is one event, and each event is one line. */
class StructuredLogTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"ecs,error/stack_trace", "logstash,stack_trace", "gelf,full_message"})
  void service_withJson_logsOneObjectALine(String format, String stackTrace) throws Exception {
    try (ChildJvm service =
        ChildJvm.service(
            directory,
            "--server.port=0",
            "--logging.structured.format.console=" + format,
            "--logging.level.io.divan.api.http.ErrorResponses=debug",
            "--divan.logging.access.enabled=true",
            "--divan.logging.slow-request=1ms",
            "--divan.admins.admin=right")) {
      String started = service.lineWith("Tomcat started on port");
      int port = Integer.parseInt(started.replaceAll(".*on port ([0-9]+).*", "$1"));
      Http wrong = new Http("http://admin:wrong@127.0.0.1:" + port);
      Http admin = new Http("http://admin:right@127.0.0.1:" + port);
      assertThat(wrong.get("/_session").status()).isEqualTo(401);
      assertThat(admin.put("/db", "").status()).isEqualTo(201);
      String id = "broken-body";
      try (HttpConnection connection = admin.connect()) {
        connection.send(
            "PUT /db/a HTTP/1.1\r\nHost: a\r\nX-Couch-Request-ID: " + id + "\r\n"
                + admin.credentials().getFirst()
                + "\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n");
        assertThat(connection.answer().status()).isEqualTo(400);
      }
      service.terminate();
      List<JsonNode> events = events(service.output());

      assertThat(events).anyMatch(event -> text(event, "audit").equals("login_failed"));
      assertThat(events).anyMatch(event -> text(event, "message", "short_message")
          .contains("status=201 bytes="));
      assertThat(events)
          .filteredOn(event -> text(event, "request").equals(id))
          .anyMatch(event -> !event.at("/" + stackTrace).isMissingNode())
          .anyMatch(event -> text(event, "path").equals("/db/a"));
    }
  }

  @ParameterizedTest
  @CsvSource({"ecs", "logstash", "gelf"})
  void start_refused_isOneEvent(String format) throws Exception {
    Path configuration = directory.resolve("application.yml");
    Files.writeString(configuration, "divan:\n  storage:\n    backend: unknown\n");
    try (ChildJvm service =
        ChildJvm.service(
            directory,
            "--server.port=0",
            "--spring.config.additional-location=file:" + configuration,
            "--logging.structured.format.console=" + format)) {
      List<JsonNode> events = events(service.output());

      assertThat(service.exitCode()).isEqualTo(1);
      assertThat(events).filteredOn(event -> event.toString().contains("ERROR")
          || event.path("level").asString("").equals("3")).hasSize(1);
      assertThat(events.getLast().toString())
          .contains("divan.storage.backend", "Set divan.storage.backend to one of: ");
    }
  }

  private static List<JsonNode> events(String output) {
    return output.lines().map(JSON::readTree).collect(Collectors.toList());
  }

  /** The first field of these names; Graylog's extended format begins names with an underscore. */
  private static String text(JsonNode event, String... names) {
    for (String name : names) {
      Optional<JsonNode> found = event.optional(name).or(() -> event.optional("_" + name));
      if (found.isPresent()) {
        return found.get().asString();
      }
    }
    return "";
  }
}
