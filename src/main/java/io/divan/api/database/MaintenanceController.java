package io.divan.api.database;

import io.divan.api.http.ApiException;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.Responses;
import io.divan.document.Action;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentIds;
import io.divan.document.Principal;
import io.divan.document.ReadOptions;
import io.divan.document.maintenance.Compactions;
import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** The maintenance of a database. Ignores the request bodies. */
@Controller
final class MaintenanceController {
  private static final String OK = "{\"ok\":true}";
  private static final String COMPACT_VIEWS = Paths.DATABASE + "/_compact/{design}";
  private static final String VIEW_CLEANUP = Paths.DATABASE + "/_view_cleanup";

  private final Databases databases;
  private final Compactions compactions;

  MaintenanceController(Databases databases, Compactions compactions) {
    this.databases = databases;
    this.compactions = compactions;
  }

  /** Does nothing, because every edit is durable before its response is sent. */
  @RequiresDatabase(Action.USE)
  @PostMapping(Paths.DATABASE + "/_ensure_full_commit")
  void ensureFullCommit(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    RequestBodies.expectJson(request);
    JsonBuffer out = new JsonBuffer().raw("{\"ok\":true,\"instance_start_time\":\"");
    out.number(database.info().createdSeconds()).raw("\"}");
    Responses.json(response, 201, out);
  }

  @RequiresDatabase(Action.COMPACT)
  @PostMapping(Paths.DATABASE + "/_compact")
  void compact(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    RequestBodies.expectJson(request);
    compactions.start(database);
    Responses.json(response, 202, OK);
  }

  /** Only checks that the design document exists, because there are no views yet. */
  @RequiresDatabase(Action.COMPACT)
  @PostMapping({COMPACT_VIEWS, COMPACT_VIEWS + "/**"})
  void compactViews(
      @PathVariable("db") String db,
      Principal principal,
      @PathVariable("design") String design,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    RequestBodies.expectJson(request);
    database.get(DocumentIds.DESIGN_PREFIX + design, false, ReadOptions.NONE);
    Responses.json(response, 202, OK);
  }

  @RequiresDatabase(Action.COMPACT)
  @PostMapping({VIEW_CLEANUP, VIEW_CLEANUP + "/**"})
  void cleanUpViews(
      @PathVariable("db") String db, Principal principal, HttpServletResponse response)
      throws IOException {
    databases.open(db, principal);
    Responses.json(response, 202, OK);
  }

  @RequiresDatabase(Action.COMPACT)
  @RequestMapping({COMPACT_VIEWS, COMPACT_VIEWS + "/**", VIEW_CLEANUP + "/**"})
  void otherMethod(@PathVariable("db") String db, Principal principal) {
    databases.open(db, principal);
    throw ApiException.methodNotAllowed("POST");
  }
}
