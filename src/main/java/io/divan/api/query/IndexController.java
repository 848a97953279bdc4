package io.divan.api.query;

import io.divan.api.http.ApiException;
import io.divan.api.http.JsonBodies;
import io.divan.api.http.Paths;
import io.divan.api.http.Percent;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequestLimits;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.Responses;
import io.divan.document.Action;
import io.divan.document.Databases;
import io.divan.document.DocumentException;
import io.divan.document.Principal;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.query.design.IndexDesigns;
import io.divan.query.plan.BulkDeleteRequest;
import io.divan.query.plan.IndexDefinition;
import io.divan.query.plan.IndexRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;

/** {@code _index}: lists, creates and deletes indexes. */
@Controller
@RequiresDatabase(Action.LIST)
final class IndexController {
  private static final String INDEX = Paths.DATABASE + "/_index";
  private static final String BULK_DELETE = "_bulk_delete";

  private final Databases databases;
  private final RequestBodies bodies;
  private final RequestLimits limits;

  IndexController(Databases databases, RequestBodies bodies, RequestLimits limits) {
    this.databases = databases;
    this.bodies = bodies;
    this.limits = limits;
  }

  @RequestMapping(path = INDEX, method = {RequestMethod.GET, RequestMethod.POST})
  void listOrCreate(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    index(db, principal, request, response);
  }

  @PostMapping(INDEX + "/" + BULK_DELETE)
  void bulkDelete(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    index(db, principal, request, response);
  }

  @DeleteMapping(INDEX + "/{name}/json/{key}")
  void delete(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    index(db, principal, request, response);
  }

  /**
   * Handles other methods and other forms of the paths, too. Divides paths as CouchDB does, where
   * slashes next to each other count as one.
   */
  @RequestMapping({INDEX, INDEX + "/**"})
  void index(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    IndexDesigns designs = new IndexDesigns(databases.open(db, principal), limits.documents());
    List<String> path = path(request);
    response.setHeader("Cache-Control", "must-revalidate");
    if (path.isEmpty()) {
      switch (request.getMethod()) {
        case "GET", "HEAD" -> list(designs, request, response);
        case "POST" -> create(designs, request, response);
        default -> throw ApiException.methodNotAllowed("GET,POST");
      }
    } else if (path.equals(List.of(BULK_DELETE))) {
      expect("POST", request);
      deleteAll(designs, request, response);
    } else if (path.size() == 3) {
      expect("DELETE", request);
      delete(designs, path, response);
    } else {
      throw new DocumentException.NotFound("missing");
    }
  }

  private static void expect(String method, HttpServletRequest request) {
    if (!request.getMethod().equals(method)) {
      throw ApiException.methodNotAllowed(method);
    }
  }

  /** The decoded segments after {@code _index}; a design document's id is one segment. */
  private static List<String> path(HttpServletRequest request) {
    List<String> segments =
        Arrays.stream(request.getRequestURI().split("/"))
            .filter(segment -> !segment.isEmpty())
            .skip(2)
            .map(segment -> Percent.text(Percent.decode(segment))
                .orElseThrow(() -> ApiException.badRequest("invalid_url_encoding")))
            .toList();
    return segments.size() == 4 && segments.getFirst().equals("_design")
        ? segments.subList(1, 4)
        : segments;
  }

  private static void list(
      IndexDesigns designs, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    List<IndexDefinition> indexes = new ArrayList<>(designs.list());
    indexes.addFirst(IndexDefinition.ALL_DOCS);
    PageParameters page = PageParameters.of(request.getQueryString());
    JsonBuffer out = new JsonBuffer().raw("{\"total_rows\":").number(indexes.size());
    out.raw(",\"indexes\":[");
    String before = "";
    for (IndexDefinition index : page.of(indexes)) {
      index.toJson().appendTo(out.raw(before));
      before = ",";
    }
    Responses.json(response, 200, out.raw("]}"));
  }

  private void create(
      IndexDesigns designs, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    IndexRequest index = IndexRequest.read(body(request));
    boolean created = designs.create(index);
    JsonBuffer out =
        new JsonBuffer().raw("{\"result\":").string(created ? "created" : "exists");
    out.raw(",\"id\":").string(index.designDocument()).raw(",\"name\":").string(index.name());
    Responses.json(response, 200, out.raw('}'));
  }

  private static void delete(
      IndexDesigns designs, List<String> path, HttpServletResponse response) throws IOException {
    boolean deleted =
        path.get(1).equals("json")
            && designs.delete(IndexDesigns.designId(path.get(0)), path.get(2));
    if (!deleted) {
      throw new DocumentException.NotFound("missing");
    }
    Responses.json(response, 200, "{\"ok\":true}");
  }

  /** Deletes the indexes of several design documents. The answer has them in reverse order. */
  private void deleteAll(
      IndexDesigns designs, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    List<JsonBuffer> deleted = new ArrayList<>();
    List<JsonBuffer> failed = new ArrayList<>();
    for (String given : BulkDeleteRequest.read(body(request)).designDocuments()) {
      String id = IndexDesigns.designId(given);
      JsonBuffer row = new JsonBuffer().raw("{\"id\":").string(id);
      if (designs.deleteAll(id)) {
        deleted.addFirst(row.raw(",\"ok\":true}"));
      } else {
        failed.addFirst(row.raw(",\"error\":\"not_found\"}"));
      }
    }
    JsonBuffer out = new JsonBuffer().raw("{\"success\":[");
    append(deleted, out);
    append(failed, out.raw("],\"fail\":["));
    Responses.json(response, 200, out.raw("]}"));
  }

  private static void append(List<JsonBuffer> rows, JsonBuffer out) {
    String before = "";
    for (JsonBuffer row : rows) {
      out.raw(before).raw(row.toString());
      before = ",";
    }
  }

  private JsonValue.Obj body(HttpServletRequest request) throws IOException {
    RequestBodies.expectJson(request);
    byte[] json = bodies.bytes(request);
    JsonBodies.expectObject(json);
    return (JsonValue.Obj) JsonValue.read(json);
  }
}
