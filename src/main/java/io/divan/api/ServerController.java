package io.divan.api;

import io.divan.document.Databases;
import io.divan.document.JsonBuffer;
import io.divan.storage.NameRange;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/** What belongs to the server as a whole. */
@Controller
final class ServerController {
  private static final int UUIDS_MAX = 1_000;
  private static final int NAMES_A_PAGE = 1_000;

  private final Databases databases;
  private final Uuids uuids;
  private final byte[] welcome;

  ServerController(Databases databases, Uuids uuids) {
    this.databases = databases;
    this.uuids = uuids;
    this.welcome =
        new JsonBuffer()
            .raw("{\"couchdb\":\"Welcome\",\"version\":")
            .string(Versions.COUCHDB)
            .raw(",\"uuid\":")
            .string(databases.serverUuid())
            .raw(",\"features\":[],\"vendor\":{\"name\":\"Divan\",\"version\":")
            .string(Versions.DIVAN)
            .raw("}}")
            .toBytes();
  }

  @GetMapping("/")
  void welcome(HttpServletResponse response) throws IOException {
    Answers.json(response, 200, welcome);
  }

  @GetMapping("/_up")
  void up(HttpServletResponse response) throws IOException {
    databases.checkHealth();
    Answers.json(response, 200, "{\"status\":\"ok\",\"seeds\":{}}");
  }

  /** There are no users yet: everybody who reaches the service may do everything. */
  @GetMapping("/_session")
  void session(HttpServletResponse response) throws IOException {
    Answers.json(
        response,
        200,
        "{\"ok\":true,\"userCtx\":{\"name\":null,\"roles\":[\"_admin\"]},"
            + "\"info\":{\"authentication_handlers\":[\"default\"]}}");
  }

  @GetMapping("/_uuids")
  void uuids(HttpServletRequest request, HttpServletResponse response) throws IOException {
    String asked = Parameters.of(request).get("count").orElse("1");
    if (!asked.matches("[0-9]+")) {
      throw ApiException.badRequest("count must be a positive integer");
    }
    if (asked.length() > 9 || Integer.parseInt(asked) > UUIDS_MAX) {
      throw ApiException.badRequest("count parameter too large");
    }
    int count = Integer.parseInt(asked);
    JsonBuffer out = new JsonBuffer().raw("{\"uuids\":[");
    for (int i = 0; i < count; i++) {
      out.raw(i == 0 ? "" : ",").string(uuids.next());
    }
    response.setHeader("Cache-Control", "must-revalidate, no-cache");
    response.setHeader("Pragma", "no-cache");
    Answers.json(response, 200, out.raw("]}"));
  }

  @GetMapping("/_all_dbs")
  void allDbs(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Parameters parameters = Parameters.of(request);
    boolean descending = parameters.flag("descending", false);
    long limit = parameters.count("limit", Long.MAX_VALUE);
    long skip = parameters.count("skip", 0);
    NameRange range = names(parameters, descending);
    JsonStream stream = new JsonStream(response, 200);
    stream.buffer().raw('[');
    boolean first = true;
    List<String> names = databases.list(range);
    while (!names.isEmpty() && limit > 0) {
      for (String name : names) {
        if (skip > 0) {
          skip--;
        } else if (limit > 0) {
          limit--;
          stream.buffer().raw(first ? "" : ",").string(name);
          first = false;
          stream.checkpoint();
        }
      }
      String last = names.getLast();
      range =
          descending
              ? new NameRange(range.begin(), Optional.of(last), true, NAMES_A_PAGE)
              : new NameRange(last + '\0', range.end(), false, NAMES_A_PAGE);
      names = databases.list(range);
    }
    stream.buffer().raw("]\n");
    stream.end();
  }

  private static NameRange names(Parameters parameters, boolean descending) {
    Optional<String> key = text(parameters, "key", "key");
    Optional<String> start = key.or(() -> text(parameters, "startkey", "start_key"));
    Optional<String> end = key.or(() -> text(parameters, "endkey", "end_key"));
    boolean inclusive = parameters.flag("inclusive_end", true);
    if (descending) {
      String begin = end.map(name -> inclusive ? name : name + '\0').orElse("");
      return new NameRange(begin, start.map(name -> name + '\0'), true, NAMES_A_PAGE);
    }
    Optional<String> after = end.map(name -> inclusive ? name + '\0' : name);
    return new NameRange(start.orElse(""), after, false, NAMES_A_PAGE);
  }

  private static Optional<String> text(Parameters parameters, String name, String alias) {
    return parameters.json(name, alias).flatMap(Parameters.JsonValue::text);
  }
}
