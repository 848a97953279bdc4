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

/** Reads and writes lists of revisions by document. */
final class RevisionLists {
  private RevisionLists() {}

  /**
   * Reads an object whose names are document ids and whose values are arrays of revisions.
   *
   * @param notArrayReason the reason of the error if a value is not an array
   */
  static Map<String, List<Revision>> read(byte[] json, String notArrayReason) {
    Map<String, List<Revision>> revisions = new LinkedHashMap<>();
    try (JsonParser parser = Json.parser(json)) {
      JsonBodies.expectObject(parser);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String id = Json.name(parser);
        if (parser.nextToken() != JsonToken.START_ARRAY) {
          parser.skipChildren();
          throw ApiException.badRequest(notArrayReason);
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
    List<Revision> revisions = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw ApiException.invalidRevision();
      }
      revisions.add(Revision.parse(parser.getString()).orElseThrow(ApiException::invalidRevision));
    }
    return revisions;
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
