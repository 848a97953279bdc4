package io.divan.api.database;

import io.divan.api.http.ApiException;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.RequiresServer;
import io.divan.api.http.Responses;
import io.divan.document.Action;
import io.divan.document.DatabaseSettings;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.Principal;
import io.divan.document.SecurityObject;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import io.divan.security.Audit;
import io.divan.security.ServerAction;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The settings of a database. Ignores the Content-Type, as CouchDB does. */
@Controller
final class SettingsController {
  private static final String SECURITY = Paths.DATABASE + "/_security";
  private static final String REVS_LIMIT = Paths.DATABASE + "/_revs_limit";
  private static final String PURGED_INFOS_LIMIT = Paths.DATABASE + "/_purged_infos_limit";
  private static final String OK = "{\"ok\":true}";

  private final Databases databases;
  private final RequestBodies bodies;

  private final Audit audit;

  SettingsController(Databases databases, RequestBodies bodies, Audit audit) {
    this.audit = audit;
    this.databases = databases;
    this.bodies = bodies;
  }

  @RequiresDatabase(Action.USE)
  @GetMapping(SECURITY)
  void security(
      @PathVariable("db") String db, Principal principal, HttpServletResponse response)
      throws IOException {
    byte[] json = settings(db, principal).security().json();
    Responses.json(response, 200, new JsonBuffer().raw(json));
  }

  @RequiresDatabase(Action.USE)
  @PutMapping(SECURITY)
  void security(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    DatabaseSettings settings = settings(db, principal);
    settings.security(SecurityObject.parse(bodies.bytes(request)));
    audit.securityChanged(db, principal);
    Responses.json(response, 200, OK);
  }

  @RequiresDatabase(Action.USE)
  @GetMapping(REVS_LIMIT)
  void revsLimit(@PathVariable("db") String db, Principal principal, HttpServletResponse response)
      throws IOException {
    Responses.json(response, 200, Integer.toString(settings(db, principal).revsLimit()));
  }

  @RequiresDatabase(Action.USE)
  @PutMapping(REVS_LIMIT)
  void revsLimit(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    DatabaseSettings settings = settings(db, principal);
    settings.revsLimit(limit(bodies.bytes(request), "revs_limit"));
    Responses.json(response, 200, OK);
  }

  @RequiresServer(ServerAction.ADMINISTER)
  @GetMapping(PURGED_INFOS_LIMIT)
  void purgedInfosLimit(
      @PathVariable("db") String db, Principal principal, HttpServletResponse response)
      throws IOException {
    Responses.json(response, 200, Integer.toString(settings(db, principal).purgedInfosLimit()));
  }

  @RequiresServer(ServerAction.ADMINISTER)
  @PutMapping(PURGED_INFOS_LIMIT)
  void purgedInfosLimit(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    DatabaseSettings settings = settings(db, principal);
    settings.purgedInfosLimit(limit(bodies.bytes(request), "purged_infos_limit"));
    Responses.json(response, 200, OK);
  }

  private DatabaseSettings settings(String db, Principal principal) {
    return databases.open(db, principal).settings();
  }

  /** Reads a positive integer. */
  private static int limit(byte[] json, String name) {
    try (JsonParser parser = Json.parser(json)) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new DocumentException.BadRequest("invalid UTF-8 JSON");
      }
      String text = token == JsonToken.VALUE_NUMBER_INT ? parser.getString() : "";
      parser.skipChildren();
      Json.expectEnd(parser);
      if (!text.matches("[1-9][0-9]*")) {
        throw ApiException.badRequest("`" + name + "` must be positive integer");
      }
      if (text.length() > 10 || Long.parseLong(text) > Integer.MAX_VALUE) {
        throw ApiException.badRequest("`" + name + "` must be at most " + Integer.MAX_VALUE);
      }
      return Integer.parseInt(text);
    } catch (JacksonException e) {
      throw Json.malformed(e);
    }
  }
}
