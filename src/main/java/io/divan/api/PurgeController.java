package io.divan.api;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Json;
import io.divan.document.JsonBuffer;
import io.divan.document.Purges;
import io.divan.document.Revision;
import io.divan.storage.BatchScan;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Purging documents, and what of it is remembered. */
@Controller
final class PurgeController {
  private final Databases databases;
  private final RequestBodies bodies;

  PurgeController(Databases databases, RequestBodies bodies) {
    this.databases = databases;
    this.bodies = bodies;
  }

  @PostMapping(Paths.DATABASE + "/_purge")
  void purge(
      @PathVariable("db") String db, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db);
    RequestBodies.expectJson(request);
    Map<String, List<Revision>> asked = read(bodies.bytes(request));
    Map<String, Collection<Revision>> purged = database.purges().purge(asked);
    JsonStream stream = new JsonStream(response, 201);
    JsonBuffer out = stream.buffer().raw("{\"purge_seq\":null,\"purged\":{");
    boolean first = true;
    for (Map.Entry<String, Collection<Revision>> document : purged.entrySet()) {
      out.raw(first ? "" : ",").string(document.getKey()).raw(':');
      first = false;
      revisions(out, document.getValue());
      stream.checkpoint();
    }
    out.raw("}}\n");
    stream.end();
  }

  @GetMapping(Paths.DATABASE + "/_purged_infos")
  void infos(@PathVariable("db") String db, HttpServletResponse response) throws IOException {
    BatchScan<Purges.Request> infos = databases.open(db).purges().infos();
    List<Purges.Request> batch = infos.next();
    JsonStream stream = new JsonStream(response, 200);
    JsonBuffer out = stream.buffer().raw("{\"purged_infos\":[");
    boolean first = true;
    while (!batch.isEmpty()) {
      for (Purges.Request info : batch) {
        out.raw(first ? "" : ",").raw("{\"id\":").string(info.id()).raw(",\"revs\":");
        first = false;
        revisions(out, info.revisions());
        out.raw('}');
        stream.checkpoint();
      }
      batch = infos.next();
    }
    out.raw("]}\n");
    stream.end();
  }

  private static void revisions(JsonBuffer out, Collection<Revision> revisions) {
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
          parser.skipChildren();
          throw ApiException.badRequest("Invalid list of revisions");
        }
        List<Revision> some = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw ApiException.invalidRevision();
          }
          some.add(
              Revision.parse(parser.getString())
                  .orElseThrow(ApiException::invalidRevision));
        }
        revisions.put(id, some);
      }
      Json.expectEnd(parser);
    } catch (JacksonException e) {
      throw DocumentUpdates.readFailure(e);
    }
    return revisions;
  }
}
