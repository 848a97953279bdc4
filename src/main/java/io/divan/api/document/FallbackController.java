package io.divan.api.document;

import io.divan.api.http.ApiException;
import io.divan.api.http.Paths;
import io.divan.api.http.RequiresByName;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.RequiresServer;
import io.divan.document.Action;
import io.divan.document.Database;
import io.divan.document.DatabaseNameRules;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.Principal;
import io.divan.security.ServerAction;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;

/**
 * Requests that no other controller handles: COPY, which Spring cannot map, unsupported methods of
 * existing resources (405), CouchDB resources that Divan does not implement (501), and unknown
 * paths (404).
 */
@Controller
final class FallbackController {

  /**
   * The {@code Allow} headers that CouchDB sends with 405 for the resources of a database,
   * verbatim. Divan serves HEAD even where it is missing here.
   */
  private static final Map<String, String> DATABASE_METHODS =
      Map.ofEntries(
          Map.entry("_all_docs", "GET,HEAD,POST"),
          Map.entry("_bulk_docs", "POST"),
          Map.entry("_bulk_get", "POST"),
          Map.entry("_changes", "GET,POST,HEAD"),
          Map.entry("_compact", "POST"),
          Map.entry("_design_docs", "GET,HEAD,POST"),
          Map.entry("_ensure_full_commit", "POST"),
          Map.entry("_local_docs", "GET,HEAD,POST"),
          Map.entry("_missing_revs", "POST"),
          Map.entry("_purge", "POST"),
          Map.entry("_purged_infos", "GET"),
          Map.entry("_purged_infos_limit", "GET,PUT"),
          Map.entry("_revs_diff", "POST"),
          Map.entry("_revs_limit", "PUT,GET"),
          Map.entry("_security", "PUT,GET"),
          Map.entry("_view_cleanup", "POST"));

  /** The resources that also have {@code /queries}. */
  private static final Set<String> LISTINGS = Set.of("_all_docs", "_design_docs", "_local_docs");

  private static final Set<String> DATABASE_NOT_IMPLEMENTED =
      Set.of(
          "_auto_purge",
          "_nouveau_cleanup",
          "_partition",
          "_search_analyze",
          "_search_cleanup",
          "_shards",
          "_sync_shards",
          "_temp_view");

  private static final Set<String> DESIGN_NOT_IMPLEMENTED =
      Set.of(
          "_info", "_list", "_nouveau", "_rewrite", "_search", "_search_disk_size",
          "_search_info", "_show", "_update", "_view");

  private static final Map<String, String> SERVER_METHODS =
      Map.of(
          "", "GET,HEAD",
          "_active_tasks", "GET,HEAD",
          "_all_dbs", "GET,HEAD",
          "_cluster_setup", "GET,POST",
          "_dbs_info", "GET,HEAD,POST",
          "_membership", "GET",
          "_session", "GET,HEAD,POST,DELETE",
          "_up", "GET,HEAD",
          "_uuids", "GET");

  private static final Set<String> SERVER_NOT_IMPLEMENTED =
      Set.of(
          "_db_updates",
          "_node",
          "_nouveau_analyze",
          "_replicate",
          "_reshard",
          "_scheduler",
          "_search_analyze",
          "_search_cleanup",
          "_utils");

  private static final String DESIGN_RESOURCE =
      Paths.DATABASE + "/_design/{design}/{name:_.*}/**";

  /** A name that begins with an underscore, and is not the id of a design or local document. */
  private static final String SPECIAL = "/{name:(?s)_(?!design\\x2F.|local\\x2F.).*}";

  private final Databases databases;

  private final DocumentCopies copies;

  FallbackController(Databases databases, DocumentCopies copies) {
    this.databases = databases;
    this.copies = copies;
  }

  @RequiresServer(ServerAction.GREET)
  @RequestMapping("/")
  void root() {
    throw ApiException.methodNotAllowed(Objects.requireNonNull(SERVER_METHODS.get("")));
  }

