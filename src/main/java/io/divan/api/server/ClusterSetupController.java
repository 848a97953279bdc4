package io.divan.api.server;

import io.divan.api.http.ApiException;
import io.divan.api.http.ClientAddress;
import io.divan.api.http.Parameters;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresServer;
import io.divan.api.http.Responses;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.DatabaseNameRules;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.json.JsonException;
import io.divan.json.JsonValue;
import io.divan.security.Audit;
import io.divan.security.ServerAction;
import io.divan.storage.NameRange;
import io.divan.storage.StorageException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;

/**
 * {@code _cluster_setup}: what set-up tools call first. There is one node: its first administrator
 * and the system databases can be created, and other nodes are refused.
 */
@Controller
@RequiresServer(ServerAction.ADMINISTER)
final class ClusterSetupController {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterSetupController.class);

  private static final String ADMINS = "admins";
  private static final String DATABASES = "ensure_dbs_exist";
  private static final int DATABASES_MAX = 100;

  /** The databases that CouchDB expects after its set-up. */
  private static final List<String> SYSTEM_DATABASES = List.of("_users", "_replicator");

  private final RuntimeConfiguration configuration;
  private final Databases databases;
  private final RequestBodies bodies;

  private final Audit audit;

  ClusterSetupController(
      RuntimeConfiguration configuration,
      Databases databases,
      RequestBodies bodies,
      Audit audit) {
    this.audit = audit;
    this.configuration = configuration;
    this.databases = databases;
    this.bodies = bodies;
  }

  @GetMapping("/_cluster_setup")
  void state(Principal principal, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    List<String> names =
        Parameters.of(request)
            .get(DATABASES)
            .map(Parameters::parse)
            .map(ClusterSetupController::names)
            .orElse(SYSTEM_DATABASES);
    boolean enabled = hasAdministrators() && names.stream().allMatch(this::exists);
    Responses.json(
        response,
        200,
        "{\"state\":\"single_node_" + (enabled ? "enabled" : "disabled") + "\"}");
  }

  @PostMapping("/_cluster_setup")
  void act(Principal principal, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    RequestBodies.expectJson(request);
    JsonValue.Obj body = body(request);
    switch (text(body, "action").orElse("missing")) {
      case "enable_single_node" -> enable(body, principal, request);
      case "finish_cluster" -> finish(body);
      case "enable_cluster", "add_node", "remove_node", "receive_cookie" ->
          throw ApiException.badRequest(
              "This service is one node, and other nodes cannot be added: use the action"
                  + " enable_single_node.");
      default -> throw ApiException.badRequest("Invalid Action'");
    }
    Responses.json(response, 201, "{\"ok\":true}");
  }

  private JsonValue.Obj body(HttpServletRequest request) throws IOException {
    try {
      if (JsonValue.read(bodies.bytes(request)) instanceof JsonValue.Obj body) {
        return body;
      }
    } catch (JsonException e) {
      // the same refusal
    }
    throw ApiException.badRequest("Missing JSON body'");
  }

  private void enable(JsonValue.Obj body, Principal principal, HttpServletRequest request) {
    Optional<String> name = text(body, "username");
    Optional<String> password = text(body, "password_hash").or(() -> text(body, "password"));
    if (name.isPresent() != password.isPresent()) {
      throw ApiException.badRequest("username and password belong together");
    }
    if (name.isEmpty() && !hasAdministrators()) {
      throw ApiException.badRequest("Cluster setup requires admin account to be configured");
    }
    List<String> names = databaseNames(body);
    if (body.members().containsKey("bind_address") || body.members().containsKey("port")) {
      LOG.info(
          "_cluster_setup changes neither address nor port: set server.address and server.port,"
              + " and restart");
    }
    names.forEach(this::create);
    if (name.isPresent()) {
      configuration.set(ADMINS, name.get(), password.orElseThrow(), true);
      audit.configurationChanged("set", ADMINS, name.get(), true, principal, ClientAddress.of(
          request));
    }
  }

  private void finish(JsonValue.Obj body) {
    List<String> names = databaseNames(body);
    if (names.stream().allMatch(this::exists)) {
      throw ApiException.badRequest("Cluster is already finished");
    }
    names.forEach(this::create);
  }

  private boolean hasAdministrators() {
    return !configuration.values(ADMINS).isEmpty();
  }

  private static List<String> databaseNames(JsonValue.Obj body) {
    JsonValue names = body.members().get(DATABASES);
    return names == null ? SYSTEM_DATABASES : names(names);
  }

  private static List<String> names(JsonValue value) {
    if (value instanceof JsonValue.Arr(List<JsonValue> elements)
        && elements.size() <= DATABASES_MAX) {
      List<String> names = elements.stream().flatMap(name -> name.asString().stream()).toList();
      if (names.size() == elements.size()) {
        names.forEach(DatabaseNameRules::check);
        return names;
      }
    }
    throw ApiException.badRequest(DATABASES + " must be an array of names of databases");
  }

  private boolean exists(String name) {
    NameRange only = new NameRange(name, Optional.of(name + '\0'), false, 1);
    return !databases.list(only).isEmpty();
  }

  private void create(String name) {
    if (!exists(name)) {
      try {
        databases.create(name);
      } catch (StorageException.DatabaseExists e) {
        LOG.debug("{} has been created meanwhile", name);
      }
    }
  }

  private static Optional<String> text(JsonValue.Obj body, String name) {
    return Optional.ofNullable(body.members().get(name)).flatMap(JsonValue::asString);
  }
}
