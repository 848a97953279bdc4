package io.divan.api.listing;

import io.divan.api.http.ApiException;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.JsonStream;
import io.divan.api.http.Parameters;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresDatabase;
import io.divan.document.Action;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Listing;
import io.divan.document.Principal;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** {@code _all_docs}, {@code _design_docs} and {@code _local_docs}. */
@Controller
@RequiresDatabase(Action.LIST)
final class AllDocsController {
  private static final String ALL = Paths.DATABASE + "/_all_docs";
  private static final String DESIGN = Paths.DATABASE + "/_design_docs";
  private static final String LOCAL = Paths.DATABASE + "/_local_docs";
  private static final String QUERIES = "/queries";

  private final Databases databases;
  private final RequestBodies bodies;
  private final DocumentMeters meters;

  AllDocsController(Databases databases, RequestBodies bodies, DocumentMeters meters) {
    this.meters = meters;
    this.databases = databases;
    this.bodies = bodies;
  }

  @GetMapping({ALL, DESIGN, LOCAL})
  void get(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    Parameters query = Parameters.of(request);
    ListingOptions options = new ListingOptions();
    query
        .get("keys")
        .map(
            json -> Parameters.elements(json)
                .orElseThrow(
                    () -> ApiException.badRequest("`keys` parameter must be an array.")))
        .ifPresent(options::setKeys);
    options.add(query);
    respond(database, options, request, response);
  }

  @PostMapping({ALL, DESIGN, LOCAL})
  void post(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    RequestBodies.expectJson(request);
    Parameters query = Parameters.of(request);
    ListingOptions options = new ListingOptions();
    read(bodies.bytes(request), options);
    options.add(query);
    respond(database, options, request, response);
  }

  /** Several listings in one response. Ignores the Content-Type, as CouchDB does. */
  @PostMapping({ALL + QUERIES, DESIGN + QUERIES, LOCAL + QUERIES})
  void queries(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    Parameters shared = Parameters.of(request);
    if (!RequestBodies.hasBody(request)) {
      throw ApiException.badRequest("Missing request body");
    }
    byte[] body = bodies.bytes(request);
    // First checks all queries, then runs each as it is parsed again: only one is in memory.
    ListingQueries.read(body, shared, options -> {});
    Listing.Scope scope = scope(request);
    JsonStream stream = new JsonStream(response, 200);
    JsonBuffer out = stream.buffer().raw("{\"results\":[");
    boolean[] first = {true};
    ListingQueries.read(
        body,
        shared,
        options -> {
          out.raw(first[0] ? "\r\n" : ",\r\n");
          first[0] = false;
          ListingResponse.begin(database, scope, options).write(stream, meters);
          stream.checkpoint();
        });
    out.raw("\r\n]}\n");
    stream.end();
  }

  private static Listing.Scope scope(HttpServletRequest request) {
    String path = request.getRequestURI();
    String listing =
        path.endsWith(QUERIES) ? path.substring(0, path.length() - QUERIES.length()) : path;
    return listing.endsWith("/_design_docs")
        ? Listing.Scope.DESIGN_DOCS
        : listing.endsWith("/_local_docs")
            ? Listing.Scope.LOCAL_DOCS
            : Listing.Scope.ALL_DOCS;
  }

  private void respond(
      Database database,
      ListingOptions options,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    ListingResponse listing = ListingResponse.begin(database, scope(request), options.check());
    JsonStream stream = new JsonStream(response, 200);
    if ("HEAD".equals(request.getMethod())) {
      return;
    }
    listing.write(stream, meters);
    stream.buffer().raw('\n');
    stream.end();
  }

  /** Reads a POST body: {@code keys}, and the options that the query string may have. */
  private static void read(byte[] json, ListingOptions options) {
    JsonBodies.expectObject(json);
    try (JsonParser parser = Json.parser(json)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        boolean isKeys = Json.name(parser).equals("keys");
        if (parser.nextToken() != JsonToken.START_ARRAY && isKeys) {
          throw ApiException.badRequest("`keys` body member must be an array.");
        }
        Json.skipValue(parser);
      }
    }
    try (JsonParser parser = Json.parser(json)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = Json.name(parser);
        parser.nextToken();
        if (name.equals("keys")) {
          options.setKeys(JsonBodies.elements(parser));
        } else {
          options.add(name, JsonValue.read(parser));
        }
      }
    }
  }
}
