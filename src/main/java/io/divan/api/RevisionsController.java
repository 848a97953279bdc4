package io.divan.api;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Json;
import io.divan.document.JsonBuffer;
import io.divan.document.Revision;
import io.divan.document.RevisionDiff;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** {@code _revs_diff} and {@code _missing_revs}: which revisions a replicator has to send. */
@Controller
final class RevisionsController {
  private final Databases databases;
  private final RequestBodies bodies;

  RevisionsController(Databases databases, RequestBodies bodies) {
    this.databases = databases;
    this.bodies = bodies;
  }

  @PostMapping(Paths.DATABASE + "/_revs_diff")
  void diff(
      @PathVariable("db") String db, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db);
    RequestBodies.expectJson(request);
    Map<String, List<Revision>> asked = read(bodies.bytes(request));
    JsonStream stream = new JsonStream(response, 200);
    JsonBuffer out = stream.buffer().raw('{');
    boolean first = true;
    for (RevisionDiff diff : database.diff(asked)) {
      out.raw(first ? "" : ",").string(diff.id()).raw(":{\"missing\":");
      first = false;
      list(out, diff.missing());
      if (!diff.possibleAncestors().isEmpty()) {
        out.raw(",\"possible_ancestors\":");
        list(out, diff.possibleAncestors());
      }
      out.raw('}');
      stream.checkpoint();
    }
    out.raw("}\n");
    stream.end();
  }

  /** The older form, without possible ancestors. */
  @PostMapping(Paths.DATABASE + "/_missing_revs")
  void missing(
      @PathVariable("db") String db, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db);
    RequestBodies.expectJson(request);
    Map<String, List<Revision>> asked = read(bodies.bytes(request));
    JsonStream stream = new JsonStream(response, 200);
    JsonBuffer out = stream.buffer().raw("{\"missing_revs\":{");
    boolean first = true;
    for (RevisionDiff diff : database.diff(asked)) {
      out.raw(first ? "" : ",").string(diff.id()).raw(':');
      first = false;
      list(out, diff.missing());
      stream.checkpoint();
    }
    out.raw("}}\n");
    stream.end();
  }

  private static void list(JsonBuffer out, List<Revision> revisions) {
    out.raw('[');
    boolean first = true;
    for (Revision revision : revisions) {
      out.raw(first ? "" : ",").string(revision.toString());
      first = false;
    }
    out.raw(']');
  }

  private static Map<String, List<Revision>> read(byte[] json) {
    Map<String, List<Revision>> revisions = new LinkedHashMap<>();
    try (JsonParser parser = Json.parser(json)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String id = parser.currentName();
        if (parser.nextToken() != JsonToken.START_ARRAY) {
          throw ApiException.badRequest("The revisions of a document must be an array.");
        }
        List<Revision> wanted = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw ApiException.invalidRevision();
          }
          wanted.add(
              Revision.parse(parser.getString())
                  .orElseThrow(ApiException::invalidRevision));
        }
        revisions.put(id, wanted);
      }
      Json.expectEnd(parser);
    } catch (JacksonException e) {
      throw DocumentUpdates.readFailure(e);
    }
    return revisions;
  }
}
