package io.divan.api.database;

import io.divan.api.attachment.AttachmentSettings;
import io.divan.api.document.DocumentUpdates;
import io.divan.api.http.ApiException;
import io.divan.api.http.DocumentMeters;
import io.divan.api.http.Parameters;
import io.divan.api.http.Paths;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequestLimits;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.RequiresServer;
import io.divan.api.http.Responses;
import io.divan.api.http.Uuids;
import io.divan.document.Action;
import io.divan.document.Database;
import io.divan.document.DatabaseInfo;
import io.divan.document.DatabaseNameRules;
import io.divan.document.Databases;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentParser;
import io.divan.document.Principal;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.maintenance.Compactions;
import io.divan.json.JsonBuffer;
import io.divan.security.ServerAction;
import io.divan.security.users.UsersDatabase;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** {@code /{db}}: creates, describes and deletes databases, and creates documents by POST. */
@Controller
@RequestMapping(Paths.DATABASE)
final class DatabaseController {
  private static final String POSITIVE = "\\+?0*[1-9][0-9]*";
  private static final String PLACEMENT = "(,*[^,:]+:" + POSITIVE + ")+,*";

  private final Databases databases;
  private final Compactions compactions;
  private final RequestBodies bodies;
  private final RequestLimits limits;
  private final Uuids uuids;

  private final UsersDatabase users;
  private final AttachmentSettings attachments;
  private final DocumentMeters meters;

  DatabaseController(
      Databases databases,
      Compactions compactions,
      RequestBodies bodies,
      RequestLimits limits,
      Uuids uuids,
      UsersDatabase users,
      AttachmentSettings attachments,
      DocumentMeters meters) {
    this.attachments = attachments;
    this.meters = meters;
    this.users = users;
    this.databases = databases;
    this.compactions = compactions;
    this.bodies = bodies;
    this.limits = limits;
    this.uuids = uuids;
  }

  @RequiresServer(ServerAction.ADMINISTER)
  @PutMapping
  void create(
      @PathVariable("db") String db, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Parameters parameters = Parameters.of(request);
    checkSharding(parameters);
    switch (parameters.get("partitioned").orElse("false")) {
      case "false" -> {
        // no database is partitioned
      }
      case "true" ->
          throw ApiException.notImplemented("Partitioned databases are not supported.");
      default -> throw ApiException.badRequest("Invalid `partitioned` parameter");
    }
    DatabaseNameRules.check(db);
    databases.create(db);
    users.created(db);
    Responses.location(request, response, db);
    Responses.json(response, 201, "{\"ok\":true}");
  }

  /** Checks the sharding parameters of a cluster. They have no effect. */
  private static void checkSharding(Parameters parameters) {
    for (String name : List.of("n", "q")) {
      if (parameters.get(name).filter(value -> !value.matches(POSITIVE)).isPresent()) {
        throw ApiException.badRequest("The `" + name + "` value should be a positive integer.");
      }
    }
    if (parameters.get("placement").filter(value -> !value.matches(PLACEMENT)).isPresent()) {
      throw ApiException.badRequest("The `placement` value should be in a format `zone:n`.");
    }
  }

  @RequiresDatabase(Action.USE)
  @GetMapping
  void info(
      @PathVariable("db") String db, Principal principal, HttpServletResponse response)
      throws IOException {
    Responses.json(response, 200, json(databases.open(db, principal), compactions));
  }

  /** The information about a database, also for {@code _dbs_info}. */
  static JsonBuffer json(Database database, Compactions compactions) {
    DatabaseInfo info = database.info();
    JsonBuffer out = new JsonBuffer();
    out.raw("{\"instance_start_time\":\"").number(info.createdSeconds());
    out.raw("\",\"db_name\":").string(info.name());
    out.raw(",\"purge_seq\":\"").raw(info.purgeSequence().toString());
    out.raw("\",\"update_seq\":\"").raw(info.updateSequence().toString());
    out.raw("\",\"sizes\":{\"file\":").number(info.sizeFile());
    out.raw(",\"external\":").number(info.sizeExternal());
    out.raw(",\"active\":").number(info.sizeActive());
    out.raw("},\"props\":{},\"doc_del_count\":").number(info.docDelCount());
    out.raw(",\"doc_count\":").number(info.docCount());
    out.raw(",\"disk_format_version\":8,\"compact_running\":");
    out.raw(compactions.isRunning(database) ? "true" : "false");
    out.raw(",\"cluster\":{\"q\":1,\"n\":1,\"w\":1,\"r\":1}}");
    return out;
  }

  @RequiresServer(ServerAction.ADMINISTER)
  @DeleteMapping
  void delete(
      @PathVariable("db") String db, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (Parameters.of(request).has("rev")) {
      throw ApiException.badRequest(
          "You tried to DELETE a database with a ?=rev parameter. Did you mean to DELETE a"
              + " document instead?");
    }
    databases.delete(db);
    Responses.json(response, 200, "{\"ok\":true}");
  }

  @RequiresDatabase(Action.USE)
  @PostMapping
  void createDocument(
      @PathVariable("db") String db,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Parameters parameters = Parameters.of(request);
    Database database = databases.openForRequest(db, principal);
    RequestBodies.expectJson(request);
    try (ContentReceiver receiver = attachments.receiver(database)) {
      DocumentInput read =
          DocumentUpdates.read(
              new DocumentParser(limits.documents(), "", receiver, false),
              bodies.stream(request));
      DocumentInput input = read.id().isPresent() ? read : read.withId(uuids.next());
      DocumentUpdates.apply(request, response, database, input, parameters, meters);
    }
  }
}
