package io.divan.api.query;

import io.divan.api.http.ApiException;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.Parameters;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.Responses;
import io.divan.document.Action;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.query.find.FindRun;
import io.divan.query.find.QueryPlans;
import io.divan.query.index.IndexBuilds;
import io.divan.query.plan.Explanation;
import io.divan.query.plan.FindRequest;
import io.divan.query.plan.Plan;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** {@code _find} and {@code _explain}. As in CouchDB, the path may continue after the name. */
@Controller
@RequiresDatabase(Action.LIST)
final class FindController {
  private static final String FIND = Paths.DATABASE + "/_find";
  private static final String EXPLAIN = Paths.DATABASE + "/_explain";
  private static final String MORE = "/**";

  private final Databases databases;
  private final RequestBodies bodies;
  private final QueryPlans plans;
  private final QuerySettings settings;
  private final DocumentMeters meters;

  FindController(
      Databases databases,
      RequestBodies bodies,
      IndexBuilds builds,
      QuerySettings settings,
      DocumentMeters meters) {
    this.databases = databases;
    this.bodies = bodies;
    this.plans = new QueryPlans(builds, settings.waits());
    this.settings = settings;
    this.meters = meters;
  }

  @PostMapping({FIND, FIND + MORE})
  void find(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    FindRequest query = query(request);
    Optional<FindRun> run = plans.begin(database, query);
    FindResponse answer = new FindResponse(response, settings.scanThreshold(), meters);
    if (run.isPresent()) {
      answer.write(run.get(), query.executionStats());
    } else {
      answer.writeEmpty();
    }
  }

  @PostMapping({EXPLAIN, EXPLAIN + MORE})
  void explain(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    FindRequest query = query(request);
    Plan plan = plans.explain(database, query);
    JsonBuffer out = new JsonBuffer();
    Explanation.of(database.name(), plan).appendTo(out);
    response.setHeader("Cache-Control", "must-revalidate");
    Responses.json(response, 200, out);
  }

  @RequestMapping({FIND, FIND + MORE, EXPLAIN, EXPLAIN + MORE})
  void other(@PathVariable("db") String db, Principal principal) {
    databases.open(db, principal);
    throw ApiException.methodNotAllowed("POST");
  }

  private FindRequest query(HttpServletRequest request) throws IOException {
    RequestBodies.expectJson(request);
    byte[] json = bodies.bytes(request);
    JsonBodies.expectObject(json);
    Map<String, JsonValue> members =
        new LinkedHashMap<>(((JsonValue.Obj) JsonValue.read(json)).members());
    Parameters.of(request)
        .get("partition")
        .ifPresent(name -> members.putIfAbsent("partition", new JsonValue.Str(name)));
    return FindRequest.read(new JsonValue.Obj(members), settings.defaultLimit());
  }
}
