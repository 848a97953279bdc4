package io.divan.api.document;

import io.divan.api.http.JsonStream;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.RequiresServer;
import io.divan.document.Action;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.Purges;
import io.divan.document.revision.Revision;
import io.divan.json.JsonBuffer;
import io.divan.security.ServerAction;
import io.divan.storage.BatchScan;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;

/** Purges documents, and lists recent purge requests. */
@Controller
final class PurgeController {
  private final Databases databases;
  private final RequestBodies bodies;

  PurgeController(Databases databases, RequestBodies bodies) {
    this.databases = databases;
    this.bodies = bodies;
  }

  @RequiresServer(ServerAction.ADMINISTER)
  @PostMapping(Paths.DATABASE + "/_purge")
  void purge(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    RequestBodies.expectJson(request);
    Map<String, List<Revision>> requested =
        RevisionLists.read(bodies.bytes(request), "Invalid list of revisions");
    Map<String, Collection<Revision>> purged = database.purges().purge(requested);
    JsonStream stream = new JsonStream(response, 201);
    JsonBuffer out = stream.buffer().raw("{\"purge_seq\":null,\"purged\":{");
    boolean first = true;
    for (Map.Entry<String, Collection<Revision>> document : purged.entrySet()) {
      out.raw(first ? "" : ",").string(document.getKey()).raw(':');
      first = false;
      RevisionLists.write(out, document.getValue());
      stream.checkpoint();
    }
    out.raw("}}\n");
    stream.end();
  }

  @RequiresDatabase(Action.USE)
  @GetMapping(Paths.DATABASE + "/_purged_infos")
  void infos(
      @PathVariable("db") String db, Principal principal, HttpServletResponse response)
      throws IOException {
    BatchScan<Purges.Request> infos = databases.open(db, principal).purges().infos();
    List<Purges.Request> batch = infos.next();
    JsonStream stream = new JsonStream(response, 200);
    JsonBuffer out = stream.buffer().raw("{\"purged_infos\":[");
    boolean first = true;
    while (!batch.isEmpty()) {
      for (Purges.Request info : batch) {
        out.raw(first ? "" : ",").raw("{\"id\":").string(info.id()).raw(",\"revs\":");
        first = false;
        RevisionLists.write(out, info.revisions());
        out.raw('}');
        stream.checkpoint();
      }
      batch = infos.next();
    }
    out.raw("]}\n");
    stream.end();
  }
}
