package io.divan.api.document;

import io.divan.api.http.JsonStream;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresDatabase;
import io.divan.document.Action;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionDiff;
import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;

/** {@code _revs_diff} and {@code _missing_revs}: find the revisions a replicator has to send. */
@Controller
@RequiresDatabase(Action.USE)
final class RevisionsController {
  private final Databases databases;
  private final RequestBodies bodies;

  RevisionsController(Databases databases, RequestBodies bodies) {
    this.databases = databases;
    this.bodies = bodies;
  }

  @PostMapping(Paths.DATABASE + "/_revs_diff")
  void diff(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    respond(databases.open(db, principal), request, response, "{", "}\n",
        RevisionsController::diff);
  }

  private static void diff(JsonBuffer out, RevisionDiff diff) {
    out.raw("{\"missing\":");
    RevisionLists.write(out, diff.missing());
    if (!diff.possibleAncestors().isEmpty()) {
      out.raw(",\"possible_ancestors\":");
      RevisionLists.write(out, diff.possibleAncestors());
    }
    out.raw('}');
  }

  /** The predecessor of {@code _revs_diff}, without possible ancestors. */
  @PostMapping(Paths.DATABASE + "/_missing_revs")
  void missing(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    respond(
        databases.open(db, principal),
        request,
        response,
        "{\"missing_revs\":{",
        "}}\n",
        (out, diff) -> RevisionLists.write(out, diff.missing()));
  }

  private void respond(
      Database database,
      HttpServletRequest request,
      HttpServletResponse response,
      String open,
      String close,
      BiConsumer<JsonBuffer, RevisionDiff> writeDiff)
      throws IOException {
    RequestBodies.expectJson(request);
    Map<String, List<Revision>> requested =
        RevisionLists.read(
            bodies.bytes(request), "The revisions of a document must be an array.");
    JsonStream stream = new JsonStream(response, 200);
    JsonBuffer out = stream.buffer().raw(open);
    boolean first = true;
    for (RevisionDiff diff : database.diff(requested)) {
      out.raw(first ? "" : ",").string(diff.id()).raw(':');
      first = false;
      writeDiff.accept(out, diff);
      stream.checkpoint();
    }
    out.raw(close);
    stream.end();
  }
}
