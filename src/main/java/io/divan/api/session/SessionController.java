package io.divan.api.session;

import io.divan.api.http.ApiException;
import io.divan.api.http.ClientAddress;
import io.divan.api.http.Parameters;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresServer;
import io.divan.api.http.Responses;
import io.divan.document.DocumentException;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import io.divan.security.Authenticator;
import io.divan.security.Caller;
import io.divan.security.ServerAction;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** {@code _session}: logs in and out, and tells callers who they are. */
@Controller
@RequiresServer(ServerAction.GREET)
final class SessionController {
  private static final String SESSION = "/_session";
  private static final int BODY_BYTES_MAX = 64 * 1024;

  private final Authenticator authenticator;
  private final SessionCookieWriter cookies;
  private final RequestBodies bodies;

  SessionController(
      Authenticator authenticator, SessionCookieWriter cookies, RequestBodies bodies) {
    this.authenticator = authenticator;
    this.cookies = cookies;
    this.bodies = bodies;
  }

  @GetMapping(SESSION)
  void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Caller caller = Callers.of(request);
    if (caller.principal().name().isEmpty()
        && Parameters.of(request).get("basic").filter("true"::equals).isPresent()) {
      throw new DocumentException.Unauthorized("Please login.");
    }
    JsonBuffer out = new JsonBuffer().raw("{\"ok\":true,\"userCtx\":{\"name\":");
    appendName(out, caller).raw(",\"roles\":");
    appendRoles(out, caller).raw("},\"info\":{\"authentication_handlers\":[");
    boolean first = true;
    for (String handler : authenticator.handlers()) {
      out.raw(first ? "" : ",").string(handler);
      first = false;
    }
    out.raw(']');
    caller.handler().ifPresent(handler -> out.raw(",\"authenticated\":").string(handler));
    Responses.json(response, 200, out.raw("}}"));
  }

  @PostMapping(SESSION)
  void post(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Map<String, String> form = form(request);
    String name = name(form);
    String password = form.getOrDefault("password", "");
    Parameters parameters = Parameters.of(request);
    Caller caller;
    try {
      caller =
          authenticator.logIn(
              new Authenticator.NamePassword(name, password),
              form.getOrDefault("token", ""),
              ClientAddress.of(request));
    } catch (DocumentException.Unauthorized e) {
      cookies.clear(request, response);
      // Answered here: a refused log-in sends no browser to a page, unless `fail` names one.
      Optional<String> fail = parameters.get("fail");
      if (fail.isPresent()) {
        redirect(request, response, fail.get());
      }
      Responses.error(response, fail.isPresent() ? 302 : 401, e.error(), e.reason());
      return;
    }
    Optional<String> next = parameters.get("next");
    if (next.isPresent()) {
      redirect(request, response, next.get());
    }
    cookies.set(request, response, caller.cookie().orElseThrow());
    JsonBuffer out = new JsonBuffer().raw("{\"ok\":true,\"name\":");
    appendName(out, caller).raw(",\"roles\":");
    Responses.json(
        response, next.isPresent() ? 302 : 200, appendRoles(out, caller).raw('}'));
  }

  @DeleteMapping(SESSION)
  void delete(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Optional<String> next = Parameters.of(request).get("next");
    if (next.isPresent()) {
      redirect(request, response, next.get());
    }
    cookies.clear(request, response);
    Responses.json(response, next.isPresent() ? 302 : 200, "{\"ok\":true}");
  }

  /** Sets the Location to a path of this server; the client cannot be sent elsewhere. */
  private static void redirect(
      HttpServletRequest request, HttpServletResponse response, String path) {
    boolean plain = path.chars().allMatch(c -> c > 0x20 && c < 0x7F && c != '\\');
    if (!path.startsWith("/") || !plain) {
      throw ApiException.badRequest("path must begin with a /.");
    }
    response.setHeader("Location", Responses.absolute(request, path));
  }

  private static JsonBuffer appendName(JsonBuffer out, Caller caller) {
    return caller.principal().name().map(out::string).orElseGet(() -> out.raw("null"));
  }

  private static JsonBuffer appendRoles(JsonBuffer out, Caller caller) {
    out.raw('[');
    boolean first = true;
    for (String role : caller.principal().roles()) {
      out.raw(first ? "" : ",").string(role);
      first = false;
    }
    return out.raw(']');
  }

  private static String name(Map<String, String> form) {
    Optional<String> name = Optional.ofNullable(form.get("name"));
    Optional<String> username = Optional.ofNullable(form.get("username"));
    if (name.isPresent() && username.isPresent() && !name.equals(username)) {
      throw ApiException.badRequest("request body contains different usernames");
    }
    return name.or(() -> username)
        .orElseThrow(
            () -> ApiException.badRequest("request body must contain a username"));
  }

  private Map<String, String> form(HttpServletRequest request) throws IOException {
    String type = Objects.requireNonNullElse(request.getContentType(), "");
    if (type.startsWith("application/x-www-form-urlencoded")) {
      Map<String, String> form = new HashMap<>();
      String body = new String(bodies.bytes(request, BODY_BYTES_MAX), StandardCharsets.UTF_8);
      Parameters.ofForm(body).forEach(form::put);
      return form;
    }
    if (type.startsWith("application/json")) {
      return members(bodies.bytes(request, BODY_BYTES_MAX));
    }
    throw new ApiException(
        415,
        "bad_content_type",
        "Content-Type must be 'application/x-www-form-urlencoded' or 'application/json'");
  }

  /** The members of an object that are strings; the last where one stands twice. */
  private static Map<String, String> members(byte[] json) {
    Map<String, String> members = new HashMap<>();
    try (JsonParser parser = Json.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw ApiException.badRequest("Request body must be a JSON object");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = Json.name(parser);
        if (parser.nextToken() == JsonToken.VALUE_STRING) {
          members.put(name, parser.getString());
        } else {
          parser.skipChildren();
        }
      }
      Json.expectEnd(parser);
    } catch (JacksonException e) {
      throw Json.malformed(e);
    }
    return members;
  }
}
