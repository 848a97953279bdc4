package io.divan.api.server;

import io.divan.api.http.ApiException;
import io.divan.api.http.ClientAddress;
import io.divan.api.http.RequestBodies;
import io.divan.api.http.RequiresServer;
import io.divan.api.http.Responses;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.DocumentException;
import io.divan.document.Principal;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.security.Audit;
import io.divan.security.ServerAction;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** {@code _node/NAME/_config}: shows and changes settings. */
@Controller
@RequiresServer(ServerAction.ADMINISTER)
final class ConfigController {
  private static final String CONFIG = "/_node/{node}/_config";
  private static final String RELOAD = CONFIG + "/_reload";
  private static final String SECTION = CONFIG + "/{section}";
  private static final String KEY = SECTION + "/{key}";

  /** The segments of a path to a key, and the empty text before its first slash. */
  private static final int KEY_SEGMENTS = 6;

  private static final String PERSIST = "X-Couch-Persist";

  private final RuntimeConfiguration configuration;
  private final ConfigAccess access;
  private final RequestBodies bodies;

  private final Audit audit;

  ConfigController(
      RuntimeConfiguration configuration,
      ConfigAccess access,
      RequestBodies bodies,
      Audit audit) {
    this.audit = audit;
    this.configuration = configuration;
    this.access = access;
    this.bodies = bodies;
  }

  @GetMapping(CONFIG)
  void all(@PathVariable("node") String node, Principal principal, HttpServletResponse response)
      throws IOException {
    Node.check(node);
    JsonBuffer out = new JsonBuffer().raw('{');
    boolean first = true;
    for (Map.Entry<String, Map<String, String>> section : configuration.values().entrySet()) {
      out.raw(first ? "" : ",").string(section.getKey()).raw(':');
      first = false;
      append(out, section.getValue());
    }
    Responses.json(response, 200, out.raw('}'));
  }

  @GetMapping(SECTION)
  void section(
      @PathVariable("node") String node,
      @PathVariable("section") String section,
      Principal principal,
      HttpServletResponse response)
      throws IOException {
    if (section.equals("_reload")) { // Spring prefers this mapping for HEAD
      otherMethodsOfReload(principal);
    }
    Node.check(node);
    Responses.json(response, 200, append(new JsonBuffer(), configuration.values(section)));
  }

  private static JsonBuffer append(JsonBuffer out, Map<String, String> entries) {
    out.raw('{');
    boolean first = true;
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      out.raw(first ? "" : ",").string(entry.getKey()).raw(':').string(entry.getValue());
      first = false;
    }
    return out.raw('}');
  }

  @GetMapping(KEY)
  void value(
      @PathVariable("node") String node,
      @PathVariable("section") String section,
      @PathVariable("key") String key,
      Principal principal,
      HttpServletResponse response)
      throws IOException {
    Node.check(node);
    text(response, configuration.value(section, key));
  }

  /** Changes a setting and returns its old value. */
  @PutMapping(KEY)
  void set(
      @PathVariable("node") String node,
      @PathVariable("section") String section,
      @PathVariable("key") String key,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    access.checkSection(section);
    if (!(JsonValue.read(bodies.bytes(request)) instanceof JsonValue.Str(String given))) {
      throw ApiException.badRequest("a JSON string expected");
    }
    Node.check(node);
    access.checkListed(section, key);
    boolean persist = persists(request);
    Optional<String> old = configuration.set(section, key, trim(given), persist);
    audit.configurationChanged("set", section, key, persist, principal, ClientAddress.of(request));
    text(response, old.orElse(""));
  }

  @DeleteMapping(KEY)
  void remove(
      @PathVariable("node") String node,
      @PathVariable("section") String section,
      @PathVariable("key") String key,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    access.checkSection(section);
    Node.check(node);
    access.checkListed(section, key);
    boolean persist = persists(request);
    Optional<String> old = configuration.remove(section, key, persist);
    audit.configurationChanged("removed", section, key, persist, principal, ClientAddress.of(
        request));
    text(response, old.orElse(""));
  }

  private static boolean persists(HttpServletRequest request) {
    return !"false".equals(request.getHeader(PERSIST));
  }

  /** Removes the white space that CouchDB removes. */
  private static String trim(String text) {
    int begin = 0;
    int end = text.length();
    while (begin < end && " \t\r\n".indexOf(text.charAt(begin)) >= 0) {
      begin++;
    }
    while (begin < end && " \t\r\n".indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    return text.substring(begin, end);
  }

  private static void text(HttpServletResponse response, String text) throws IOException {
    Responses.json(response, 200, new JsonBuffer().string(text));
  }

  @PostMapping(RELOAD)
  void reload(
      @PathVariable("node") String node,
      Principal principal,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Node.check(node);
    configuration.reload();
    audit.configurationReloaded(principal, ClientAddress.of(request));
    Responses.json(response, 200, "{\"ok\":true}");
  }

  @RequestMapping({CONFIG, SECTION})
  void otherMethods(Principal principal) {
    throw ApiException.methodNotAllowed("GET");
  }

  @RequestMapping(RELOAD)
  void otherMethodsOfReload(Principal principal) {
    throw ApiException.methodNotAllowed("POST");
  }

  @RequestMapping(KEY + "/**")
  void otherMethodsOfKey(Principal principal, HttpServletRequest request) {
    if (request.getRequestURI().split("/", -1).length > KEY_SEGMENTS) {
      throw new DocumentException.NotFound("missing");
    }
    throw ApiException.methodNotAllowed("GET,PUT,DELETE");
  }
}
