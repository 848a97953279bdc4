package io.divan.api.document;

import io.divan.api.http.ApiException;
import io.divan.api.http.JsonBodies;
import io.divan.document.revision.Revision;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Documents with some of their revisions, as requests and answers list them. */
final class RevisionLists {
  private RevisionLists() {}

  /**
   * Reads an object of ids, each with an array of revisions.
   *
   * @param noArray why a request is refused that has something else than an array
   */
  static Map<String, List<Revision>> read(byte[] json, String noArray) {
    Map<String, List<Revision>> revisions = new LinkedHashMap<>();
    try (JsonParser parser = Json.parser(json)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String id = Json.name(parser);
        if (parser.nextToken() != JsonToken.START_ARRAY) {
          parser.skipChildren();
          throw ApiException.badRequest(noArray);
        }
        revisions.put(id, array(parser));
      }
      Json.expectEnd(parser);
    } catch (JacksonException e) {
      throw DocumentUpdates.readFailure(e);
    }
    return revisions;
  }

  private static List<Revision> array(JsonParser parser) {
    List<Revision> some = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw ApiException.invalidRevision();
      }
      some.add(Revision.parse(parser.getString()).orElseThrow(ApiException::invalidRevision));
    }
    return some;
  }

  /** Writes an array of revisions. */
  static void write(JsonBuffer out, Collection<Revision> revisions) {
    out.raw('[');
    boolean first = true;
    for (Revision revision : revisions) {
      out.raw(first ? "" : ",").string(revision.toString());
      first = false;
    }
    out.raw(']');
  }
}
