package io.divan.document;

import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A database's security object: any JSON object whose {@code admins} and {@code members} name users
 * and roles. Immutable, provided callers do not modify {@link #json()}.
 */
public final class SecurityObject {

  private static final Set<String> GROUPS = Set.of("admins", "members", "readers");

  private static final Group NONE = new Group(Set.of(), Set.of());

  /** The default: server administrators only. */
  static final SecurityObject DEFAULT =
      new SecurityObject(
          "{\"members\":{\"roles\":[\"_admin\"]},\"admins\":{\"roles\":[\"_admin\"]}}"
              .getBytes(StandardCharsets.UTF_8));

  /** Names of users, and roles. */
  private record Group(Set<String> names, Set<String> roles) {

    boolean isEmpty() {
      return names.isEmpty() && roles.isEmpty();
    }

    boolean contains(Principal principal) {
      if (principal.name().filter(names::contains).isPresent()) {
        return true;
      }
      for (String role : principal.roles()) {
        if (roles.contains(role)) {
          return true;
        }
      }
      return false;
    }
  }

  private final byte[] json;
  private final Group admins;
  private final Group members;

  /**
   * Reads a stored object.
   *
   * @param json canonical JSON that {@link #parse} has accepted
   */
  SecurityObject(byte[] json) {
    this.json = json;
    Map<String, Group> groups = new HashMap<>();
    try (JsonParser parser = Json.parser(json)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = Json.name(parser);
        parser.nextToken();
        if (GROUPS.contains(name)) {
          groups.put(name, group(parser));
        } else {
          Json.skipValue(parser);
        }
      }
    } catch (JacksonException e) {
      throw new IllegalStateException("A stored security object is malformed", e);
    }
    this.admins = groups.getOrDefault("admins", NONE);
    this.members = groups.getOrDefault("members", groups.getOrDefault("readers", NONE));
  }

  /** An object that lets everybody in: empty lists of members. */
  public static SecurityObject everyone() {
    return new SecurityObject("{}".getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a principal administers the database: by name, by role, or as server administrator. */
  public boolean isAdmin(Principal principal) {
    return principal.isServerAdmin() || admins.contains(principal);
  }

  /** Whether a principal may use the database: as its administrator or member, or if all may. */
  public boolean isMember(Principal principal) {
    return isAdmin(principal) || members.isEmpty() || members.contains(principal);
  }

  private static Group group(JsonParser parser) {
    Set<String> names = Set.of();
    Set<String> roles = Set.of();
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return NONE;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = Json.name(parser);
      parser.nextToken();
      switch (name) {
        case "names" -> names = strings(parser);
        case "roles" -> roles = strings(parser);
        default -> Json.skipValue(parser);
      }
    }
    return new Group(names, roles);
  }

  private static Set<String> strings(JsonParser parser) {
    Set<String> strings = new HashSet<>();
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
          strings.add(parser.getString());
        }
        parser.skipChildren();
      }
    } else {
      parser.skipChildren();
    }
    return Set.copyOf(strings);
  }

  /**
   * Parses an object that a client sent.
   *
   * @throws io.divan.json.JsonException when it is not JSON
   * @throws DocumentException.BadRequest when it is not an object, or its names and roles are not
   *     arrays of strings; with CouchDB's reason
   */
  public static SecurityObject parse(byte[] utf8) {
    byte[] canonical;
    try (JsonParser parser = Json.parser(utf8)) {
      if (parser.nextToken() == null) {
        throw new DocumentException.BadRequest("invalid UTF-8 JSON");
      }
      JsonBuffer out = new JsonBuffer();
      Json.copyValue(parser, out);
      Json.expectEnd(parser);
      canonical = out.toBytes();
    } catch (JacksonException e) {
      throw Json.malformed(e);
    }
    try (JsonParser parser = Json.parser(canonical)) {
      check(parser);
    }
    return new SecurityObject(canonical);
  }

  /** Its canonical JSON. */
  public byte[] json() {
    return json;
  }

  private static void check(JsonParser parser) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new DocumentException.BadRequest("Request body must be a JSON object");
    }
    Optional<String> admins = Optional.empty();
    Optional<String> members = Optional.empty();
    Optional<String> readers = Optional.empty();
    boolean hasMembers = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = Json.name(parser);
      parser.nextToken();
      switch (name) {
        case "admins" -> admins = problem(parser);
        case "members" -> {
          hasMembers = true;
          members = problem(parser);
        }
        case "readers" -> readers = problem(parser); // an old name of members in CouchDB
        default -> Json.skipValue(parser);
      }
    }
    Optional<String> first = admins.isPresent() ? admins : hasMembers ? members : readers;
    if (first.isPresent()) {
      throw new DocumentException.BadRequest(first.get());
    }
  }

  /** The error in the names and roles at the parser's position; empty when there is none. */
  private static Optional<String> problem(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return Optional.of("admins or members must be a JSON list of strings");
    }
    boolean names = true;
    boolean roles = true;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = Json.name(parser);
      parser.nextToken();
      switch (name) {
        case "names" -> names = isStrings(parser);
        case "roles" -> roles = isStrings(parser);
        default -> Json.skipValue(parser);
      }
    }
    if (names && roles) {
      return Optional.empty();
    }
    return Optional.of((names ? "roles" : "names") + " must be a JSON list of strings");
  }

  private static boolean isStrings(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return false;
    }
    boolean strings = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      strings &= parser.currentToken() == JsonToken.VALUE_STRING;
      parser.skipChildren();
    }
    return strings;
  }
}
