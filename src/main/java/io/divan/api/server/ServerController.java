package io.divan.api.server;

import io.divan.api.http.ApiException;
import io.divan.api.http.Parameters;
import io.divan.api.http.RequiresServer;
import io.divan.api.http.Responses;
import io.divan.api.http.Uuids;
import io.divan.api.http.Versions;
import io.divan.document.Databases;
import io.divan.json.JsonBuffer;
import io.divan.security.ServerAction;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/** The resources {@code /}, {@code _up} and {@code _uuids}. */
@Controller
@RequiresServer(ServerAction.GREET)
final class ServerController {
  private final Databases databases;
  private final Uuids uuids;
  private final NodeSettings settings;
  private final Maintenance maintenance;

  ServerController(
      Databases databases, Uuids uuids, NodeSettings settings, Maintenance maintenance) {
    this.maintenance = maintenance;
    this.databases = databases;
    this.uuids = uuids;
    this.settings = settings;
  }

  @GetMapping("/")
  void welcome(HttpServletResponse response) throws IOException {
    Responses.json(
        response,
        200,
        new JsonBuffer()
            .raw("{\"couchdb\":\"Welcome\",\"version\":")
            .string(Versions.COUCHDB)
            .raw(",\"uuid\":")
            .string(settings.uuid().get())
            .raw(",\"features\":[],\"vendor\":{\"name\":")
            .string(NodeSettings.VENDOR)
            .raw(",\"version\":")
            .string(Versions.DIVAN)
            .raw("}}"));
  }

  @GetMapping("/_up")
  void up(HttpServletResponse response) throws IOException {
    Optional<String> status = maintenance.status();
    if (status.isPresent()) {
      Responses.json(response, 404, "{\"status\":\"" + status.get() + "\"}");
      return;
    }
    databases.checkHealth();
    Responses.json(response, 200, "{\"status\":\"ok\",\"seeds\":{}}");
  }

  @GetMapping("/_uuids")
  void uuids(HttpServletRequest request, HttpServletResponse response) throws IOException {
    String asked = Parameters.of(request).get("count").orElse("1");
    if (!asked.matches("[+]?[0-9]+|-0+")) {
      throw ApiException.badRequest("count must be a positive integer");
    }
    BigInteger wanted = new BigInteger(asked);
    if (wanted.compareTo(BigInteger.valueOf(uuids.countMax())) > 0) {
      throw ApiException.badRequest("count parameter too large");
    }
    int count = wanted.intValueExact();
    JsonBuffer out = new JsonBuffer().raw("{\"uuids\":[");
    for (int i = 0; i < count; i++) {
      out.raw(i == 0 ? "" : ",").string(uuids.next());
    }
    byte[] json = out.raw("]}").toBytes();
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Expires", "Mon, 01 Jan 1990 00:00:00 GMT");
    response.setHeader("Pragma", "no-cache");
    response.setHeader("ETag", Responses.etag(json));
    Responses.json(response, 200, json);
  }
}