  @RequiresByName
  @RequestMapping({Paths.SERVER, Paths.SERVER + "/**"})
  void server(@PathVariable("server") String name, HttpServletRequest request) {
    Optional<String> methods = Optional.ofNullable(SERVER_METHODS.get(name));
    boolean exact = request.getRequestURI().endsWith("/" + name);
    if (name.equals("_node") && exact) {
      throw ApiException.badRequest("Incomplete path to _node request");
    }
    if (methods.isPresent() && exact) {
      throw ApiException.methodNotAllowed(methods.get());
    }
    if (methods.isPresent()) {
      throw new DocumentException.NotFound("missing");
    }
    if (name.equals("_node") && request.getRequestURI().endsWith("/_restart")) {
      throw ApiException.notImplemented(
          "The service does not restart itself. Restart its process.");
    }
    if (SERVER_NOT_IMPLEMENTED.contains(name)) {
      throw notImplemented("/" + name);
    }
    if ("PUT".equals(request.getMethod())) {
      DatabaseNameRules.check(name);
    }
    throw new ApiException(404, "not_found", "Database does not exist.");
  }

  @RequiresDatabase(Action.USE)
  @RequestMapping(Paths.DATABASE)
  void database(@PathVariable("db") String db, Principal principal) {
    databases.open(db, principal);
    throw ApiException.methodNotAllowed("DELETE,GET,HEAD,POST"); // as in CouchDB, without PUT
  }

  /** Also handles COPY, for which Spring has no mapping. */
  @RequiresDatabase(Action.USE)
  @RequestMapping({Paths.DOCUMENT, Paths.DESIGN, Paths.LOCAL})
  void document(
      @PathVariable("db") String db,
      Principal principal,
      @PathVariable Map<String, String> path,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Database database = databases.open(db, principal);
    if (!request.getMethod().equals("COPY")) {
      throw ApiException.methodNotAllowed("DELETE,GET,HEAD,POST,PUT,COPY");
    }
    copies.copy(database, Paths.documentId(path), request, response);
  }

  @RequiresByName
  @RequestMapping({Paths.DATABASE + SPECIAL, Paths.DATABASE + SPECIAL + "/**"})
  void database(
      @PathVariable("db") String db,
      Principal principal,
      @PathVariable("name") String name,
      HttpServletRequest request) {
    databases.open(db, principal);
    Optional<String> methods = Optional.ofNullable(DATABASE_METHODS.get(name));
    boolean exact = request.getRequestURI().endsWith("/" + name);
    if (methods.isPresent() && exact) {
      throw ApiException.methodNotAllowed(methods.get());
    }
    if (LISTINGS.contains(name) && request.getRequestURI().endsWith("/" + name + "/queries")) {
      throw ApiException.methodNotAllowed("POST");
    }
    if (DATABASE_NOT_IMPLEMENTED.contains(name)) {
      throw notImplemented("/{db}/" + name);
    }
    if (name.equals("_local")) {
      throw ApiException.badRequest("Invalid _local document id.");
    }
    if ("PUT".equals(request.getMethod())) {
      DocumentIds.check(name);
    }
    throw new DocumentException.NotFound("missing");
  }

  /** Spring prefers any mapping of GET to one of all methods, if the request is HEAD. */
  @RequiresDatabase(Action.USE)
  @RequestMapping(path = DESIGN_RESOURCE, method = RequestMethod.HEAD)
  void headOfDesign(
      @PathVariable("db") String db, Principal principal, @PathVariable("name") String name) {
    design(db, principal, name);
  }

  @RequiresDatabase(Action.USE)
  @RequestMapping(DESIGN_RESOURCE)
  void design(
      @PathVariable("db") String db, Principal principal, @PathVariable("name") String name) {
    databases.open(db, principal);
    if (DESIGN_NOT_IMPLEMENTED.contains(name)) {
      throw notImplemented("/{db}/_design/{ddoc}/" + name);
    }
    throw new DocumentException.NotFound("missing");
  }

  private static ApiException notImplemented(String what) {
    return ApiException.notImplemented(what + " is not supported yet.");
  }
}
